import { readSync } from 'node:fs';
import { posix } from 'node:path';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fromByteString } from '../../formats/bytestring.ts';
import { cleanName } from '../../formats/tar-clean-name.ts';
import type { TarEntry } from '../../formats/tar-entry.ts';
import { tarPadding } from '../../formats/tar-header.ts';
import { TarReader } from '../../formats/tar-reader.ts';
import { ioError } from '../../host/io-error.ts';

/** Files of a tar that can be read in any order. Names are clean and relative; of two equal ones the last counts. */
export interface ArchiveIndex {
  has(name: string): boolean;
  /** A whole small file. Throws LL_ARCHIVE where it is missing, LL_LIMIT where it is longer. */
  read(name: string, limit: number): Buffer;
  size(name: string): number;
  /** A file in pieces; a piece is valid until the next is asked for. */
  chunks(name: string): Iterable<Buffer>;
}

type Member =
  | { readonly kind: 'file'; readonly offset: number; readonly size: number }
  | { readonly kind: 'link'; readonly target: ByteString };

const BLOCK = 512;
const CHUNK = 1 << 20;
const MAX_LINKS = 16;
const MAX_ENTRIES = 200_000;

/** Reads the headers of a tar in a file, and skips its contents. Throws LL_TAR, LL_BREAKOUT for a name or link that leads out. */
export function indexArchive(fd: number): ArchiveIndex {
  const members = readMembers(fd);
  const find = (name: string): Extract<Member, { kind: 'file' }> => {
    let at = clean(Buffer.from(name, 'utf8').toString('latin1'));
    for (let links = 0; links <= MAX_LINKS; links++) {
      const member = members.get(at);
      if (member === undefined) throw new LayerlabError('LL_ARCHIVE', `the image archive has no file ${quoted(name)}`);
      if (member.kind === 'file') return member;
      at = member.target;
    }
    throw new LayerlabError('LL_ARCHIVE', `the links of ${quoted(name)} in the image archive lead in a circle`);
  };
  return {
    has: (name) => members.has(clean(Buffer.from(name, 'utf8').toString('latin1'))),
    size: (name) => find(name).size,
    read: (name, limit) => {
      const { offset, size } = find(name);
      if (size > limit)
        throw new LayerlabError('LL_LIMIT', `${quoted(name)} in the image archive is ${size} bytes long`);
      const buffer = Buffer.alloc(size);
      readFully(fd, buffer, offset);
      return buffer;
    },
    chunks: function* (name) {
      const { offset, size } = find(name);
      const buffer = Buffer.allocUnsafe(Math.min(CHUNK, size));
      for (let done = 0; done < size; ) {
        const part = buffer.subarray(0, Math.min(CHUNK, size - done));
        readFully(fd, part, offset + done);
        done += part.length;
        yield part;
      }
    },
  };
}

function readMembers(fd: number): ReadonlyMap<ByteString, Member> {
  const members = new Map<ByteString, Member>();
  let offset = 0;
  let content = 0;
  const reader = new TarReader(
    {
      header: (entry, _raw, dataSize) => {
        content = dataSize;
        const member = memberOf(entry, offset + BLOCK, dataSize);
        if (member !== undefined) members.set(clean(entry.name), member);
      },
      globalHeader: () => {},
      data: () => {},
      end: () => {},
      padding: () => {},
      trailing: () => {},
    },
    { maxEntries: MAX_ENTRIES },
  );
  const block = Buffer.alloc(BLOCK);
  for (;;) {
    const count = readAt(fd, block, offset);
    if (count === 0) break;
    reader.push(block.subarray(0, count));
    offset += count;
    if (content > 0) {
      reader.skipContent();
      reader.push(tarPadding(content));
      offset += content + tarPadding(content).length;
      content = 0;
    }
  }
  reader.finish();
  return members;
}

function memberOf(entry: TarEntry, offset: number, size: number): Member | undefined {
  if (entry.type === '0') return { kind: 'file', offset, size };
  if (entry.type === '1') return { kind: 'link', target: clean(entry.linkname) };
  if (entry.type !== '2') return undefined;
  const absolute = entry.linkname.startsWith('/');
  return {
    kind: 'link',
    target: clean(absolute ? entry.linkname : posix.join(posix.dirname(cleanName(entry.name)), entry.linkname)),
  };
}

function clean(name: ByteString): ByteString {
  const relative = cleanName(name).replace(/^\/+/, '');
  if (relative === '..' || relative.startsWith('../')) {
    throw new LayerlabError('LL_BREAKOUT', `${quoted(fromByteString(name))} leads out of the image archive`);
  }
  return relative;
}

function readFully(fd: number, buffer: Buffer, offset: number): void {
  for (let done = 0; done < buffer.length; ) {
    const count = readAt(fd, buffer.subarray(done), offset + done);
    if (count === 0) throw new LayerlabError('LL_ARCHIVE', 'the image archive breaks off');
    done += count;
  }
}

function readAt(fd: number, buffer: Buffer, offset: number): number {
  try {
    return readSync(fd, buffer, 0, buffer.length, offset);
  } catch (error) {
    throw ioError(error, 'reading the image archive');
  }
}

function quoted(name: string): string {
  return JSON.stringify(name);
}
