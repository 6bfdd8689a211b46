import { readlinkSync } from 'node:fs';
import { LayerlabError } from '../../../errors/layerlab-error.ts';
import { type ByteString, fsPath, putByteString } from '../../../formats/bytestring.ts';
import type { Digest } from '../../../formats/digest.ts';
import { openSha256, type Sha256Stream } from '../../../formats/sha256.ts';
import { BLOCK, paddingOf } from '../../../formats/tar-block.ts';
import type { TarType } from '../../../formats/tar-entry.ts';
import { encodeTarHeader, NO_XATTRS, TAR_END } from '../../../formats/tar-header.ts';
import {
  FACT_WORDS,
  type FileFacts,
  MODE,
  MTIME,
  NLINK,
  SIZE,
  secondsFact,
  wideFact,
} from '../../../host/file-facts.ts';
import { errnoOf } from '../../../host/io-error.ts';
import { READS_FILE } from '../../../host/open-file.ts';
import { type Memory, memoryOf, type OpenFolder, type RawFiles, rawFiles } from '../../../host/raw-files.ts';
import { statFolder } from '../../../host/stat-folder.ts';
import { openStampHash, type SourceStamp, type StampHash } from '../../cache/stamp-hash.ts';
import { PlainHeaders } from './plain-headers.ts';

/** A folder of this host that a COPY takes as it is. */
export interface FolderJob {
  /** Where the folder is on this host. */
  readonly path: ByteString;
  /** What stands in front of the names of its files in the tar: empty, or with a slash at its end. */
  readonly prefix: ByteString;
  /** The tar up to and with the header of the folder. */
  readonly before: Uint8Array;
  readonly uid: number;
  readonly gid: number;
  /** No time in the tar is later than this, seconds. */
  readonly latest: number;
  /** Names that must not be in the folder itself, with zero bytes between: there they would replace others. */
  readonly taken: ByteString;
  /** What a stamp of the copy begins with: the text of its source, and the facts of the folder. */
  readonly source: ByteString;
  readonly facts: Uint32Array;
}

/** A folder that was looked at, and nothing of it read yet. */
export interface FolderLook {
  /** The stamp of the copy (see source-stamp). */
  readonly stamp: SourceStamp;
  /**
   * Reads all files: the diff_id of the layer that the copy makes.
   *
   * @param isStopped asked before each file; nothing is given then
   * @returns undefined where anything cannot be read: then the plan tells what the matter is
   */
  hash(isStopped: () => boolean): Digest | undefined;
}

/** More files than these are a matter for several threads, and so are more bytes. */
const MOST_FILES = 1500;
const MOST_BYTES = 24 * 1024 * 1024;
/** Folders within each other: each of them is open while its own are read, and this process has only so many files. */
const MOST_DEPTH = 64;
/** Bytes that go through sha256 at once: calls cost as much as some hundred bytes. */
const PIECE = 256 * 1024;
/** A name has at most 255 bytes. */
const NAME_ROOM = 4096;
const [S_IFMT, S_IFREG, S_IFDIR, S_IFLNK] = [0o170000, 0o100000, 0o040000, 0o120000] as const;

interface Listed {
  readonly path: ByteString;
  readonly names: readonly ByteString[];
  readonly words: Uint32Array;
  /** Those of its files that are folders, in their order. */
  readonly folders: readonly Listed[];
}

/** Of one look at a folder and all below it. */
interface Look {
  readonly stamp: StampHash;
  files: number;
  bytes: number;
}

/**
 * One look at the files of a folder, and what one reading of them makes: the digest that a plan of the COPY and the hash of its tar give,
 * without an object for any file. For ordinary files, folders and symbolic links.
 *
 * @returns undefined for other kinds of files and for hard links, for large and deep folders, on hosts without the calls, and where anything
 *   cannot be looked at: then the plan tells what the matter is
 */
export function lookAtFolder(job: FolderJob): FolderLook | undefined {
  const look: Look = { stamp: openStampHash(), files: 0, bytes: 0 };
  look.stamp.source(job.source);
  look.stamp.file('', { words: job.facts, at: 0 });
  const taken = job.taken === '' ? undefined : new Set(job.taken.split('\0'));
  const folder = unlessInTheWay(() => list(look, job.path, '', taken));
  if (folder === undefined) return undefined;
  return { stamp: look.stamp.finish(), hash: (isStopped) => unlessInTheWay(() => hashTar(job, folder, isStopped)) };
}

/** Undefined where the host has something against it. */
function unlessInTheWay<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof LayerlabError) && errnoOf(error) === undefined) throw error;
    return undefined;
  }
}

/** @param below the path below the folder of the job; empty for itself */
function list(
  look: Look,
  path: ByteString,
  below: ByteString,
  taken?: ReadonlySet<ByteString>,
  depth = 0,
): Listed | undefined {
  if (depth > MOST_DEPTH) return undefined;
  let isTaken = false;
  const found = statFolder(path, (name) => {
    isTaken ||= taken?.has(name) === true;
    look.files += 1;
    // What is too much is not looked at.
    return look.files <= MOST_FILES;
  });
  if (found === undefined || isTaken || look.files > MOST_FILES) return undefined;
  const { names, words } = found;
  const folders: Listed[] = [];
  const facts = { words, at: 0 };
  for (let index = 0; index < names.length; index++, facts.at += FACT_WORDS) {
    const name = names[index] as ByteString;
    const kind = (words[facts.at + MODE] as number) & S_IFMT;
    const inside = below === '' ? name : `${below}/${name}`;
    look.stamp.file(inside, facts);
    if (kind === S_IFDIR) {
      const folder = list(look, `${path}/${name}`, inside, undefined, depth + 1);
      if (folder === undefined) return undefined;
      folders.push(folder);
      continue;
    }
    if ((kind !== S_IFREG && kind !== S_IFLNK) || (words[facts.at + NLINK] as number) !== 1) return undefined;
    if (kind === S_IFREG) look.bytes += wideFact(facts, SIZE);
    if (look.bytes > MOST_BYTES) return undefined;
  }
  return { path, names, words, folders };
}

