import type { Hearing } from './hearing.ts';
import { openLatePipe } from './late-pipe.ts';

/** What a shell says of the programs that it starts: lines of an id and an exit code, in a pipe that it has the other end of. */
export interface Answers {
  readonly writeFd: number;
  /** Closes our own end for writing: whoever has it by now is the only one. */
  closeWriting(): void;
  /** The exit code that is said of an id, or KILLED where nobody can say it any more. */
  of(id: string): Promise<number>;
  /** Kept when nobody can say anything any more. */
  readonly ended: Promise<void>;
  /** Whether nobody can say anything any more, as one that does not listen knows by looking. */
  isOver(): boolean;
}

/** As a killed program: nothing else can be said of it. */
const KILLED = 137;

/** @param onOver called once, when nobody can say anything any more */
export function openAnswers(hearing: Hearing, onOver: () => void): Answers {
  const pipe = openLatePipe();
  const waiting = new Map<string, (exitCode: number) => void>();
  let text = '';
  let over = false;
  const hear = (data: Buffer): void => {
    const lines = (text + data.toString('latin1')).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const [id = '', exitCode = ''] = line.split(' ');
      waiting.get(id)?.(Number(exitCode));
    }
  };
  const end = (): void => {
    over = true;
    pipe.close();
    for (const settle of waiting.values()) settle(KILLED);
    onOver();
  };
  return {
    writeFd: pipe.writeFd,
    closeWriting: pipe.closeWriting,
    of: (id) => {
      if (over) return Promise.resolve(KILLED);
      return new Promise<number>((resolve) => waiting.set(id, resolve)).finally(() => void waiting.delete(id));
    },
    ended: hearing.of(pipe, hear, end),
    isOver: () => {
      hearing.look();
      return over;
    },
  };
}
