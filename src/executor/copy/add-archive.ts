import { closeSync, openSync, writeSync } from 'node:fs';
import type { EarlyFiles } from '../../committer/ahead/early-files.ts';
import { boundTime } from '../../committer/bound-time.ts';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fromByteString, fsPath } from '../../formats/bytestring.ts';
import type { TarEntry } from '../../formats/tar-entry.ts';
import { type TarLimits, TarReader } from '../../formats/tar-reader.ts';
import { tarNanoseconds } from '../../formats/tar-time.ts';
import { ChangeNode, type Content } from '../../snapshot/change-node.ts';
import type { ChangeTree } from '../../snapshot/change-tree.ts';
import type { FileKind, FileNode } from '../../snapshot/file-tree.ts';
import { splitPath } from '../../snapshot/resolve-path.ts';
import { decompress } from '../../transports/decompress.ts';
import type { ArchiveDigests } from './archive-digests.ts';
import { ArchiveParts } from './archive-parts.ts';
import { makeDirs } from './make-dirs.ts';
import type { Owner } from './owner.ts';
import { readSource } from './read-source.ts';

/** How an archive is unpacked. */
export interface Unpacking {
  /** A folder of ours on the file system of the snapshot; contents wait there until the layer is written. */
  readonly staging: ByteString;
  /** Contents become parts of the archive, or of one file that it is decompressed into, instead of a file each. */
  readonly asParts?: boolean;
  /** Where contents are parts: whether the archive's sha256 is wanted. */
  readonly isHashed?: boolean;
  /** Gets that sha256 by the archive's path, where it need not be there at once. */
  readonly digests?: ArchiveDigests | undefined;
  /** BuildKit: `--chown` owns all that is unpacked. Classic keeps the archive's owners. */
  readonly owner: Owner | undefined;
  readonly now: () => bigint;
  /** Where contents are parts: gets each file as soon as its content is there. */
  readonly early?: EarlyFiles | undefined;
}

export interface ArchiveAdder extends Unpacking {
  /** How an archive may be compressed; one in another way is copied as it is. */
  readonly compressions: ReadonlySet<string>;
}

const kinds: Readonly<Record<TarEntry['type'], FileKind>> = {
  '0': 'file',
  '1': 'file',
  '2': 'symlink',
  '3': 'char',
  '4': 'block',
  '5': 'dir',
  '6': 'fifo',
};

const NS = 1_000_000_000n;
/** So many bytes of a content take longer to be read than it takes to go on behind them. */
const WORTH_PASSING = 64 * 1024;
/** A first header has to show within so many bytes. */
const LOOK = 64 * 1024;
let staged = 0;

/** Whether a file is an archive that ADD unpacks: its content, decompressed, begins with a tar header. The name says nothing. */
export async function isArchive(path: ByteString, compressions: ReadonlySet<string>): Promise<boolean> {
  let isTar = false;
  const reader = new TarReader({
    header: () => {
      isTar = true;
    },
    globalHeader: () => {
      isTar = true;
    },
    data: () => undefined,
    end: () => undefined,
    padding: () => undefined,
    trailing: () => undefined,
  });
  try {
    let seen = 0;
    const { compression, chunks } = decompress(readSource(path));
    if (!compressions.has(compression)) return false;
    for await (const chunk of chunks) {
      reader.push(chunk.subarray(0, LOOK));
      seen += chunk.length;
      if (isTar || seen >= LOOK) break;
    }
  } catch (error) {
    if (error instanceof LayerlabError && error.code !== 'LL_NO_RIGHT') return isTar;
    throw error;
  }
  return isTar;
}

/**
 * Unpacks an archive into a change as ADD does (moby/go-archive Unpack): folders merge, anything else replaces what is
 * there; folders that the archive does not name are root's, 0755; links are made as they are, and every path is resolved
 * inside the destination.
 *
 * @param makeDestination makes the destination folder and says where it is
 * @returns false where the file is no archive; then nothing was done
 */