/** What the files of all folders go through. */
interface Room {
  readonly piece: Memory;
  /** The same bytes as a plain array: that fills and copies without a call of Node's. */
  readonly bytes: Uint8Array;
  readonly name: Memory;
}

let room: Room | undefined;

function openRoom(): Room {
  const piece = Buffer.allocUnsafeSlow(PIECE);
  const bytes = new Uint8Array(piece.buffer, piece.byteOffset, PIECE);
  return { piece: memoryOf(piece), bytes, name: memoryOf(Buffer.allocUnsafeSlow(NAME_ROOM)) };
}

/** What is read goes through one piece of memory into the hash. */
class TarHash {
  readonly #raw: RawFiles = rawFiles();
  readonly #room: Room;
  readonly #job: FolderJob;
  readonly #isStopped: () => boolean;
  readonly #hash: Sha256Stream = openSha256();
  readonly #plain: PlainHeaders;
  #filled = 0;

  constructor(room: Room, job: FolderJob, isStopped: () => boolean) {
    this.#room = room;
    this.#job = job;
    this.#isStopped = isStopped;
    this.#plain = new PlainHeaders(job);
  }

  /** False where it was stopped, or a file is not what it was. */
  folder(listed: Listed, prefix: ByteString): boolean {
    // Names are looked for in the open folder: each path would lead through all folders above it once more.
    const open = { fd: this.#raw.open(listed.path, READS_FILE), path: listed.path };
    try {
      return this.#files(listed, prefix, open);
    } finally {
      this.#raw.close(open.fd);
    }
  }

  #files({ path, names, words, folders }: Listed, prefix: ByteString, open: OpenFolder): boolean {
    const { bytes: room } = this.#room.name;
    let next = 0;
    // Its files' names begin in the same way, until those of a folder in it have been there.
    let isEntered = false;
    const facts = { words, at: 0 };
    for (let index = 0; index < names.length; index++, facts.at += FACT_WORDS) {
      if (this.#isStopped()) return false;
      const name = names[index] as ByteString;
      const kind = (words[facts.at + MODE] as number) & S_IFMT;
      if (kind === S_IFDIR) {
        this.#header('5', `${prefix}${name}/`, facts, '');
        if (!this.folder(folders[next++] as Listed, `${prefix}${name}/`)) return false;
        isEntered = false;
      } else if (kind === S_IFLNK) {
        const target = readlinkSync(fsPath(`${path}/${name}`), { encoding: 'latin1' });
        this.#header('2', prefix + name, facts, target);
      } else {
        if (!isEntered) this.#plain.enter(prefix);
        isEntered = true;
        const length = putByteString(room, name, 0);
        room[length] = 0;
        if (!this.#file(prefix, name, length, facts, open)) return false;
      }
    }
    return true;
  }

  #file(prefix: ByteString, name: ByteString, length: number, facts: FileFacts, open: OpenFolder): boolean {
    const { bytes, piece, name: room } = this.#room;
    const raw = this.#raw;
    const size = wideFact(facts, SIZE);
    if (this.#filled + BLOCK > PIECE) this.#flush();
    if (this.#plain.put(bytes, this.#filled, name, modeOf(facts), size, this.#time(facts))) this.#filled += BLOCK;
    else this.#header('0', prefix + name, facts, '', size);
    const fd = raw.openAt(room, 0, length, READS_FILE, 0, open);
    try {
      for (let left = size; left > 0; ) {
        if (this.#filled === PIECE) this.#flush();
        const count = raw.read(fd, piece, this.#filled, Math.min(left, PIECE - this.#filled));
        if (count === 0) return false;
        this.#filled += count;
        left -= count;
      }
    } finally {
      raw.close(fd);
    }
    const padding = paddingOf(size);
    if (this.#filled + padding > PIECE) this.#flush();
    bytes.fill(0, this.#filled, this.#filled + padding);
    this.#filled += padding;
    return true;
  }

  #header(type: TarType, name: ByteString, facts: FileFacts, linkname: ByteString, size = 0): void {
    const { uid, gid } = this.#job;
    const nobody = { uname: '', gname: '', devmajor: 0, devminor: 0, xattrs: NO_XATTRS };
    const mtime = this.#time(facts);
    this.add(encodeTarHeader({ ...nobody, name, type, mode: modeOf(facts), uid, gid, size, mtime, linkname }));
  }

  #time(facts: FileFacts): number {
    return Math.min(secondsFact(facts, MTIME), this.#job.latest);
  }

  add(bytes: Uint8Array): void {
    if (this.#filled + bytes.length > PIECE) this.#flush();
    if (bytes.length > PIECE) {
      this.#hash.update(bytes);
      return;
    }
    this.#room.bytes.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  finish(): Digest {
    this.#flush();
    return `sha256:${this.#hash.digest()}`;
  }

  #flush(): void {
    this.#hash.update(this.#room.piece.bytes.subarray(0, this.#filled));
    this.#filled = 0;
  }
}

function modeOf({ words, at }: FileFacts): number {
  return (words[at + MODE] as number) & 0o7777;
}

function hashTar(job: FolderJob, folder: Listed, isStopped: () => boolean): Digest | undefined {
  room ??= openRoom();
  const tar = new TarHash(room, job, isStopped);
  tar.add(job.before);
  if (!tar.folder(folder, job.prefix)) return undefined;
  tar.add(TAR_END);
  return tar.finish();
}
