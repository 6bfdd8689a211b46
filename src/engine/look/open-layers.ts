import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { Digest } from '../../formats/digest.ts';
import { tarSplitHeaders } from '../../formats/tar-split-reader.ts';
import type { LayerFiles } from '../../snapshot/layer-files.ts';
import { RootLayer } from '../../snapshot/root-layer.ts';
import { TarSplitLayer } from '../../snapshot/tar-split-layer.ts';
import { tarSplitOf } from '../../store/layer-tar.ts';
import { chainOf, type LayerRecord } from '../../store/layerdb.ts';
import type { ContainerRecord, MountRecord } from '../../store/mounts.ts';
import type { Store } from '../../store/store.ts';
import type { Subject } from './find-subject.ts';

/** One layer of what is looked at. */
export interface OpenLayer {
  readonly cacheId: string;
  /** Undefined for the writable layers of a container. */
  readonly record: LayerRecord | undefined;
  readonly files: LayerFiles;
}

/** The layers of an image, a container or of one layer alone, the topmost first. Throws LL_CORRUPT where one is missing. */
export function openLayers(store: Store, subject: Subject): OpenLayer[] {
  if (subject.kind === 'layer') return [openLayer(store, subject.cacheId, subject.record)];
  if (subject.kind === 'image') return chainLayers(store, chainOf(subject.config.diffIds));
  const mount = mountOf(store, subject.container);
  const own = [mount.mountId, mount.initId].flatMap((id) =>
    id === undefined ? [] : [openLayer(store, id, undefined)],
  );
  return [...own, ...chainLayers(store, mount.parent)];
}

/** The record of a container's writable layer. Throws LL_CORRUPT where it is missing. */
export function mountOf(store: Store, { id, name }: ContainerRecord): MountRecord & { readonly mountId: string } {
  const mount = store.mounts.list().find((record) => record.name === id);
  if (mount?.mountId === undefined) throw new LayerlabError('LL_CORRUPT', `container ${name} has no writable layer`);
  return { ...mount, mountId: mount.mountId };
}

function chainLayers(store: Store, top: Digest | undefined): OpenLayer[] {
  if (top === undefined) return [];
  return store.layers
    .chain(top)
    .map((record) => openLayer(store, record.cacheId, record))
    .reverse();
}

/** Committed layers are read from tar-split where the disk cannot hold owners, devices and overlay's marks. */
function openLayer(store: Store, cacheId: string, record: LayerRecord | undefined): OpenLayer {
  const diff = store.overlay.diffPath(cacheId);
  if (store.projected && record !== undefined) {
    const { chainId } = record;
    return {
      cacheId,
      record,
      files: lazily(() => new TarSplitLayer(diff, tarSplitHeaders(tarSplitOf(store, chainId)))),
    };
  }
  if (!store.overlay.has(cacheId)) throw new LayerlabError('LL_CORRUPT', `the folder of layer ${cacheId} is missing`);
  return { cacheId, record, files: new RootLayer(store.files, diff) };
}

function lazily(open: () => LayerFiles): LayerFiles {
  let opened: LayerFiles | undefined;
  const files = (): LayerFiles => {
    opened ??= open();
    return opened;
  };
  return {
    get: (path) => files().get(path),
    names: (path) => files().names(path),
    isOpaque: (path) => files().isOpaque(path),
  };
}
