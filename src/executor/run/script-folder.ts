import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { type ByteString, fromByteString, fsPath, toByteString } from '../../formats/bytestring.ts';
import { ioError } from '../../host/io-error.ts';
import type { BindMount } from './bundle.ts';
import type { RunSpec } from './run-spec.ts';

/** Where BuildKit mounts the script of a RUN. It lies in the /dev of the container, so nothing of it gets into a layer. */
export const SCRIPT_FOLDER = '/dev/pipes';

/** Writes the script of a RUN into a folder of ours, to be mounted. Throws LL_NO_SPACE, LL_IO. */
export function makeScriptFolder(script: NonNullable<RunSpec['script']>, scratchDir: ByteString): BindMount {
  const folder = `${scratchDir}/pipes`;
  const path = `${folder}/${toByteString(script.name)}`;
  try {
    mkdirSync(fsPath(folder));
    chmodSync(fsPath(folder), 0o755);
    writeFileSync(fsPath(path), script.data, { flag: 'wx' });
    chmodSync(fsPath(path), 0o755);
  } catch (error) {
    throw ioError(error, 'Writing the script of a RUN');
  }
  return {
    source: fromByteString(folder),
    destination: SCRIPT_FOLDER,
    isFile: false,
    options: ['rbind', 'ro', 'rprivate'],
  };
}
