import type { ContainerRecord } from '../../store/mounts.ts';
import type { Store } from '../../store/store.ts';

export interface FoundContainer {
  readonly record: ContainerRecord;
  /** By its whole id or name, not by the beginning of an id. */
  readonly exact: boolean;
}

/** A container by its id, its name, or the unambiguous beginning of its id (moby daemon/container.go GetContainer). */
export function findContainer(store: Store, text: string): FoundContainer | undefined {
  const name = text.replace(/^\//, '');
  if (name === '') return undefined;
  const all = store.mounts.containers();
  const record = all.find(({ id }) => id === name) ?? all.find((container) => container.name === name);
  if (record !== undefined) return { record, exact: true };
  const [first, ...others] = all.filter(({ id }) => id.startsWith(name));
  return first === undefined || others.length > 0 ? undefined : { record: first, exact: false };
}
