import type { Writable } from 'node:stream';
import { tarEntryOf } from '../../committer/tar-entry-of.ts';
import type { ByteString } from '../../formats/bytestring.ts';
import { encodeTarHeader, TAR_END, tarPadding } from '../../formats/tar-header.ts';
import type { Store } from '../../store/store.ts';
import { fileOutput, streamOutput } from '../../transports/archive-output.ts';
import type { ExtractItem } from '../extract.ts';
import { readNode } from '../look/read-node.ts';

/** Writes files as a tar, headers as Docker's layers have them, hard links kept; gives what was left out: nothing. */
export async function extractToTar(
  store: Store,
  items: readonly ExtractItem[],
  output: string | Writable,
  progress: (current: number) => void,
): Promise<readonly ExtractItem[]> {
  const sink = typeof output === 'string' ? fileOutput(output) : streamOutput(output);
  const first = new Map<string, ByteString>();
  let done = 0;
  try {
    for (const { name, node } of items) {
      const linkTo = node.inode === '' ? undefined : first.get(node.inode);
      if (node.inode !== '' && linkTo === undefined) first.set(node.inode, name);
      await sink.write(encodeTarHeader(tarEntryOf(node, node.kind === 'dir' ? `${name}/` : name, linkTo)));
      if (node.kind !== 'file' || linkTo !== undefined || node.size === 0) continue;
      for (const chunk of readNode(store, node)) {
        await sink.write(chunk);
        done += chunk.length;
        progress(done);
      }
      await sink.write(tarPadding(node.size));
    }
    await sink.write(TAR_END);
    await sink.finish();
  } catch (error) {
    sink.abort();
    throw error;
  }
  return [];
}
