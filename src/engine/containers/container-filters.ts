import { LayerlabError } from '../../errors/layerlab-error.ts';
import { chainOf, chainsOf } from '../../store/layerdb.ts';
import type { Store } from '../../store/store.ts';
import { findContainer } from '../look/find-container.ts';
import { tryImage } from '../look/find-subject.ts';
import type { ContainerSummary } from '../ps.ts';

/** What a container must fit: within a kind one of the values (labels: all), and each kind. */
export interface ContainerFilters {
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly statuses: readonly string[];
  /** Creation times of the containers that `before` and `since` name, as Go compares them. */
  readonly before: string | undefined;
  readonly since: string | undefined;
}

const KINDS = new Set(['id', 'name', 'label', 'status', 'ancestor', 'exited', 'before', 'since', 'network', 'volume']);
const STATUSES = new Set(['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']);

/** Throws LL_USAGE for an unknown kind or status, LL_NOT_FOUND for a container that is not there. */
export function parseContainerFilters(store: Store, filters: readonly string[]): ContainerFilters {
  const values = new Map<string, string[]>();
  for (const filter of filters) {
    const equals = filter.indexOf('=');
    const [kind, value] = [filter.slice(0, equals), filter.slice(equals + 1)];
    if (equals < 0 || !KINDS.has(kind)) throw new LayerlabError('LL_USAGE', `invalid filter '${filter}'`);
    if (kind === 'status' && !STATUSES.has(value)) {
      throw new LayerlabError('LL_USAGE', `invalid filter 'status=${value}'`, {
        hint: `A status is one of ${[...STATUSES].join(', ')}.`,
      });
    }
    values.set(kind, [...(values.get(kind) ?? []), value]);
  }
  const made = (kind: string): string | undefined => {
    const name = values.get(kind)?.at(-1);
    if (name === undefined) return undefined;
    const found = findContainer(store, name);
    if (found === undefined) throw new LayerlabError('LL_NOT_FOUND', `No such container: ${name}`);
    return found.record.created;
  };
  return { values, statuses: values.get('status') ?? [], before: made('before'), since: made('since') };
}

export function passes(store: Store, filters: ContainerFilters, container: ContainerSummary): boolean {
  const any = (kind: string, fits: (value: string) => boolean): boolean => {
    const wanted = filters.values.get(kind);
    return wanted === undefined || wanted.some(fits);
  };
  const labels = filters.values.get('label') ?? [];
  return (
    any('id', (value) => container.id.startsWith(value)) &&
    any('name', (value) => container.name.includes(value.replace(/^\//, ''))) &&
    labels.every((label) => hasLabel(container, label)) &&
    any('status', (value) => container.state.status === value) &&
    any('exited', (value) => container.state.status === 'exited' && String(container.state.exitCode) === value) &&
    any('network', (value) => container.networks.includes(value)) &&
    any('volume', (value) =>
      container.mounts.some(({ name, destination }) => name === value || destination === value),
    ) &&
    any('ancestor', (value) => descends(store, container, value)) &&
    (filters.before === undefined || container.created < filters.before) &&
    (filters.since === undefined || container.created > filters.since)
  );
}

function hasLabel({ labels }: ContainerSummary, wanted: string): boolean {
  const equals = wanted.indexOf('=');
  const key = equals < 0 ? wanted : wanted.slice(0, equals);
  return Object.hasOwn(labels, key) && (equals < 0 || labels[key] === wanted.slice(equals + 1));
}

/** Of that image, or of one that has all its layers below its own. */
function descends(store: Store, container: ContainerSummary, name: string): boolean {
  const ancestor = tryImage(store, name);
  if (ancestor === undefined) return false;
  if (ancestor === container.imageId) return true;
  const below = store.images.config(ancestor);
  const own = store.images.list().find((id) => id === container.imageId);
  const config = own === undefined ? undefined : store.images.config(own);
  const top = below === undefined ? undefined : chainOf(below.diffIds);
  return top !== undefined && config !== undefined && chainsOf(config.diffIds).includes(top);
}
