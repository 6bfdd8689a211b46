import { fstatSync, readSync } from 'node:fs';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fromByteString } from '../../formats/bytestring.ts';
import { cleanName } from '../../formats/tar-clean-name.ts';
import type { TarEntry } from '../../formats/tar-entry.ts';
import { tarPadding } from '../../formats/tar-header.ts';
import { TarReader } from '../../formats/tar-reader.ts';
import { ioError } from '../../host/io-error.ts';

/** One file of a tar: its header, and where its content lies. */
export interface TarMember {
  readonly entry: TarEntry;
  /** Of the content, in bytes from the begin of the archive. */
  readonly offset: number;
  /** Bytes of content. */
  readonly size: number;
  /** The same text for all names of one hard-linked file; empty where it has one name. */
  readonly inode: string;
}

/** The files of a tar by their clean relative names ('' is the root), and the names in each folder. */
export interface TarIndex {
  readonly members: ReadonlyMap<ByteString, TarMember>;
  /** Bytewise sorted; folders that the archive only implies are there too. */
  readonly folders: ReadonlyMap<ByteString, readonly ByteString[]>;
}

const BLOCK = 512;
/** Headers of neighbouring small files come with one read. */
const WINDOW = 1 << 16;

/**
 * Reads the headers of a tar in a file and skips its contents: GNU, PAX and older dialects, as `TarReader` does. Of two equal names
 * the last counts; a name that leads out of the archive is left out, and so is a hard link to nothing. Throws LL_TAR where the
 * archive breaks off or a file claims more than there is, LL_TAR_UNSUPPORTED for sparse files, LL_LIMIT.
 */
export function readTarIndex(fd: number): TarIndex {
  const members = new Map<ByteString, TarMember>();
  const names = new Map<ByteString, Set<ByteString>>();
  walkHeaders(fd, (entry, offset, size) => {
    const name = relative(entry.name);
    if (name === undefined) return;
    if (entry.type === '1') link(members, name, relative(entry.linkname));
    else members.set(name, { entry, offset, size, inode: '' });
    addName(names, name);
  });
  const folders = new Map<ByteString, readonly ByteString[]>();
  for (const [folder, found] of names) folders.set(folder, [...found].sort());
  for (const [name, { entry }] of members) if (entry.type === '5' && !folders.has(name)) folders.set(name, []);
  return { members, folders };
}

function link(members: Map<ByteString, TarMember>, name: ByteString, target: ByteString | undefined): void {
  const found = target === undefined ? undefined : members.get(target);
  if (found === undefined || target === undefined || found.entry.type === '5') return;
  const shared = found.inode === '' ? { ...found, inode: target } : found;
  if (shared !== found) members.set(target, shared);
  members.set(name, shared);
}

/** Enters a name in its folder, and that in its own, up to the root. */
function addName(names: Map<ByteString, Set<ByteString>>, name: ByteString): void {
  for (let path = name; path !== ''; ) {
    const slash = path.lastIndexOf('/');
    const folder = slash < 0 ? '' : path.slice(0, slash);
    const known = names.get(folder);
    if (known !== undefined) {
      known.add(path.slice(slash + 1));
      return;
    }
    names.set(folder, new Set([path.slice(slash + 1)]));
    path = folder;
  }
}

function relative(name: ByteString): ByteString | undefined {
  const clean = cleanName(name).replace(/^\/+/, '');
  if (clean === '.') return '';
  return clean === '..' || clean.startsWith('../') ? undefined : clean;
}

function walkHeaders(fd: number, visit: (entry: TarEntry, offset: number, size: number) => void): void {
  const total = fstatSync(fd).size;
  const window = Buffer.allocUnsafe(WINDOW);
  let windowAt = 0;
  let windowSize = 0;
  let offset = 0;
  let content = 0;
  let ended = false;
  const reader = new TarReader({
    header: (entry, _raw, dataSize) => {
      content = dataSize;
      if (dataSize > total - offset - BLOCK) {
        throw new LayerlabError(
          'LL_TAR',
          `the tar archive breaks off within ${JSON.stringify(fromByteString(entry.name))}`,
        );
      }
      visit(entry, offset + BLOCK, dataSize);
    },
    globalHeader: () => {},
    data: () => {},
    end: () => {},
    padding: () => {},
    trailing: () => {
      ended = true;
    },
  });
  while (offset < total && !ended) {
    if (offset < windowAt || offset >= windowAt + windowSize) {
      windowAt = offset;
      windowSize = readAt(fd, window, offset);
      if (windowSize === 0) break;
    }
    const at = offset - windowAt;
    const block = window.subarray(at, Math.min(at + BLOCK, windowSize));
    reader.push(block);
    offset += block.length;
    if (content > 0) {
      const padding = tarPadding(content);
      reader.skipContent();
      reader.push(padding);
      offset += content + padding.length;
      content = 0;
    }
  }
  reader.finish();
}

/** Fills the buffer as far as the file goes. */
export function readAt(fd: number, buffer: Buffer, offset: number): number {
  try {
    let done = 0;
    while (done < buffer.length) {
      const count = readSync(fd, buffer, done, buffer.length - done, offset + done);
      if (count === 0) break;
      done += count;
    }
    return done;
  } catch (error) {
    throw ioError(error, 'reading the tar of the data-root');
  }
}
