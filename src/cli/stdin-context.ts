import type { BuildOptions } from '../engine/build-options.ts';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { ARCHIVE_HEAD, looksLikeArchive } from '../formats/looks-like-archive.ts';
import type { CommandContext } from './command.ts';

const MAX_DOCKERFILE = 16 * 1024 * 1024;

/**
 * What `build -` finds on stdin: a tar that is the context, or a Dockerfile; the first bytes tell. Throws LL_USAGE for a
 * terminal, LL_LIMIT for a Dockerfile over 16 MiB.
 */
export async function contextFromStdin(
  context: CommandContext,
): Promise<Pick<BuildOptions, 'contextArchive' | 'dockerfileText'>> {
  if (context.stdinIsTTY) {
    throw new LayerlabError('LL_USAGE', 'the build is to come from stdin, but stdin is a terminal', {
      hint: 'Pipe a Dockerfile or a tar in, e.g. layerlab build - < Dockerfile',
    });
  }
  const source = (context.stdinChunks?.() ?? whole(context))[Symbol.asyncIterator]();
  const chunks: Buffer[] = [];
  let length = 0;
  let ended = false;
  const more = async (): Promise<void> => {
    const next = await source.next();
    ended = next.done === true;
    if (next.done === true) return;
    chunks.push(next.value);
    length += next.value.length;
  };
  while (!ended && length < ARCHIVE_HEAD) await more();
  if (looksLikeArchive(Buffer.concat(chunks))) return { contextArchive: chained(chunks, source) };
  while (!ended && length <= MAX_DOCKERFILE) await more();
  if (length > MAX_DOCKERFILE) throw new LayerlabError('LL_LIMIT', 'the Dockerfile on stdin is over 16 MiB');
  return { dockerfileText: Buffer.concat(chunks).toString() };
}

async function* whole({ readStdin }: CommandContext): AsyncGenerator<Buffer> {
  yield await readStdin();
}

async function* chained(head: readonly Buffer[], rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield* head;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
