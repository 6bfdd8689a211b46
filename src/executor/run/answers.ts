import { openLatePipe } from './late-pipe.ts';

/** What a shell says of the programs that it starts: lines of an id and an exit code, in a pipe that it has the other end of. */
export interface Answers {
  readonly writeFd: number;
  /** Closes our own end for writing: whoever has it by now is the only one. */
  closeWriting(): void;
  /** The exit code that is said of an id, or KILLED where nobody can say it any more. Heard while somebody listens. */
  of(id: string): Promise<number>;
  /** As `of`, heard by looking every few milliseconds: for what is said soon. */
  soon(id: string): Promise<number>;
  /** Hears all of it as it comes, from now on; kept when nobody can say anything any more. */
  listen(): Promise<void>;
  /** Whether nobody can say anything any more. */
  isOver(): boolean;
}

/** As a killed program: nothing else can be said of it. */
const KILLED = 137;
const LOOK_MS = 2;

/** @param onOver called once, when nobody can say anything any more */
export function openAnswers(onOver: () => void): Answers {
  const pipe = openLatePipe();
  const waiting = new Map<string, (exitCode: number) => void>();
  let text = '';
  let over = false;
  let listening: Promise<void> | undefined;
  const hear = (data: Buffer): void => {
    const lines = (text + data.toString('latin1')).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const [id = '', exitCode = ''] = line.split(' ');
      waiting.get(id)?.(Number(exitCode));
    }
  };
  const end = (): void => {
    if (over) return;
    over = true;
    pipe.close();
    for (const settle of waiting.values()) settle(KILLED);
    onOver();
  };
  const look = (): void => {
    if (over || listening !== undefined) return;
    const data = pipe.poll();
    if (data === undefined) return;
    if (data.length === 0) end();
    else hear(data);
  };
  const of = (id: string): Promise<number> => {
    if (over) return Promise.resolve(KILLED);
    return new Promise<number>((resolve) => waiting.set(id, resolve)).finally(() => void waiting.delete(id));
  };
  return {
    writeFd: pipe.writeFd,
    closeWriting: pipe.closeWriting,
    of,
    soon: (id) => {
      const timer = setInterval(look, LOOK_MS);
      return of(id).finally(() => clearInterval(timer));
    },
    listen: () => {
      if (!over) listening ??= pipe.listen(hear).finally(end);
      return listening ?? Promise.resolve();
    },
    isOver: () => {
      look();
      return over;
    },
  };
}
