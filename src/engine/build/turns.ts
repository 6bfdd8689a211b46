/**
 * One piece of work at a time (or `limit` of them), in the order of asking. What works in this thread without a pause gains
 * nothing from being begun at once with others, and everybody would wait for the slowest; in between, whatever has come to an
 * end meanwhile (a command, a signal) gets its turn. Who calls `leave` goes on without being one of them.
 */
export function openTurns(limit = 1): <T>(work: (leave: () => void) => Promise<T>) => Promise<T> {
  let free = limit;
  const waiting: (() => void)[] = [];
  const next = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    const begin = waiting.shift();
    if (begin === undefined) free += 1;
    else begin();
  };
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    let isIn = true;
    const leave = (): void => {
      if (isIn) void next();
      isIn = false;
    };
    try {
      return await work(leave);
    } finally {
      leave();
    }
  };
}
