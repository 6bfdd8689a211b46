import { readdirSync, rmSync } from 'node:fs';
import { type ByteString, fsPath } from '../formats/bytestring.ts';
import { isCacheId, isLinkId } from '../formats/ids.ts';
import { errnoOf } from '../host/io-error.ts';
import { mountPointsBelow, unmountBelow } from '../host/overlay-mount.ts';
import { namesQuickly } from '../host/quick-calls.ts';
import { TEMP_PREFIX } from './atomic-file.ts';
import type { LayerDb } from './layerdb.ts';
import type { DataRootPaths } from './layout.ts';
import { dropLease, surveyLeases } from './leases.ts';
import type { Mounts } from './mounts.ts';
import type { Overlay2 } from './overlay2.ts';
import { pendingCacheIds } from './pending-layers.ts';
import { readSmallFile } from './read-small-file.ts';
import { removeTree } from './remove-tree.ts';

export interface SweepTargets {
  readonly paths: DataRootPaths;
  readonly layers: LayerDb;
  readonly overlay: Overlay2;
  readonly mounts: Mounts;
}

const GRAVE = /^[0-9a-f]{64}-[0-9a-zA-Z]+-removing$/;
const REMOVED_SNAPSHOT = /^removing-(.+)-[0-9a-f]{8}$/;

/**
 * Removes what killed processes left behind: snapshots that a dead lease names and no layer, mount or living lease does,
 * half-written and half-removed layer records, temporary files. Nothing that dockerd or its BuildKit made is touched: they keep
 * snapshots that no layer record names. Call it under the store's lock. Cheap where there is nothing to do.
 */
export function sweepOrphans({ paths, layers, overlay, mounts }: SweepTargets): void {
  const { dead, held } = surveyLeases(paths);
  for (const name of names(paths.layers, '-removing'))
    if (GRAVE.test(name)) finishRemoval(paths, layers, overlay, name);
  for (const name of names(paths.layerTmp)) removeTree(`${paths.layerTmp}/${name}`);
  for (const dir of [paths.image, paths.imageContent]) {
    for (const name of names(dir, TEMP_PREFIX))
      if (name.startsWith(TEMP_PREFIX)) rmSync(fsPath(`${dir}/${name}`), { force: true });
  }
  sweepTmp(paths, new Set(dead.map(({ id }) => id)));
  if (dead.length === 0) return;
  const needed = new Set([
    ...held,
    ...mounts.cacheIds(),
    ...pendingCacheIds(paths),
    ...layers.list().map(({ cacheId }) => cacheId),
  ]);
  for (const lease of dead) {
    for (const id of lease.ids) if (isCacheId(id) && !needed.has(id)) overlay.removeSnapshot(id);
    dropLease(paths, lease.id);
  }
}

/** A layer record that was renamed to be removed takes its snapshot along, unless a newer record uses that. */
function finishRemoval(paths: DataRootPaths, layers: LayerDb, overlay: Overlay2, name: string): void {
  const grave = `${paths.layers}/${name}`;
  const cacheId = readSmallFile(`${grave}/cache-id`, 128)?.toString('latin1') ?? '';
  if (isCacheId(cacheId) && !layers.list().some((layer) => layer.cacheId === cacheId)) overlay.removeSnapshot(cacheId);
  removeTree(grave);
}

/** Our tmp/: half-removed snapshots, and files of dead leases (named `<lease>-...`). */
function sweepTmp(paths: DataRootPaths, dead: ReadonlySet<string>): void {
  for (const name of names(paths.tmp)) {
    const path = `${paths.tmp}/${name}`;
    if (REMOVED_SNAPSHOT.test(name)) {
      const link = readSmallFile(`${path}/link`, 64)?.toString('latin1') ?? '';
      if (isLinkId(link)) rmSync(fsPath(`${paths.links}/${link}`), { force: true });
      removeTree(path);
    } else if (dead.has(name.split('-').slice(0, 2).join('-'))) {
      // What a build had mounted there is another's.
      if (mountPointsBelow(path).length > 0) unmountBelow(path);
      removeTree(path);
    }
  }
}

/** Those that have a part in their names, at least. There may be thousands of others. */
function names(dir: ByteString, part = ''): ByteString[] {
  const quick = namesQuickly(dir, part);
  if (quick !== null) return quick ?? [];
  try {
    return readdirSync(fsPath(dir), { encoding: 'latin1' });
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}
