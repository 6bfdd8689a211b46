import type { LatePipe } from './late-pipe.ts';

/**
 * How what comes out of pipes is heard: by looking every other millisecond at first, while somebody waits for it, later as it comes. Node's
 * streams for that take 4 ms to load, and some tenths for each pipe, of the one thread that all commands of a short build are begun in.
 */
export interface Hearing {
  /** Hands on what comes out of a pipe; kept when it has come to its end, or was closed, behind `onEnd`. Heard while somebody attends. */
  of(pipe: LatePipe, onData: (data: Buffer) => void, onEnd?: () => void): Promise<void>;
  /** Waits for what comes of pipes. */
  attend<T>(settled: Promise<T>): Promise<T>;
  /** Hands on what there is by now. */
  look(): void;
  /** Hears everything as it comes, from now on. */
  listen(): void;
}

interface Heard {
  readonly pipe: LatePipe;
  readonly onData: (data: Buffer) => void;
  readonly settle: () => void;
}

const LOOK_MS = 2;
/** Pieces of one pipe that are handed on before others are looked at. */
const MOST_PIECES = 64;

export function openHearing(): Hearing {
  const heard = new Set<Heard>();
  let listens = false;
  let attending = 0;
  let timer: NodeJS.Timeout | undefined;
  const listenTo = (one: Heard): void => {
    one.pipe.listen(one.onData).then(one.settle);
  };
  const lookAt = (one: Heard): void => {
    // Whoever is told of a pipe may have looked or listened in turn.
    for (let piece = 0; piece < MOST_PIECES && heard.has(one); piece++) {
      const data = one.pipe.poll();
      if (data === undefined) return;
      if (data.length > 0) one.onData(data);
      else {
        heard.delete(one);
        one.settle();
        return;
      }
    }
  };
  const look = (): void => {
    for (const one of [...heard]) lookAt(one);
  };
  return {
    of: (pipe, onData, onEnd) =>
      new Promise((resolve) => {
        const settle = (): void => {
          onEnd?.();
          resolve();
        };
        const one = { pipe, onData, settle };
        if (listens) listenTo(one);
        else heard.add(one);
      }),
    attend: async (settled) => {
      if (listens) return settled;
      attending += 1;
      timer ??= setInterval(look, LOOK_MS);
      try {
        return await settled;
      } finally {
        attending -= 1;
        if (attending === 0) {
          clearInterval(timer);
          timer = undefined;
        }
      }
    },
    look,
    listen: () => {
      if (listens) return;
      listens = true;
      clearInterval(timer);
      for (const one of heard) listenTo(one);
      heard.clear();
    },
  };
}