export async function addArchive(
  tree: ChangeTree,
  source: FileNode,
  adder: ArchiveAdder,
  makeDestination: () => readonly ByteString[],
): Promise<boolean> {
  if (!(await isArchive(source.path, adder.compressions))) return false;
  const unpacking = { ...adder, asParts: true, isHashed: adder.digests !== undefined };
  await unpackArchive(tree, source.path, unpacking, makeDestination());
  return true;
}

/**
 * Unpacks a file that is known to be an archive into a folder of a change.
 *
 * @param onHeader hears of every entry before it is unpacked, as the archive has it
 * @returns the sha256 of the archive, where it was asked for and nothing else gets it
 */
export async function unpackArchive(
  tree: ChangeTree,
  path: ByteString,
  adder: Unpacking,
  root: readonly ByteString[],
  onHeader?: (entry: TarEntry) => void,
  limits: TarLimits = {},
): Promise<string | undefined> {
  let parts =
    adder.asParts === true
      ? new ArchiveParts(path, `${adder.staging}/archive${++staged}`, adder.isHashed === true)
      : undefined;
  try {
    const unpacker = new Unpacker(tree, adder, root, onHeader, parts);
    const reader = new TarReader(unpacker, limits);
    const { compression, chunks } = decompress(parts === undefined ? readSource(path) : parts.bytes());
    if (compression === 'plain') parts?.plain();
    else parts?.decompressed();
    const aside = adder.early === undefined && parts?.isBegun !== true ? undefined : parts?.unpackAside();
    for await (const chunk of aside ?? chunks) {
      parts?.take(chunk);
      reader.push(chunk);
      const left = reader.contentLeft;
      if (left >= WORTH_PASSING && limits.maxTotal === undefined && parts?.pass(left) === true) {
        reader.skipContent();
        unpacker.passed(left);
      }
      if (adder.early?.room !== undefined) await adder.early.room;
    }
    reader.finish();
    unpacker.finish();
    parts?.finish();
    if (parts?.isStillHashed === true && adder.digests !== undefined) {
      const hashed = parts;
      parts = undefined;
      await adder.digests.expect(path, hashed);
      return undefined;
    }
    const digest = parts?.digest();
    if (digest !== undefined) adder.digests?.set(path, digest);
    if (parts !== undefined && adder.digests !== undefined) {
      adder.digests.closing(parts);
      parts = undefined;
    }
    return digest;
  } finally {
    await parts?.close();
  }
}

class Unpacker {
  readonly #tree: ChangeTree;
  readonly #adder: Unpacking;
  readonly #root: readonly ByteString[];
  readonly #onHeader: ((entry: TarEntry) => void) | undefined;
  readonly #scope = `archive${++staged}:`;
  /** Folders get their times when all is unpacked. */
  readonly #dirTimes = new Map<string, { at: readonly ByteString[]; time: bigint }>();
  /** The names that one file has by now. */
  readonly #linked = new Map<string, (readonly ByteString[])[]>();
  #files = 0;
  /** Bytes of the tar so far. */
  #position = 0;
  /** Of the entry at hand, nanoseconds. */
  #time = 0n;
  readonly #parts: ArchiveParts | undefined;
  /**
   * The folder of the entry before, where no link leads to it: what is put into it cannot change where it is, so its further
   * entries need not be looked for.
   */
  #folder: { readonly name: ByteString; readonly at: readonly ByteString[] } | undefined;
  #open: { readonly fd: number; readonly path: ByteString; readonly entry: TarEntry } | undefined;
  /** A file whose content is a part, while that passes. */
  #passing: { readonly at: readonly ByteString[]; readonly node: ChangeNode } | undefined;

  constructor(
    tree: ChangeTree,
    adder: Unpacking,
    root: readonly ByteString[],
    onHeader: ((entry: TarEntry) => void) | undefined,
    parts: ArchiveParts | undefined,
  ) {
    this.#tree = tree;
    this.#parts = parts;
    this.#onHeader = onHeader;
    this.#adder = adder;
    this.#root = root;
    // Unpacking makes a folder in the destination to change the root to, and removes it: the destination's time moves.
    tree.copyUp(root).mtime = adder.now();
  }

