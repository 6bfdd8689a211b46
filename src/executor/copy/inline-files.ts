import { writeFileSync } from 'node:fs';
import { type ByteString, fsPath, toByteString } from '../../formats/bytestring.ts';
import { ioError } from '../../host/io-error.ts';
import type { InlineDocument } from '../../planner/step.ts';
import { madeFileNode } from '../../snapshot/made-file-node.ts';
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
    const node = madeFileNode({ path, size: bytes.length, mode: 0o644, time: now() });
    const shown = toByteString(name);
    return { name: shown, node, path: shown, realPath: shown };
  });
}
