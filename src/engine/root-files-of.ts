import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { toByteString } from '../formats/bytestring.ts';
import { diskRootFiles } from '../host/disk-root-files.ts';
import type { RootFiles } from '../host/root-files.ts';
import { openDataRootTar } from '../transports/data-root-tar/open-data-root-tar.ts';

/** The files of a data-root to look into: a folder of this host, or a plain tar that stays packed. Throws LL_TAR. */
export function rootFilesOf(dataRoot: string): RootFiles {
  const path = resolve(dataRoot);
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  return isFile ? openDataRootTar(toByteString(path)) : diskRootFiles;
}
