import { lstatSync } from 'node:fs';
import { resolve } from 'node:path';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fsPath, toByteString } from '../formats/bytestring.ts';
import { diskRootFiles } from '../host/disk-root-files.ts';
import { useNodeLibraries } from '../host/node-libraries.ts';
import type { RootFiles } from '../host/root-files.ts';
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
  /** The data-root's files, by the names in `paths`: on this host's disk, or inside of a tar. For reading. */
  readonly files: RootFiles;
  readonly layers: LayerDb;
  readonly images: ImageDb;
  readonly references: References;
  readonly overlay: Overlay2;
  readonly mounts: Mounts;
  readonly distribution: Distribution;
  /**
   * True: the files in `diff` do not carry owners, devices and overlay's attributes (the data-root is not root's), so
   * metadata has to be read from tar-split. So it is for a tar, which may have been made without extended attributes.
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

export type OpenStoreOptions =
  | { readonly mode: 'write' }
  | { readonly mode: 'read'; readonly files?: RootFiles | undefined };

/** As `store.lock`: for callers that are handed a store. */
export function withStoreLock<T>(store: Store, fn: () => T): T {
  return store.lock(fn);
}

/**
 * Opens a data-root.
 *
 * `read` writes nothing, and works on a copy, on a dead host's disk and beside a running dockerd; a folder that is missing or
 * empty is a data-root without images. `write` makes the layout where it is missing and sweeps what killed processes left.
 * `files` (read) has the files of a data-root that is no folder of this host. Throws LL_DATA_ROOT where the folder cannot be
 * one, LL_DATA_ROOT_IN_USE (write) where a dockerd runs on it.
 */
export function openStore(dataRoot: string, options: OpenStoreOptions): Store {
  useNodeLibraries();
  const { mode } = options;
  const files = mode === 'read' ? (options.files ?? diskRootFiles) : diskRootFiles;
  const shown = resolve(dataRoot);
  const root: ByteString = toByteString(process.platform === 'win32' ? shown.replaceAll('\\', '/') : shown);
  if (mode === 'write') {
    assertWritableLayout(root);
    assertNotInUse(root);
  } else if (files === diskRootFiles && lstatSync(fsPath(root), { throwIfNoEntry: false })?.isFile() === true) {
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
  const layers = openLayerDb(paths, lock, files);
  const mounts = openMounts(paths, files);
  const overlay = openOverlay2(paths, lock, (cacheId) => lease().hold([cacheId]), files);
  const store: Store = {
    mode,
    dataRoot: shown,
    paths,
    files,
    layers,
    images: openImageDb(paths, layers, lock, files),
    references: openReferences(paths, lock, files),
    overlay,
    mounts,
    distribution: openDistribution(paths, lock, files),
    projected: files === diskRootFiles ? isProjected(root) : true,
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
