/**
 * Kinds of work that run functions of their own: which of them a process has done tells whether a compiled form of the program that
 * another process left can have the functions that this one needs.
 */
const WAYS = ['run', 'copy', 'proved copy', 'add', 'workdir', 'classic', 'threads'].flatMap((kind) => [
  kind,
  `${kind} from the cache`,
]);
const taken: boolean[] = WAYS.map(() => false);

/** Tells that a step of this kind was done, or was found in the cache. */
export function takeWay(kind: string, cached: boolean): void {
  const index = WAYS.indexOf(cached ? `${kind} from the cache` : kind);
  if (index >= 0) taken[index] = true;
}

/** A 1 for each kind of work that was done, a 0 for each other. */
export function waysTaken(): string {
  return taken.map((was) => (was ? '1' : '0')).join('');
}
