import { LayerlabError } from '../errors/layerlab-error.ts';
import { fromByteString } from '../formats/bytestring.ts';
import { type Digest, isDigest, parseDigest } from '../formats/digest.ts';
import { encodeGoJson, goStruct, type JsonValue, parseGoJson } from '../formats/go-json.ts';
import { canonicalString, familiarName, familiarString, parseReference, type Reference } from '../formats/reference.ts';
import { diskRootFiles } from '../host/disk-root-files.ts';
import type { RootFiles } from '../host/root-files.ts';
import { type NewFile, replaceFiles } from './atomic-file.ts';
import type { DataRootPaths } from './layout.ts';
import { readSmallFile } from './read-small-file.ts';

/** One name of an image. */
export interface ReferenceEntry {
  /** Familiar name of the repository, e.g. `alpine` or `ghcr.io/a/b`. */
  readonly repository: string;
  /** The whole familiar reference, e.g. `alpine:3.19` or `alpine@sha256:...`. */
  readonly reference: string;
  readonly id: Digest;
}

/** `repositories.json`: which names stand for which images (moby reference/store.go). */
export interface References {
  /** All names, sorted by their whole text (`docker.io/library/...`), as dockerd lists the names of an image. */
  list(): ReferenceEntry[];
  /** The image that a name (with a tag or a digest) stands for. */
  resolve(reference: Reference): Digest | undefined;
  /** The names of an image, sorted. */
  byImage(id: Digest): ReferenceEntry[];
  /** Makes a name stand for an image; returns the image it stood for before. */
  set(reference: Reference, id: Digest): Digest | undefined;
  /**
   * The file that makes names stand for an image, for who writes it together with others; none where they all do. To be called under
   * the lock.
   */
  newNames(references: readonly Reference[], id: Digest): readonly NewFile[];
  /** Drops a name, by its familiar text. False where there was none. */
  delete(reference: string): boolean;
}

type Repositories = Map<string, Map<string, string>>;

const FILE_LIMIT = 64 << 20;

/** Opens the names of a data-root. Every call sees the file as it is now; `lock` runs a function while no other process writes. */
export function openReferences(
  paths: DataRootPaths,
  lock: <T>(fn: () => T) => T,
  files: RootFiles = diskRootFiles,
): References {
  const read = (): Repositories => parse(paths, readSmallFile(paths.repositories, FILE_LIMIT, files));
  // A listing asks for the names of every image: the same bytes are taken apart and sorted once.
  let last: { readonly bytes: Buffer | undefined; readonly list: readonly ReferenceEntry[] } | undefined;
  const list = (): readonly ReferenceEntry[] => {
    const bytes = readSmallFile(paths.repositories, FILE_LIMIT, files);
    if (last === undefined || !sameBytes(last.bytes, bytes)) last = { bytes, list: entries(parse(paths, bytes)) };
    return last.list;
  };
  return {
    list: () => [...list()],
    resolve: (reference) => {
      const id = read().get(familiarName(reference))?.get(familiarString(reference));
      return id !== undefined && isDigest(id) ? id : undefined;
    },
    byImage: (id) => list().filter((entry) => entry.id === id),
    set: (reference, id) =>
      lock(() => {
        const { before, file } = withNames(paths, read(), [reference], id);
        replaceFiles([file]);
        return before !== undefined && isDigest(before) ? before : undefined;
      }),
    newNames: (references, id) => withNames(paths, read(), references, id).file,
    delete: (reference) =>
      lock(() => {
        const repositories = read();
        for (const [name, names] of repositories) {
          if (!names.delete(reference)) continue;
          if (names.size === 0) repositories.delete(name);
          replaceFiles([[fileOf(paths, repositories)]]);
          return true;
        }
        return false;
      }),
  };
}

function sameBytes(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.equals(b);
}

function entries(repositories: Repositories): ReferenceEntry[] {
  const found: { readonly entry: ReferenceEntry; readonly key: string }[] = [];
  for (const [repository, names] of repositories) {
    for (const [reference, id] of names) {
      if (isDigest(id)) found.push({ entry: { repository, reference, id }, key: wholeName(reference) });
    }
  }
  return found.sort((a, b) => compare(a.key, b.key)).map(({ entry }) => entry);
}

/** A name that somebody wrote into the file by hand may be out of grammar: it is listed as it is. */
function wholeName(reference: string): string {
  try {
    return canonicalString(parseReference(reference));
  } catch {
    return reference;
  }
}

/** Names that are to stand for an image among those that are there: the file, if it changes, and what the last of them stood for before. */
function withNames(
  paths: DataRootPaths,
  repositories: Repositories,
  references: readonly Reference[],
  id: Digest,
): { readonly file: readonly NewFile[]; readonly before: string | undefined } {
  let changed = false;
  let before: string | undefined;
  for (const reference of references) {
    const name = familiarName(reference);
    const names = repositories.get(name) ?? new Map<string, string>();
    const key = familiarString(reference);
    before = names.get(key);
    if (before === id) continue;
    names.set(key, parseDigest(id));
    repositories.set(name, names);
    changed = true;
  }
  return { file: changed ? [fileOf(paths, repositories)] : [], before };
}

function fileOf(paths: DataRootPaths, repositories: Repositories): NewFile {
  return [paths.repositories, encodeGoJson(goStruct([['Repositories', repositories]])), 0o600];
}

/** Texts only: what is anything else would make dockerd refuse the whole file, so it is refused here too. */
function parse(paths: DataRootPaths, bytes: Buffer | undefined): Repositories {
  const repositories: Repositories = new Map();
  if (bytes === undefined) return repositories;
  let document: JsonValue;
  try {
    document = parseGoJson(bytes);
  } catch (cause) {
    throw damaged(paths, 'is no JSON', cause);
  }
  const outer = document instanceof Map ? (document.get('Repositories') ?? null) : undefined;
  if (outer === null) return repositories;
  if (!(outer instanceof Map)) throw damaged(paths, 'has no repositories');
  for (const [repository, names] of outer) {
    if (!(names instanceof Map)) throw damaged(paths, `names no images for ${JSON.stringify(repository)}`);
    const inner = new Map<string, string>();
    for (const [reference, id] of names) {
      if (typeof id !== 'string') throw damaged(paths, `has no image id for ${JSON.stringify(reference)}`);
      inner.set(reference, id);
    }
    repositories.set(repository, inner);
  }
  return repositories;
}

function damaged(paths: DataRootPaths, what: string, cause?: unknown): LayerlabError {
  return new LayerlabError('LL_CORRUPT', `${fromByteString(paths.repositories)} ${what}`, {
    cause,
    hint: 'Images are still there under their ids; a copy of the file from a backup brings their names back.',
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
