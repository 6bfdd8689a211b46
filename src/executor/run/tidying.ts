/**
 * What is left to do when a command has ended and its files are settled: the end of its output, and folders that were its own.
 * Nobody who stands on its files has to wait for that.
 */
export interface Tidying {
  /** Adds to what is left. */
  add(work: () => void | Promise<void>): void;
  /** Does all that was added, in this order, and once. Where something fails, the rest is done all the same; throws the first failure. */
  finish(): Promise<void>;
}

export function openTidying(): Tidying {
  const left: (() => void | Promise<void>)[] = [];
  const finish = async (): Promise<void> => {
    let failure: { readonly error: unknown } | undefined;
    for (let work = left.shift(); work !== undefined; work = left.shift()) {
      try {
        await work();
      } catch (error) {
        failure ??= { error };
      }
    }
    if (failure !== undefined) throw failure.error;
  };
  return { add: (work) => void left.push(work), finish };
}

/** Puts work off, where somebody sees to it later; else it is done now. */
export function putOff(tidying: Tidying | undefined, work: () => void): void {
  if (tidying === undefined) work();
  else tidying.add(work);
}
