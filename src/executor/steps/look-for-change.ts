import type { ByteString } from '../../formats/bytestring.ts';
import { isFile, SIZE, wideFact } from '../../host/file-facts.ts';
import type { BuildEnv } from '../build-env.ts';
import type { CacheRecord } from '../cache/build-cache.ts';
import { lacksFile } from '../cache/manifest.ts';
import { changedAfter, type StopsAt } from '../cache/source-stamp.ts';
import { holdKnownLayer } from '../commit-layer.ts';

/** A look for the first file that was changed after the sources of all kept layers were read. */
export interface ChangeLook {
  /** Stops at such a file. */
  readonly stopsAt: StopsAt;
  /** Whether no kept layer has that file as it is now, where the source goes into the folder `to`; false where none was found. */
  isNowhere(env: BuildEnv, to: readonly ByteString[]): boolean;
}

interface Changed {
  readonly below: ByteString;
  readonly path: ByteString;
  readonly size: number;
}

/** @param isWorth asked once, when the first is found: whether it is worth to stop there */
export function lookForChange(records: readonly CacheRecord[], isWorth: () => boolean): ChangeLook {
  const latest = records.reduce((latest, { readAt }) => (readAt > latest ? readAt : latest), 0n);
  let changed: Changed | undefined;
  let isAsked = records.length === 0;
  return {
    stopsAt: (below, facts, folder) => {
      if (isAsked || !isFile(facts) || !changedAfter(facts, latest)) return false;
      isAsked = true;
      if (!isWorth()) return false;
      const name = below.slice(below.lastIndexOf('/') + 1);
      changed = { below, path: `${folder.path}/${name}`, size: wideFact(facts, SIZE) };
      return true;
    },
    isNowhere: (env, to) =>
      changed !== undefined && records.every((record) => lacks(env, record, to, changed as Changed)),
  };
}

function lacks(env: BuildEnv, record: CacheRecord, to: readonly ByteString[], { below, path, size }: Changed): boolean {
  const layer = holdKnownLayer(env, record.layer);
  if (layer === undefined) return true;
  const diff = env.store.overlay.diffPath(layer.cacheId);
  return lacksFile(record, diff, [...to, below].join('/'), { path, size });
}
