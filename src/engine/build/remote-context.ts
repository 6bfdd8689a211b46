import { writeFileSync } from 'node:fs';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { ContextTree } from '../../executor/context/context-tree.ts';
import type { SentFile } from '../../executor/context/sent-file.ts';
import { downloadProgress } from '../../executor/remote/download-progress.ts';
import { downloadedNode } from '../../executor/remote/downloaded-node.ts';
import { type ByteString, fromByteString, fsPath, toByteString } from '../../formats/bytestring.ts';
import { type GitUrl, parseGitUrl } from '../../formats/git-url.ts';
import { nowNanos } from '../../formats/go-time.ts';
import { redactUrl } from '../../formats/redact-url.ts';
import { type FileNode, type FileTree, noXattrs } from '../../snapshot/file-tree.ts';
import { classicClone } from '../../transports/git/classic-clone.ts';
import { fetchGit, type GitOptions, resolveGit } from '../../transports/git-source.ts';
import { bodyText, openUrl, saveBody } from '../../transports/http-source.ts';
import { readBuildInput } from './read-input.ts';
import type { RemoteContext, RemoteInput } from './remote-input.ts';
import { isArchiveFile, spool, tarInput } from './tar-input.ts';
import { dockerfileIn } from './tree-dockerfile.ts';

type Input = RemoteInput['input'];

const NS = 1_000_000_000n;
/** Values of BUILDKIT_CONTEXT_KEEP_GIT_DIR that mean yes. */
const TRUE = /^(?:1|t|T|true|TRUE|True)$/;

/** Opens a context that is no folder, as each builder does it; see remote-input.ts. */
export async function openContext(request: RemoteContext): Promise<Input> {
  const { context, contextArchive } = request.options;
  if (contextArchive !== undefined) {
    const path = await request.log.run('[internal] load remote build context', (vertex) =>
      spool(contextArchive, `${request.scratch}/sent`, request.options.signal, (bytes) =>
        vertex.status('transferring context:', bytes, 0, false),
      ),
    );
    return tarInput(request, path);
  }
  if (context === undefined) return dockerfileAlone(request, Buffer.from(request.options.dockerfileText ?? ''));
  const git = parseGitUrl(context);
  if (git !== undefined)
    return request.builder === 'classic' ? cloned(request, git) : checkedOut(request, git, context);
  return request.builder === 'classic' ? downloadedClassic(request, context) : downloaded(request, context);
}

/** The classic builder's client puts a Dockerfile that is all there is into a context of its own. */
function dockerfileAlone({ scratch }: RemoteContext, text: Buffer): Input {
  const path = `${scratch}/Dockerfile`;
  writeFileSync(fsPath(path), text, { flag: 'wx', mode: 0o644 });
  const time = nowNanos();
  const node: FileNode & SentFile = {
    ...downloadedNode({ path, size: text.length, sha256: '' }, time),
    mode: 0o644,
    relative: 'Dockerfile',
    implied: false,
    sentXattrs: () => noXattrs,
  };
  return { fileName: 'Dockerfile', text, context: oneFile('Dockerfile', node) };
}

async function checkedOut(request: RemoteContext, url: GitUrl, shown: string): Promise<Input> {
  const { options, log, scratch } = request;
  const keepGitDir = url.keepGitDir ?? TRUE.test(options.buildArgs?.BUILDKIT_CONTEXT_KEEP_GIT_DIR ?? '');
  const folder = await named('failed to read dockerfile: failed to load cache key: ', () =>
    log.run(`[internal] load git source ${redactUrl(shown)}`, async (vertex) => {
      const git = { url, keepGitDir, checksum: url.checksum };
      const running: GitOptions = { ...keys(request), onOutput: (stream, data) => vertex.output(stream, data) };
      return fetchGit(git, await resolveGit(git, running), fromByteString(scratch), running);
    }),
  );
  const tree = new ContextTree(toByteString(folder), undefined, nowNanos(), 'buildkit');
  return { ...dockerfileIn(tree, request), context: tree };
}

