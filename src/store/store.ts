import { lstatSync } from 'node:fs';
import { resolve } from 'node:path';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fsPath, toByteString } from '../formats/bytestring.ts';
import { assertNotInUse, assertWritableLayout } from './assert-usable.ts';
import { type Distribution, openDistribution } from './distribution.ts';
import { type ImageDb, openImageDb } from './imagedb.ts';
import { type LayerDb, openLayerDb } from './layerdb.ts';
import { createLayout, type DataRootPaths, dataRootPaths } from './layout.ts';
import { type Lease, type LeaseSurvey, openLease, surveyLeases } from './leases.ts';
import { withLock } from './locks.ts';
import { type Mounts, openMounts } from './mounts.ts';
import { type Overlay2, openOverlay2 } from './overlay2.ts';
import { openReferences, type References } from './references.ts';
import { sweepOrphans } from './sweep-orphans.ts';

/** An open data-root. Write in this order: layer data, layers, images, references; so a cut leaves orphans at worst. */
export interface Store {
  readonly mode: 'read' | 'write';
  /** The data-root as it was given, made absolute; for showing. */
  readonly dataRoot: string;
  readonly paths: DataRootPaths;
  readonly layers: LayerDb;
  readonly images: ImageDb;
  readonly references: References;
  readonly overlay: Overlay2;
  readonly mounts: Mounts;
  readonly distribution: Distribution;
  /**
   * True: the files in `diff` do not carry owners, devices and overlay's attributes (the data-root is not root's), so
   * metadata has to be read from tar-split.
   */
  readonly projected: boolean;
  /** Runs a short synchronous function while no other process changes the data-root. */
  lock<T>(fn: () => T): T;
  /** This store's lease, opened at first use. Write mode only. */
  lease(): Lease;
  /** What other processes need; call it inside of `lock`. */
  leases(): LeaseSurvey;
  /** Ends the lease. The store may be used on. */
  close(): void;
}

/** As `store.lock`: for callers that are handed a store. */
export function withStoreLock<T>(store: Store, fn: () => T): T {
  return store.lock(fn);
}

/**
 * Opens a data-root.
 *
 * `read` writes nothing, and works on a copy, on a dead host's disk and beside a running dockerd; a folder that is missing or
 * empty is a data-root without images. `write` makes the layout where it is missing and sweeps what killed processes left.
 * Throws LL_DATA_ROOT where the folder cannot be one, LL_DATA_ROOT_IN_USE (write) where a dockerd runs on it.
 */
export function openStore(dataRoot: string, options: { readonly mode: 'read' | 'write' }): Store {
  const { mode } = options;
  const shown = resolve(dataRoot);
  const root: ByteString = toByteString(process.platform === 'win32' ? shown.replaceAll('\\', '/') : shown);
  if (mode === 'write') {
    assertWritableLayout(root);
    assertNotInUse(root);
  } else if (lstatSync(fsPath(root), { throwIfNoEntry: false })?.isFile() === true) {
    throw new LayerlabError('LL_DATA_ROOT', `${shown} is not a folder`);
  }
  const paths = mode === 'write' ? createLayout(root) : dataRootPaths(root);
  const mayWrite = (): void => {
    if (mode === 'read') throw new LayerlabError('LL_DATA_ROOT', `${shown} was opened for reading only`);
  };
  const lock = <T>(fn: () => T): T => {
    mayWrite();
    return withLock(paths.lock, fn);
  };
  let mine: Lease | undefined;
  const lease = (): Lease => {
    mayWrite();
    mine ??= openLease(paths, lock);
    return mine;
  };
  const layers = openLayerDb(paths, lock);
  const mounts = openMounts(paths);
  const overlay = openOverlay2(paths, lock, (cacheId) => lease().hold([cacheId]));
  const store: Store = {
    mode,
    dataRoot: shown,
    paths,
    layers,
    images: openImageDb(paths, layers, lock),
    references: openReferences(paths, lock),
    overlay,
    mounts,
    distribution: openDistribution(paths, lock),
    projected: isProjected(root),
    lock,
    lease,
    leases: () => surveyLeases(paths),
    close: () => {
      mine?.release();
      mine = undefined;
    },
  };
  if (mode === 'write') lock(() => sweepOrphans({ paths, layers, overlay, mounts }));
  return store;
}

function isProjected(root: ByteString): boolean {
  const getuid = process.geteuid;
  if (getuid === undefined || getuid() !== 0 || process.platform !== 'linux') return true;
  return (lstatSync(fsPath(root), { throwIfNoEntry: false })?.uid ?? 0) !== 0;
}
