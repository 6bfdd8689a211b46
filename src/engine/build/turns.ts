/**
 * One piece of work at a time, in the order of asking. What works in this thread without a pause gains nothing from being
 * begun at once with others, and everybody would wait for the slowest; in between, whatever has come to an end meanwhile
 * (a command, a signal) gets its turn.
 */
export function openTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<void> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.then(pause, pause);
    return mine;
  };
}

function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
