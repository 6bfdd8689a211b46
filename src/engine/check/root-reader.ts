import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { ByteString } from '../../formats/bytestring.ts';
import { fromByteString } from '../../formats/bytestring.ts';
import { ioError } from '../../host/io-error.ts';
import type { RootFiles, RootStat } from '../../host/root-files.ts';
import type { Finding, Unreadable } from './damage.ts';

/** A small file of the data-root, as far as it can be had. */
export type Small =
  | { readonly state: 'absent' }
  /** No right to read it, or the disk fails: said elsewhere, no step says it again. */
  | { readonly state: 'unreadable' }
  /** No regular file, or larger than such a file can be. */
  | { readonly state: 'odd'; readonly why: string }
  | { readonly state: 'text'; readonly bytes: Buffer; readonly text: string };

/**
 * Reads a data-root without ever failing on it: what the user may not read and what the disk does not give is noted once and
 * looks like nothing afterwards.
 */
export interface RootReader {
  readonly files: RootFiles;
  /** Absolute path of the data-root. */
  readonly root: ByteString;
  readonly unreadable: readonly Unreadable[];
  readonly failed: readonly Finding[];
  stat(path: ByteString): RootStat | undefined;
  /** Names in a folder; none where it is missing. */
  names(path: ByteString): readonly ByteString[];
  small(path: ByteString, limit?: number): Small;
  link(path: ByteString): ByteString | undefined;
  /** The path as it is shown: below the data-root. */
  relative(path: ByteString): ByteString;
  /** Notes an error that a step met by itself. */
  note(path: ByteString, error: unknown): void;
  /** Whether something could not be read: what is missing may be there then. */
  hides(path: ByteString): boolean;
}

export function openRootReader(files: RootFiles, root: ByteString): RootReader {
  const unreadable = new Map<ByteString, Unreadable>();
  const failed = new Map<ByteString, Finding>();
  const relative = (path: ByteString) => (path.startsWith(`${root}/`) ? path.slice(root.length + 1) : '.');
  const note = (path: ByteString, cause: unknown): void => {
    const where = relative(path);
    const error = ioError(cause, `reading ${fromByteString(where)}`);
    if (error.code === 'LL_NO_RIGHT') {
      unreadable.set(where, { where: fromByteString(where), why: 'permission denied' });
    } else {
      failed.set(where, { id: 'read-failed', where, detail: error.message });
    }
  };
  const attempt = <T>(path: ByteString, read: () => T, otherwise: T): T => {
    try {
      return read();
    } catch (error) {
      note(path, error);
      return otherwise;
    }
  };
  return {
    files,
    root,
    get unreadable() {
      return [...unreadable.values()];
    },
    get failed() {
      return [...failed.values()];
    },
    relative,
    note,
    hides: (path) => unreadable.has(relative(path)) || failed.has(relative(path)),
    stat: (path) => attempt(path, () => files.lstat(path), undefined),
    names: (path) => attempt(path, () => files.names(path), undefined) ?? [],
    link: (path) => attempt(path, () => files.readlink(path), undefined),
    small: (path, limit = 4096) => {
      try {
        return readSmall(files, path, limit);
      } catch (error) {
        if (error instanceof LayerlabError && error.code === 'LL_CORRUPT') {
          return { state: 'odd', why: 'is no regular file' };
        }
        note(path, error);
        return { state: 'unreadable' };
      }
    },
  };
}

function readSmall(files: RootFiles, path: ByteString, limit: number): Small {
  const file = files.open(path);
  if (file === undefined) return { state: 'absent' };
  try {
    if (file.size > limit) return { state: 'odd', why: `is ${file.size} bytes long` };
    const bytes = Buffer.alloc(file.size);
    let done = 0;
    while (done < bytes.length) {
      const count = file.read(bytes.subarray(done), done);
      if (count === 0) break;
      done += count;
    }
    const read = bytes.subarray(0, done);
    return { state: 'text', bytes: read, text: read.toString('latin1') };
  } finally {
    file.close();
  }
}
