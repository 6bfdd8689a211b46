import { type Digest, hexOf } from '../../formats/digest.ts';
import { isLinkId } from '../../formats/ids.ts';
import { chainsOf, type LayerRecord } from '../../store/layerdb.ts';
import type { ContainerRecord } from '../../store/mounts.ts';
import { readSmallFile } from '../../store/read-small-file.ts';
import type { Store } from '../../store/store.ts';
import { layerSteps, plainInstruction } from '../look/layer-steps.ts';
import { shortHex } from './short-hex.ts';

/** What the ids of a data-root stand for, in words. Each question is answered once. */
export interface WhoIsWho {
  /** e.g. `bb:latest` or `image 1ddc7a18ba0b`. */
  image(id: Digest): string;
  /** e.g. `layer 1 of bb:latest: RUN make`. */
  layer(chain: Digest): string;
  /** The layers with this diff_id. */
  diff(diffId: Digest): string;
  /** A folder of overlay2/. */
  snapshot(cacheId: string): string;
  /** A name of overlay2/l/. */
  link(link: string): string;
  container(id: string): string;
}

const NOBODY = 'no layer record names it (a snapshot of BuildKit, or left over)';

export function whoIsWho(store: Store): WhoIsWho {
  const names = once(() => namesOf(store));
  const layers = once(() => layersOf(store, names()));
  const records = once(() => store.layers.list());
  const byCache = once(() => new Map(records().map((record) => [record.cacheId, record])));
  const byDiff = once(() => new Map(records().map((record) => [record.diffId, record])));
  const containers = once(() => new Map(store.mounts.containers().map((record) => [record.id, record])));
  const mounts = once(() => mountsOf(store, containers()));
  const image = (id: Digest): string => names().get(id) ?? `image ${shortHex(hexOf(id))}`;
  const layer = (chain: Digest): string => layers().get(chain) ?? `layer ${shortHex(hexOf(chain))}, of no image`;
  const ofRecord = (record: LayerRecord | undefined, otherwise: string): string =>
    record === undefined ? otherwise : layer(record.chainId);
  const snapshot = (cacheId: string): string => mounts().get(cacheId) ?? ofRecord(byCache().get(cacheId), NOBODY);
  return {
    image,
    layer,
    snapshot,
    diff: (diffId) => ofRecord(byDiff().get(diffId), 'a layer that is not here'),
    link: (link) => {
      if (!isLinkId(link)) return 'what is no short name';
      const target = store.files.readlink(`${store.paths.links}/${link}`);
      const cacheId = /^\.\.\/([0-9a-z-]+)\/diff$/.exec(target ?? '')?.[1];
      return cacheId === undefined ? 'leads to no layer' : snapshot(cacheId);
    },
    container: (id) => {
      const record = containers().get(id);
      if (record === undefined) return 'a container that cannot be read';
      const of = record.image === undefined ? 'no image' : image(record.image);
      return `container ${record.name}, of ${of}${record.running ? ', running' : ''}`;
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** The first name of each image that has one. */
function namesOf(store: Store): ReadonlyMap<Digest, string> {
  const names = new Map<Digest, string>();
  for (const { id, reference } of safely(() => store.references.list()) ?? []) {
    if (!names.has(id) || names.get(id)?.includes('@') === true) names.set(id, reference);
  }
  return names;
}

/** Each layer by the image that shows best what it is: one with a name, else any. */
function layersOf(store: Store, names: ReadonlyMap<Digest, string>): ReadonlyMap<Digest, string> {
  const ids = store.images.list().sort();
  const words = new Map<Digest, string>();
  const others = new Map<Digest, number>();
  for (const id of [...ids.filter((id) => names.has(id)), ...ids.filter((id) => !names.has(id))]) {
    const config = safely(() => store.images.config(id));
    if (config === undefined) continue;
    const steps = layerSteps(config);
    for (const [index, chain] of chainsOf(config.diffIds).entries()) {
      others.set(chain, (others.get(chain) ?? -1) + 1);
      if (words.has(chain)) continue;
      const step = steps[index];
      const instruction = step === undefined ? '' : plainInstruction(step);
      words.set(chain, `layer ${index} of ${names.get(id) ?? shortHex(hexOf(id))}${instruction && `: ${instruction}`}`);
    }
  }
  return new Map(
    [...words].map(([chain, text]) => {
      const more = others.get(chain) ?? 0;
      return [chain, more === 0 ? text : `${text} (and of ${more} more)`];
    }),
  );
}

function mountsOf(store: Store, containers: ReadonlyMap<string, ContainerRecord>): ReadonlyMap<string, string> {
  const words = new Map<string, string>();
  for (const { name, mountId, initId } of store.mounts.list()) {
    const container = containers.get(name);
    const who = container === undefined ? `mount ${shortHex(name)}` : `container ${container.name}`;
    if (mountId !== undefined) words.set(mountId, `what ${who} writes`);
    if (initId !== undefined) words.set(initId, `docker's own files below ${who}`);
  }
  return words;
}

/** A small file's text, by its path in the data-root; undefined where there is none or it cannot be read. */
export function peek(store: Store, path: string): string | undefined {
  return safely(() => readSmallFile(`${store.paths.root}/${path}`, 1 << 16, store.files)?.toString('latin1'));
}

function safely<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
