import { LayerlabError } from '../errors/layerlab-error.ts';
import type { CommandContext } from './command.ts';

const MAX_BYTES = 16 * 1024 * 1024;

const MAGIC: readonly (readonly [what: string, offset: number, bytes: string])[] = [
  ['tar archive', 257, 'ustar'],
  ['gzip archive', 0, '\x1f\x8b'],
  ['bzip2 archive', 0, 'BZh'],
  ['xz archive', 0, '\xfd7zXZ'],
  ['zstd archive', 0, '\x28\xb5\x2f\xfd'],
];

/** The Dockerfile that stdin holds. Throws LL_UNSUPPORTED for an archive, LL_USAGE for a terminal, LL_LIMIT over 16 MiB. */
export async function dockerfileFromStdin({ stdinIsTTY, readStdin }: CommandContext): Promise<string> {
  if (stdinIsTTY) {
    throw new LayerlabError('LL_USAGE', 'the Dockerfile is to come from stdin, but stdin is a terminal', {
      hint: 'Pipe a Dockerfile in, e.g. layerlab build - < Dockerfile',
    });
  }
  const data = await readStdin();
  for (const [what, offset, bytes] of MAGIC) {
    if (data.toString('latin1', offset, offset + bytes.length) !== bytes) continue;
    throw new LayerlabError('LL_UNSUPPORTED', `stdin holds a ${what}; only a Dockerfile is read from stdin`, {
      hint: 'Unpack the context into a folder and name the folder.',
    });
  }
  if (data.length > MAX_BYTES) throw new LayerlabError('LL_LIMIT', 'the Dockerfile on stdin is over 16 MiB');
  return data.toString();
}
