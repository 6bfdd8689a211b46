import { closeSync, openSync, readSync } from 'node:fs';
import { type ByteString, compareBytes, fsPath } from '../../formats/bytestring.ts';
import { errnoOf, ioError } from '../../host/io-error.ts';
import { openFile } from '../../host/open-file.ts';
import type { ChangeNode } from '../../snapshot/change-node.ts';
import type { ChangeTree } from '../../snapshot/change-tree.ts';
import type { CacheRecord } from './build-cache.ts';

/**
 * What a COPY or ADD brought, line by line: `<attributes>\t<signature>`. Attributes are all that goes into the layer but
 * times of modification, which neither builder looks at; the signature tells whether a source file has to be read again.
 */
export interface ManifestLine {
  readonly path: ByteString;
  readonly node: ChangeNode;
  readonly attributes: string;
}

/**
 * A file system's clock may be as coarse as two seconds (FAT), and a file that is changed twice within one tick shows the
 * same time. A signature younger than this when the file was read proves nothing.
 */
export const COARSEST_CLOCK = 2_000_000_000n;

/** Goes through the lines of a change, depth first, names bytewise. */
export class ManifestLines {
  readonly #links = new Map<string, ByteString>();
  readonly #path: {
    readonly dir: ChangeNode;
    readonly prefix: ByteString;
    readonly names: ByteString[];
    next: number;
  }[] = [];

  constructor(tree: ChangeTree) {
    this.#enter(tree.root, '');
  }

  /** Undefined behind the last one. */
  next(): ManifestLine | undefined {
    for (;;) {
      const at = this.#path[this.#path.length - 1];
      if (at === undefined) return undefined;
      const name = at.names[at.next++];
      if (name === undefined) {
        this.#path.pop();
        continue;
      }
      const node = at.dir.children.get(name) as ChangeNode;
      const path = at.prefix + name;
      if (node.kind === 'dir') this.#enter(node, `${path}/`);
      return { path, node, attributes: attributesOf(path, node, this.#firstName(node, path)) };
    }
  }

  #enter(dir: ChangeNode, prefix: ByteString): void {
    this.#path.push({ dir, prefix, names: [...dir.children.keys()].sort(compareBytes), next: 0 });
  }

  /** The first name of what has several; empty for itself. */
  #firstName({ inode }: ChangeNode, path: ByteString): ByteString {
    if (inode === '') return '';
    const first = this.#links.get(inode);
    if (first === undefined) this.#links.set(inode, path);
    return first ?? '';
  }
}

function attributesOf(path: ByteString, node: ChangeNode, link: ByteString): string {
  const { kind, mode, uid, gid, size, target, major, minor, opaque, whiteout } = node;
  const found = node.xattrs();
  const isPlain = kind === 'file' && target === '' && major === 0 && minor === 0 && !opaque && !whiteout;
  if (isPlain && link === '' && found.size === 0) {
    // What JSON.stringify would make of the array below: most lines are of this kind, and it looks at each value.
    return `[${JSON.stringify(path)},"file",${ownedBy(mode, uid, gid)},${size},"",0,0,false,false,"",[]]`;
  }
  const xattrs = [...found].map(([name, value]) => [name, value.toString('base64')]).sort();
  return JSON.stringify([path, kind, mode, uid, gid, size, target, major, minor, opaque, whiteout, link, xattrs]);
}

let latest = { mode: 0, uid: 0, gid: 0, text: '0,0,0' };

/** The three numbers with commas between. Most files have those of the one before. */
function ownedBy(mode: number, uid: number, gid: number): string {
  if (latest.mode !== mode || latest.uid !== uid || latest.gid !== gid) {
    latest = { mode, uid, gid, text: `${mode},${uid},${gid}` };
  }
  return latest.text;
}

/** The text to keep of a change. */
export function encodeManifest(tree: ChangeTree): string {
  return openManifest(tree).finish().join('');
}

/** A manifest that is made little by little. */
export interface ManifestWriter {
  /** Goes on to the line of the `count`th file or folder of the change; to be called when nothing of it changes any more. */
  advance(count: number): void;
  /** The whole text, in pieces. */
  finish(): readonly string[];
}

/** Parts of lines that are joined to a piece. */
const MOST_PARTS = 1024;

export function openManifest(tree: ChangeTree): ManifestWriter {
  const lines = new ManifestLines(tree);
  const pieces: string[] = [];
  // What a text was put together from stays until somebody needs the whole: not for all lines at once.
  let parts: string[] = [];
  let done = 0;
  const advance = (count: number): void => {
    while (done < count) {
      const line = lines.next();
      if (line === undefined) return;
      parts.push(line.attributes, '\t', line.node.signature, '\n');
      done += 1;
      if (parts.length < MOST_PARTS) continue;
      pieces.push(parts.join(''));
      parts = [];
    }
  };
  return {
    advance,
    finish: () => {
      advance(Number.POSITIVE_INFINITY);
      return [...pieces, parts.join('')];
    },
  };
}

