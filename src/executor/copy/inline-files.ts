import { writeFileSync } from 'node:fs';
import { type ByteString, fsPath, toByteString } from '../../formats/bytestring.ts';
import { ioError } from '../../host/io-error.ts';
import type { InlineDocument } from '../../planner/step.ts';
import { noXattrs } from '../../snapshot/file-tree.ts';
import type { FoundSource } from './find-sources.ts';

/**
 * Writes the texts of a Dockerfile into a folder of ours, where COPY takes them from as it does any other file: 0644,
 * root's, made now. Throws LL_NO_SPACE, LL_IO.
 */
export function stageDocuments(
  documents: readonly InlineDocument[],
  staging: ByteString,
  now: () => bigint,
): readonly FoundSource[] {
  return documents.map(({ name, data }, index) => {
    const path = `${staging}/document-${index}`;
    const bytes = Buffer.from(data, 'utf8');
    try {
      writeFileSync(fsPath(path), bytes, { flag: 'wx', mode: 0o600 });
    } catch (error) {
      throw ioError(error, 'Writing an inline document');
    }
    const time = now();
    const node = {
      kind: 'file',
      mode: 0o644,
      uid: 0,
      gid: 0,
      size: bytes.length,
      mtime: time,
      atime: time,
      major: 0,
      minor: 0,
      target: '',
      inode: '',
      path,
      xattrs: () => noXattrs,
    } as const;
    const shown = toByteString(name);
    return { name: shown, node, path: shown, realPath: shown };
  });
}
