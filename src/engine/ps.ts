import { LayerlabError } from '../errors/layerlab-error.ts';
import type { JsonObject } from '../formats/go-json.ts';
import { nanosOf, parseGoTime } from '../formats/go-time.ts';
import type { ContainerRecord } from '../store/mounts.ts';
import type { Store } from '../store/store.ts';
import { containerFile, member, textOf } from './containers/container-document.ts';
import { type ContainerFilters, parseContainerFilters, passes } from './containers/container-filters.ts';
import { type ContainerMount, containerMounts } from './containers/container-mounts.ts';
import { portTexts } from './containers/container-ports.ts';
import { type ContainerState, containerState } from './containers/container-state.ts';
import { commandText, networkNames } from './containers/inspect-container.ts';
import { writtenBytes } from './containers/written-bytes.ts';
import { tryImage } from './look/find-subject.ts';
import { mountOf } from './look/open-layers.ts';
import { openForReading } from './open-for-reading.ts';

export interface PsOptions {
  readonly dataRoot: string;
  /** Also those that do not run. */
  readonly all?: boolean;
  /** Count what each has written, which looks at its files. */
  readonly sizes?: boolean;
  /** At most so many, the newest; with those that do not run. */
  readonly last?: number;
  /** `id=`, `name=`, `label=k[=v]`, `status=`, `ancestor=`, `exited=`, `before=`, `since=`, `network=`, `volume=`. */
  readonly filters?: readonly string[];
}

/** A container, as its files tell. */
export interface ContainerSummary {
  readonly id: string;
  readonly name: string;
  /** The name it was made by where that still stands for its image, else the image's id; empty for none. */
  readonly image: string;
  readonly imageId: string;
  readonly command: string;
  /** RFC 3339. */
  readonly created: string;
  readonly state: ContainerState;
  readonly ports: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly mounts: readonly ContainerMount[];
  readonly networks: readonly string[];
  /** Bytes written, and with the image's; -1 where not counted. */
  readonly sizeRw: number;
  readonly sizeRootFs: number;
}

/**
 * The containers that a dockerd left in its data-root, or runs there, newest first, as `docker ps` lists them. What is said of their
 * state is what was last written. Containers whose config cannot be read are left out. Throws LL_USAGE for a filter that is unknown.
 */
export function ps(options: PsOptions): ContainerSummary[] {
  const store = openForReading(options.dataRoot);
  const filters: ContainerFilters = parseContainerFilters(store, options.filters ?? []);
  const all = options.all === true || options.last !== undefined || filters.statuses.length > 0;
  const found: { readonly summary: ContainerSummary; readonly time: bigint }[] = [];
  for (const record of store.mounts.containers()) {
    const document = containerFile(store, record.id, 'config.v2.json');
    const summary = summarize(store, record, document, options.sizes === true);
    const runs = member(document.get('State'), 'Running') === true;
    if ((!all && !runs) || !passes(store, filters, summary)) continue;
    found.push({ summary, time: createdNanos(summary.created) });
  }
  const sorted = found.sort((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : 0)).map(({ summary }) => summary);
  return options.last === undefined ? sorted : sorted.slice(0, options.last);
}

function summarize(store: Store, record: ContainerRecord, document: JsonObject, sizes: boolean): ContainerSummary {
  const labels = member(document.get('Config'), 'Labels');
  const sizeRw = sizes ? (ifWhole(() => writtenBytes(store, record)) ?? -1) : -1;
  return {
    id: record.id,
    name: record.name,
    image: shownImage(store, record),
    imageId: record.image ?? '',
    command: commandText(document),
    created: textOf(document.get('Created')),
    state: containerState(document.get('State')),
    ports: portTexts(document.get('NetworkSettings')),
    labels: Object.fromEntries(labels instanceof Map ? [...labels].map(([key, value]) => [key, textOf(value)]) : []),
    mounts: containerMounts(document),
    networks: networkNames(document),
    sizeRw,
    sizeRootFs: sizeRw < 0 ? -1 : sizeRw + (ifWhole(() => sizeBelow(store, record)) ?? 0),
  };
}

/** The name that was given, as long as it stands for the same image (moby daemon/list.go). */
function shownImage(store: Store, { image, imageName }: ContainerRecord): string {
  if (image === undefined) return imageName;
  return tryImage(store, imageName) === image ? imageName : image;
}

/** A container whose layers are damaged is listed all the same. */
function ifWhole<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof LayerlabError && error.code === 'LL_CORRUPT') return undefined;
    throw error;
  }
}

/** Bytes of the layers that it stands on, which are there even where the image is gone. */
function sizeBelow(store: Store, record: ContainerRecord): number {
  const { parent } = mountOf(store, record);
  return parent === undefined ? 0 : store.layers.chain(parent).reduce((sum, { size }) => sum + size, 0);
}

function createdNanos(created: string): bigint {
  try {
    return nanosOf(parseGoTime(created));
  } catch {
    return 0n;
  }
}