  header(entry: TarEntry, raw: Buffer): void {
    this.#position += raw.length;
    this.#time = boundTime(BigInt(Math.trunc(entry.mtime)) * NS + BigInt(tarNanoseconds(entry, raw)));
    const names = splitPath(entry.name);
    if (names.includes('..')) throw breakout(entry.name);
    if (names.length === 0) return;
    this.#onHeader?.(entry);
    const at = this.#locate(names, entry);
    if (entry.type === '5') this.#dir(at, entry);
    else if (entry.type === '1') this.#hardLink(at, entry);
    else if (entry.type !== '0') this.#put(at, entry, undefined);
    else if (this.#parts !== undefined) {
      const node = this.#put(at, entry, { kind: 'part', source: this.#parts.source, offset: this.#position });
      this.#passing = { at, node };
    } else {
      const path = `${this.#adder.staging}/${this.#scope.slice(0, -1)}-${this.#files++}`;
      this.#open = { fd: openSync(fsPath(path), 'wx', 0o600), path, entry };
      this.#put(at, entry, { kind: 'staged', path });
      if (entry.size === 0) this.end();
    }
  }

  globalHeader(_name: ByteString, raw: Buffer): void {
    this.#position += raw.length;
  }

  data(chunk: Buffer): void {
    this.#position += chunk.length;
    if (this.#open === undefined) return;
    for (let at = 0; at < chunk.length; ) at += writeSync(this.#open.fd, chunk, at);
  }

  /** Behind a content of which so many bytes were passed over. */
  passed(bytes: number): void {
    this.#position += bytes;
  }

  end(): void {
    if (this.#passing !== undefined) this.#adder.early?.give(this.#passing.at, this.#passing.node);
    this.#passing = undefined;
    if (this.#open === undefined) return;
    closeSync(this.#open.fd);
    this.#open = undefined;
  }

  padding(bytes: Buffer): void {
    this.#position += bytes.length;
  }

  trailing(): void {}

  finish(): void {
    for (const { at, time } of this.#dirTimes.values()) {
      if (this.#tree.lookup(at)?.kind !== 'dir') continue;
      const dir = this.#tree.copyUp(at);
      dir.mtime = time;
      dir.atime = time;
    }
  }

  /** The place of an entry: its folder with links followed inside the destination, made where it is missing. */
  #locate(names: readonly ByteString[], entry: TarEntry): readonly ByteString[] {
    const name = names[names.length - 1] as ByteString;
    const folder = names.slice(0, -1).join('/');
    if (this.#folder?.name === folder) return [...this.#folder.at, name];
    this.#folder = undefined;
    let at = [...this.#root];
    let isLinked = false;
    for (const [index, name] of names.slice(0, -1).entries()) {
      const next = [...at, name];
      const node = this.#tree.lookup(next);
      if (node?.kind === 'symlink') {
        at = this.#followInside(next, entry);
        isLinked = true;
      } else if (node === undefined) {
        this.#tree.makeDir(next, { kind: 'dir', mode: 0o755, uid: 0, gid: 0, mtime: this.#adder.now() });
        at = next;
      } else if (node.kind === 'dir') at = next;
      else
        throw new LayerlabError(
          'LL_BUILD_FAILED',
          `${fromByteString(names.slice(0, index + 1).join('/'))}: not a directory`,
        );
    }
    if (!isLinked) this.#folder = { name: folder, at };
    return [...at, name];
  }

  /** Where a link on the way leads, the destination being its root. */
  #followInside(link: readonly ByteString[], entry: TarEntry, depth = 0): ByteString[] {
    if (depth > 40) throw breakout(entry.name);
    const node = this.#tree.lookup(link);
    if (node?.kind !== 'symlink') return [...link];
    const base = node.target.startsWith('/') ? [] : link.slice(this.#root.length, -1);
    let at: ByteString[] = [...this.#root, ...base];
    for (const name of splitPath(node.target)) {
      if (name === '..') at = at.length > this.#root.length ? at.slice(0, -1) : at;
      else at = this.#followInside([...at, name], entry, depth + 1);
    }
    if (this.#tree.lookup(at)?.kind !== 'dir') {
      makeDirs(this.#tree, at.join('/'), { mode: 0o755, uid: 0, gid: 0, time: undefined }, this.#adder.now);
    }
    return at;
  }

  #attributes(entry: TarEntry) {
    return {
      mode: entry.mode & 0o7777,
      uid: this.#adder.owner?.uid ?? entry.uid,
      gid: this.#adder.owner?.gid ?? entry.gid,
      mtime: this.#time,
      xattrs:
        entry.xattrs.size === 0
          ? entry.xattrs
          : new Map([...entry.xattrs].filter(([name]) => !/^(trusted|user)\.overlay\./.test(name))),
    };
  }

  #dir(at: readonly ByteString[], entry: TarEntry): void {
    const there = this.#tree.lookup(at);
    const attributes = this.#attributes(entry);
    if (there?.kind === 'dir') {
      const dir = this.#tree.copyUp(at);
      dir.mode = attributes.mode;
      dir.uid = attributes.uid;
      dir.gid = attributes.gid;
      dir.setXattrs(new Map([...dir.xattrs(), ...attributes.xattrs]));
    } else {
      this.#tree.makeDir(at, { kind: 'dir', ...attributes });
    }
    this.#dirTimes.set(at.join('/'), { at, time: attributes.mtime });
  }

  #put(at: readonly ByteString[], entry: TarEntry, content: Content | undefined): ChangeNode {
    return this.#tree.put(at, {
      kind: kinds[entry.type],
      ...this.#attributes(entry),
      ...(entry.type === '2' ? { target: entry.linkname, mode: 0o777 } : {}),
      size: entry.size,
      major: entry.devmajor,
      minor: entry.devminor,
      // A part has no file that could be moved but once: its further names make it known as one.
      inode: content?.kind === 'staged' ? this.#scope + at.join('/') : '',
      ...(content === undefined ? {} : { content }),
    });
  }

  #hardLink(at: readonly ByteString[], entry: TarEntry): void {
    const names = splitPath(entry.linkname);
    if (names.includes('..') || names.length === 0) throw breakout(entry.linkname);
    const target = this.#locate(names, entry);
    const node = this.#tree.lookup(target);
    if (node === undefined || node.kind === 'dir') {
      throw new LayerlabError('LL_TAR', `hard link ${fromByteString(entry.name)}: its target is not there`);
    }
    this.#tree.link(at, target);
    this.#retouch(at, target, entry);
  }

  /** The header of a further name has owner, mode and time as well: the file takes them, under all its names. */
  #retouch(at: readonly ByteString[], target: readonly ByteString[], entry: TarEntry): void {
    const inode = this.#tree.lookup(at)?.inode ?? '';
    const names = [...(this.#linked.get(inode) ?? [target]), at];
    this.#linked.set(inode, names);
    const { mode, uid, gid, mtime, xattrs } = this.#attributes(entry);
    for (const name of names) {
      const node = this.#tree.lookup(name);
      if (!(node instanceof ChangeNode) || node.inode !== inode) continue;
      if (node.kind !== 'symlink') node.mode = mode;
      node.uid = uid;
      node.gid = gid;
      node.mtime = mtime;
      node.atime = mtime;
      if (xattrs.size > 0) node.setXattrs(new Map([...node.xattrs(), ...xattrs]));
    }
  }
}

function breakout(name: ByteString): LayerlabError {
  return new LayerlabError(
    'LL_BREAKOUT',
    `the archive entry ${JSON.stringify(fromByteString(name))} would leave its folder`,
  );
}