async function cloned(request: RemoteContext, url: GitUrl): Promise<Input> {
  const { options, scratch } = request;
  const folder = await classicClone(url, `${fromByteString(scratch)}/clone`, keys(request));
  const file = options.dockerfileText === undefined ? options.file : undefined;
  if (file?.startsWith('/') || file?.split('/').includes('..')) {
    throw new LayerlabError(
      'LL_CONTEXT',
      `unable to prepare context: the Dockerfile (${file}) must be within the build context`,
    );
  }
  const input = readBuildInput({
    ...options,
    context: folder,
    ...(file === undefined ? {} : { file: `${folder}/${file}` }),
  });
  return { fileName: file ?? input.fileName, text: input.text, context: input.context as FileTree };
}

/** The user named the repository, so the user's keys may open it. */
function keys({ options }: RemoteContext): GitOptions {
  return { signal: options.signal, keys: 'own' };
}

async function downloaded(request: RemoteContext, url: string): Promise<Input> {
  const { log, options, scratch } = request;
  const { file, time } = await named('failed to read downloaded context: failed to load cache key: ', () =>
    log.run('[internal] load remote build context', async (vertex) => {
      const onProgress = (bytes: number, total: number): void =>
        vertex.status('transferring context:', bytes, total, false);
      const answer = await openUrl(url, { signal: options.signal });
      if (answer.status < 200 || answer.status >= 400 || answer.status === 304) {
        answer.body.destroy();
        throw new LayerlabError('LL_FETCH', `invalid response status ${answer.status}`);
      }
      const saved = await saveBody(answer, `${scratch}/sent`, { signal: options.signal, onProgress });
      return { file: saved, time: BigInt(answer.lastModified ?? 0) * NS };
    }),
  );
  if (isArchiveFile(file.path)) return tarInput(request, file.path);
  // BuildKit takes what is no archive for the Dockerfile, whatever -f says.
  const context = oneFile('context', downloadedNode(file, time));
  const { dockerfileText, ...rest } = options;
  const given = dockerfileText === undefined ? {} : { dockerfileText };
  return { ...dockerfileIn(context, { ...request, options: { ...rest, ...given, file: 'context' } }), context };
}

async function downloadedClassic(request: RemoteContext, url: string): Promise<Input> {
  const { options, scratch } = request;
  const file = await named(
    `unable to prepare context: unable to download remote context ${redactUrl(url)}: `,
    async () => {
      const answer = await openUrl(url, { signal: options.signal });
      if (answer.status >= 400) {
        const said = await bodyText(answer, 16 * 1024);
        throw new LayerlabError(
          'LL_FETCH',
          `failed to GET ${redactUrl(url)} with status ${answer.statusText}: ${said}`,
        );
      }
      const progress = downloadProgress((_name, bytes, total, done) =>
        options.onEvent?.({ kind: 'downloading', bytes, total, done }),
      );
      const { onProgress } = progress;
      const saved = await saveBody(answer, `${scratch}/sent`, { signal: options.signal, onProgress });
      progress.done(saved);
      return saved;
    },
  );
  if (isArchiveFile(file.path)) return tarInput(request, file.path);
  const found = dockerfileIn(oneFile('Dockerfile', downloadedNode(file, 0n)), {
    ...request,
    options: { ...options, file: 'Dockerfile' },
  });
  return dockerfileAlone(request, found.text);
}

async function named<T>(prefix: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof LayerlabError) || error.code !== 'LL_FETCH') throw error;
    throw new LayerlabError(error.code, prefix + error.message, {
      cause: error,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
}

function oneFile(name: ByteString, node: FileNode): FileTree {
  const time = nowNanos();
  const root = { ...node, kind: 'dir', mode: 0o755, size: 0, path: '', mtime: time, atime: time } as const;
  return { root, child: (_dir, asked) => (asked === name ? node : undefined), names: () => [name] };
}
