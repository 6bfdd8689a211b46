import { realpathSync } from 'node:fs';
import { openStatCache, type StatCache } from '../../executor/cache/stat-cache.ts';
import { toByteString } from '../../formats/bytestring.ts';
import { nowNanos } from '../../formats/go-time.ts';
import type { Compat } from '../../profiles/builder-profile.ts';
import type { DataRootPaths } from '../../store/layout.ts';
import type { BuildOptions } from '../build-options.ts';
import { comesFromElsewhere } from './remote-input.ts';

/**
 * The hashes by which the classic builder knew the files of a context before; undefined where that is no folder that is there
 * the next time. A context is known by where it lies, and each Docker version has hashes of its own.
 */
export function contextStats(options: BuildOptions, compat: Compat, paths: DataRootPaths): StatCache | undefined {
  if (options.context === undefined || comesFromElsewhere(options)) return undefined;
  const folder = toByteString(realpathSync(options.context));
  return openStatCache({
    paths,
    subject: ['tarsum', compat, folder],
    openedAt: nowNanos(),
    anew: options.noCache === true,
  });
}