/**
 * Whether a planned change would give the layer that a manifest was kept of. Files whose signature is the same and old
 * enough are not read; any other is compared with the layer's own, byte by byte.
 *
 * @param readAt when the kept layer's sources began to be read, nanoseconds
 * @param diff the layer's `diff` folder
 */
export function matchesManifest(tree: ChangeTree, manifest: string, readAt: bigint, diff: ByteString): boolean {
  const read = new Set<ChangeNode>();
  const same = (path: ByteString, node: ChangeNode, kept: string): boolean => {
    if (node.kind !== 'file' || node.size === 0 || read.has(node)) return true;
    if (kept === node.signature && isSettled(kept, readAt)) return true;
    if (node.content === undefined || node.content.kind === 'part') return false;
    if (!sameBytes(node.content.path, `${diff}/${path}`)) return false;
    read.add(node);
    return true;
  };
  // Mostly it is one file that changed: that is seen before the attributes of all the others are put into words.
  if (touchedOf(tree, manifest)?.some(({ path, node, kept }) => !same(path, node, kept)) === true) return false;
  let at = 0;
  const lines = new ManifestLines(tree);
  for (let next = lines.next(); next !== undefined; next = lines.next()) {
    const { path, node, attributes } = next;
    const end = manifest.indexOf('\n', at);
    if (end < 0) return false;
    const line = manifest.slice(at, end);
    at = end + 1;
    if (!line.startsWith(attributes) || line[attributes.length] !== '\t') return false;
    if (!same(path, node, line.slice(attributes.length + 1))) return false;
  }
  return at === manifest.length;
}

/** More digits than four numbers have. */
const LONGEST_NUMBERS = 100;

/**
 * Whether a kept layer has not this content at this path, so that nothing that brings it there can give the layer. False where the
 * rest has to be compared.
 *
 * @param source where the content is on this host
 */
export function lacksFile(
  kept: Pick<CacheRecord, 'manifestLine'>,
  diff: ByteString,
  path: ByteString,
  { path: source, size }: Pick<ChangeNode, 'path' | 'size'>,
): boolean {
  const begin = `[${JSON.stringify(path)},"file",`;
  const rest = kept.manifestLine(Buffer.from(begin, 'utf8'), LONGEST_NUMBERS);
  if (rest === undefined) return true;
  // Mode, owner, group and size.
  const keptSize = /^\d+,\d+,\d+,(\d+),/.exec(rest)?.[1];
  if (keptSize === undefined) return false;
  return Number(keptSize) !== size || (size > 0 && !sameBytes(source, `${diff}/${path}`));
}

interface Touched {
  readonly path: ByteString;
  readonly node: ChangeNode;
  readonly kept: string;
}

/** As many files whose signature is another as tell something; undefined where the manifest is of other names. */
const FEW = 8;

function touchedOf(tree: ChangeTree, manifest: string): readonly Touched[] | undefined {
  const touched: Touched[] = [];
  let at = 0;
  const walk = (dir: ChangeNode, prefix: ByteString): boolean => {
    for (const name of [...dir.children.keys()].sort(compareBytes)) {
      const node = dir.children.get(name) as ChangeNode;
      const path = prefix + name;
      const end = manifest.indexOf('\n', at);
      if (end < 0 || !manifest.startsWith(JSON.stringify(path), at + 1)) return false;
      const kept = manifest.slice(manifest.lastIndexOf('\t', end) + 1, end);
      if (kept !== node.signature) touched.push({ path, node, kept });
      at = end + 1;
      if (touched.length > FEW || (node.kind === 'dir' && !walk(node, `${path}/`))) return false;
    }
    return true;
  };
  return walk(tree.root, '') ? touched : undefined;
}

function isSettled(signature: string, readAt: bigint): boolean {
  const changed = /:(\d+)$/.exec(signature)?.[1];
  return changed !== undefined && BigInt(changed) + COARSEST_CLOCK < readAt;
}

const CHUNK = 1024 * 1024;

function sameBytes(a: ByteString, b: ByteString): boolean {
  let first: number | undefined;
  let second: number | undefined;
  try {
    first = openFile(a);
    second = openSync(fsPath(b), 'r');
    const [x, y] = [Buffer.allocUnsafe(CHUNK), Buffer.allocUnsafe(CHUNK)];
    for (;;) {
      const count = readSync(first, x, 0, CHUNK, null);
      let filled = 0;
      while (filled < count) {
        const more = readSync(second, y, filled, count - filled, null);
        if (more === 0) return false;
        filled += more;
      }
      if (count === 0) return readSync(second, y, 0, 1, null) === 0;
      if (x.compare(y, 0, count, 0, count) !== 0) return false;
    }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw ioError(error, 'comparing a source with the cached layer');
  } finally {
    if (first !== undefined) closeSync(first);
    if (second !== undefined) closeSync(second);
  }
}
