import { readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ContextFilter, ContextTree } from '../../executor/context/context-tree.ts';
import { type ByteString, toByteString } from '../../formats/bytestring.ts';
import { nowNanos } from '../../formats/go-time.ts';
import { errnoOf, ioError } from '../../host/io-error.ts';
import { type IgnoreMatcher, type IgnoreRules, parseDockerignore } from '../../parser/dockerignore.ts';
import { builderProfile } from '../../profiles/builder-profile.ts';
import type { CopyFormat } from '../../profiles/copy-format.ts';
import type { BuildOptions } from '../build-options.ts';

/** What says where the input is. */
export type InputOptions = Pick<BuildOptions, 'context' | 'file' | 'dockerfileText' | 'builder' | 'compat'>;

export interface BuildInput {
  /** As it is called in messages. */
  readonly fileName: string;
  readonly text: Buffer;
  readonly context: ContextTree | undefined;
  /** What .dockerignore says; undefined where it says nothing. */
  readonly ignore: IgnoreMatcher | undefined;
}

/** A Dockerfile is text that a person wrote; BuildKit stops at this size too. */
const MAX_FILE = 2 * 1024 * 1024;

/**
 * Reads the Dockerfile and opens the context with its .dockerignore.
 *
 * @param openedAt the time of the context's root folder, nanoseconds
 * @throws LL_CONTEXT where one of them cannot be used, in docker's words
 */
export function readBuildInput(options: InputOptions, openedAt: bigint = nowNanos()): BuildInput {
  const { context } = options;
  const builder = options.builder ?? 'buildkit';
  const folder = context === undefined ? undefined : checkFolder(context);
  const file = readDockerfile(options, folder);
  if (folder === undefined) return { ...file, context: undefined, ignore: undefined };
  const ignore = readIgnore(folder, file.fileName, options, builder);
  const { copies } = builderProfile(builder, options.compat);
  const filter =
    ignore === undefined ? undefined : contextFilter(ignore, builder, relativeTo(folder, options.file), copies);
  const root = toByteString(folder);
  return { ...file, ignore, context: new ContextTree(root, filter, openedAt, builder, copies.sentFolderTimes) };
}

/** Opens a folder that is a named context (BuildKit): its own .dockerignore says what is left out. */
export function openFolder(folder: string): ContextTree {
  const ignore = readFirst([join(folder, '.dockerignore')]);
  const filter =
    ignore === undefined ? undefined : contextFilter(ignore, 'buildkit', '', builderProfile('buildkit').copies);
  return new ContextTree(toByteString(folder), filter, nowNanos(), 'buildkit');
}

function relativeTo(folder: string, file: string | undefined): string {
  const path = file === undefined ? '' : relative(folder, resolve(file));
  return path.startsWith('..') ? '' : path;
}

/** @param dockerfile relative to the context, or an empty text */
function contextFilter(
  matcher: IgnoreMatcher,
  builder: 'buildkit' | 'classic',
  dockerfile: string,
  { sendsEnteredFolders }: CopyFormat,
): ContextFilter {
  const ignores = (name: ByteString, isDir: boolean): boolean => matcher.ignores(name, isDir);
  if (builder === 'buildkit' && sendsEnteredFolders) {
    const enters = (folder: ByteString): boolean => matcher.mayContainIncluded(folder, 'classic');
    return { ignores, mayContainIncluded: enters, showsFolder: enters };
  }
  const path = toByteString(dockerfile);
  // Classic's client sends a Dockerfile that is ignored, in its folder; its daemon removes the file alone.
  const isHeld = builder === 'classic' && path !== '' && matcher.ignores(path, false);
  return {
    ...(isHeld ? { showsFolder: (folder) => path.startsWith(`${folder}/`) } : {}),
    ignores,
    mayContainIncluded: (folder) => matcher.mayContainIncluded(folder, builder),
  };
}

function checkFolder(context: string): string {
  const folder = resolve(context);
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (stat === undefined) {
    throw new LayerlabError('LL_CONTEXT', `unable to prepare context: path ${JSON.stringify(context)} not found`);
  }
  if (!stat.isDirectory()) {
    throw new LayerlabError(
      'LL_CONTEXT',
      `unable to prepare context: path ${JSON.stringify(context)} is not a folder`,
      {
        hint: 'The context is the folder that COPY and ADD take from; name a Dockerfile by -f.',
      },
    );
  }
  return folder;
}

function readDockerfile(options: InputOptions, folder: string | undefined): { fileName: string; text: Buffer } {
  if (options.dockerfileText !== undefined) {
    return { fileName: options.file ?? 'Dockerfile', text: Buffer.from(options.dockerfileText, 'utf8') };
  }
  if (options.file !== undefined) {
    return { fileName: options.file, text: read(resolve(options.file), options.file) };
  }
  if (folder === undefined) throw new LayerlabError('LL_CONTEXT', 'neither a context nor a Dockerfile was given');
  const names = (options.builder ?? 'buildkit') === 'buildkit' ? ['Dockerfile', 'dockerfile'] : ['Dockerfile'];
  for (const name of names) {
    const path = join(folder, name);
    if (statSync(path, { throwIfNoEntry: false }) !== undefined) return { fileName: name, text: read(path, name) };
  }
  throw noDockerfile('Dockerfile');
}

function read(path: string, shown: string): Buffer {
  try {
    const size = statSync(path).size;
    if (size > MAX_FILE) throw new LayerlabError('LL_LIMIT', `${shown} is over ${MAX_FILE} bytes long`);
    return readFileSync(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') throw noDockerfile(shown);
    throw ioError(error, `reading ${shown}`);
  }
}

function noDockerfile(name: string): LayerlabError {
  return new LayerlabError('LL_CONTEXT', `failed to read dockerfile: open ${name}: no such file or directory`, {
    hint: 'Name the file by -f, or the folder that holds a Dockerfile as the last argument.',
  });
}

/** BuildKit looks beside the Dockerfile first; classic's client knows the context's own file alone. */
function readIgnore(
  folder: string,
  fileName: string,
  options: InputOptions,
  builder: 'buildkit' | 'classic',
): IgnoreMatcher | undefined {
  const dockerfile = options.file === undefined ? join(folder, fileName) : resolve(options.file);
  const own = builder === 'buildkit' && options.dockerfileText === undefined ? [`${dockerfile}.dockerignore`] : [];
  return readFirst([...own, join(folder, '.dockerignore')], builderProfile(builder, options.compat).copies.ignoreRules);
}

function readFirst(paths: readonly string[], rules?: IgnoreRules): IgnoreMatcher | undefined {
  for (const path of paths) {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') continue;
      throw ioError(error, 'reading .dockerignore');
    }
    const matcher = parseDockerignore(text, rules);
    return matcher.isEmpty ? undefined : matcher;
  }
  return undefined;
}
