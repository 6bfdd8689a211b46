import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { openTarContext } from '../../executor/context/tar-context.ts';
import { type ByteString, fsPath } from '../../formats/bytestring.ts';
import { ARCHIVE_HEAD, looksLikeArchive } from '../../formats/looks-like-archive.ts';
import { ioError } from '../../host/io-error.ts';
import { parseDockerignore } from '../../parser/dockerignore.ts';
import type { FileTree } from '../../snapshot/file-tree.ts';
import type { RemoteContext, RemoteInput } from './remote-input.ts';
import { dockerfileIn, readTreeFile } from './tree-dockerfile.ts';

/** Keeps what is sent in a file, so that memory stays flat; gives its path. Whoever sends may be slow: `signal` ends it. */
export async function spool(
  chunks: AsyncIterable<Buffer>,
  path: ByteString,
  signal: AbortSignal | undefined,
  onProgress: (bytes: number) => void,
): Promise<ByteString> {
  const fd = openSync(fsPath(path), 'wx', 0o600);
  const source = chunks[Symbol.asyncIterator]();
  const aborted = new Promise<never>((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => undefined);
  let bytes = 0;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const next = await Promise.race([source.next(), aborted]);
      if (next.done === true) break;
      for (let at = 0; at < next.value.length; ) at += writeSync(fd, next.value, at);
      bytes += next.value.length;
      onProgress(bytes);
    }
  } catch (error) {
    throw signal?.aborted === true ? error : ioError(error, 'keeping the build context');
  } finally {
    closeSync(fd);
  }
  return path;
}

/** Whether a file that was fetched is an archive, and not a Dockerfile. */
export function isArchiveFile(path: ByteString): boolean {
  const head = Buffer.alloc(ARCHIVE_HEAD);
  const fd = openSync(fsPath(path), 'r');
  try {
    return looksLikeArchive(head.subarray(0, readSync(fd, head, 0, head.length, 0)));
  } finally {
    closeSync(fd);
  }
}

/** Opens a tar as the context, and finds the Dockerfile in it. No .dockerignore counts. */
export async function tarInput(request: RemoteContext, path: ByteString): Promise<RemoteInput['input']> {
  const { builder, scratch, options } = request;
  const context = await openTarContext(path, `${scratch}/files`, builder);
  rmSync(fsPath(path), { force: true });
  const found = dockerfileIn(context.tree, request);
  if (builder === 'classic') {
    const named = options.dockerfileText === undefined ? [found.fileName] : [];
    for (const name of ignored(context.tree, named)) context.remove(name);
  }
  return { ...found, context: context.tree };
}

/** The classic daemon takes the Dockerfile and .dockerignore out of a context whose .dockerignore names them. */
function ignored(tree: FileTree, names: readonly string[]): readonly string[] {
  const text = readTreeFile(tree, '.dockerignore');
  if (text === undefined) return [];
  const matcher = parseDockerignore(text.toString('utf8'));
  return ['.dockerignore', ...names].filter((name) => !name.includes('/') && matcher.ignores(name, false));
}
