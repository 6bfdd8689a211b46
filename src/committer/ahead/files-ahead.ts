import { type ByteString, compareBytes } from '../../formats/bytestring.ts';
import { toTimespecs } from '../../host/syscalls.ts';
import type { ChangeNode, PartSource } from '../../snapshot/change-node.ts';
import type { ChangeTree } from '../../snapshot/change-tree.ts';
import { noXattrs } from '../../snapshot/file-tree.ts';
import { makeDirectory } from '../place-file.ts';
import {
  CHOWN,
  CONTENTS_AT,
  CRC_SIZE,
  type FileBatch,
  GID,
  LARGEST_AHEAD,
  MARKS_AT,
  MODE,
  MOST_FILES,
  NUMBERS,
  OFFSET,
  SIZE,
  SLAB_SIZE,
  TIMES,
  UID,
} from './file-batch.ts';
import type { Writers } from './open-writers.ts';

/** A file that stands in its place already. Its bytes are valid until the next one is taken. */
export interface PlacedFile {
  readonly content: Buffer;
  readonly crc: Buffer;
  /** Whether the file has extended attributes that are still to be set. */
  readonly hasXattrs: boolean;
}

export interface FilesAheadOptions {
  readonly diff: ByteString;
  readonly faithful: boolean;
  /** Brings a node's times into the form in which they are written. */
  readonly settle: (node: ChangeNode) => void;
}

interface Sent {
  readonly slab: SharedArrayBuffer;
  readonly nodes: readonly ChangeNode[];
  readonly sizes: readonly number[];
  state: 'waiting' | 'done';
  readonly done: Promise<void>;
}

/** Whether a file may be copied by another thread: small, by itself, and with nothing to set that needs a look. */
export function isAhead(node: ChangeNode): boolean {
  return (
    node.kind === 'file' &&
    node.size > 0 &&
    node.size <= LARGEST_AHEAD &&
    node.inode === '' &&
    (node.content?.kind === 'file' || node.content?.kind === 'part') &&
    (node.leavesXattrs || node.xattrs().size === 0)
  );
}

/** How many files of a change other threads may copy; counts no further than `enough`. */
export function countAhead(dir: ChangeNode, enough: number): number {
  let count = 0;
  for (const node of dir.children.values()) {
    if (count >= enough) return count;
    count += node.kind === 'dir' ? countAhead(node, enough - count) : isAhead(node) ? 1 : 0;
  }
  return count;
}

/**
 * Has the small files of a change copied by other threads, some batches ahead of the one that makes the layer, and the folders
 * made that they lie in. Files are taken in the order of the tar; memory is bounded by the number of batches.
 */
export class FilesAhead {
  readonly #writers: Writers;
  readonly #options: FilesAheadOptions;
  readonly #path: Place[];
  readonly #sent: Sent[] = [];
  readonly #slabs: SharedArrayBuffer[] = [];
  readonly #made = new Set<ChangeNode>();
  #next: Upcoming | undefined;
  #index = 0;
  #at = CONTENTS_AT;

  constructor(tree: ChangeTree, writers: Writers, options: FilesAheadOptions) {
    this.#writers = writers;
    this.#options = options;
    this.#path = [placeAt(tree.root, '')];
    this.#fill();
  }

  /** Whether a folder was made. */
  hasMade(folder: ChangeNode): boolean {
    return this.#made.has(folder);
  }

  /** What to wait for before a file can be taken; undefined where it is there, or is not copied here at all. */
  wait(node: ChangeNode): Promise<void> | undefined {
    const first = this.#sent[0];
    return first?.state === 'waiting' && first.nodes[this.#index] === node ? first.done : undefined;
  }

  /** The file, where it was copied here; each can be taken once. */
  take(node: ChangeNode): PlacedFile | undefined {
    const first = this.#sent[0];
    if (first === undefined || first.nodes[this.#index] !== node) return undefined;
    if (this.#index === 0) this.#at = CONTENTS_AT;
    const content = Buffer.from(first.slab, this.#at, first.sizes[this.#index]);
    const crc = Buffer.from(first.slab, this.#index * CRC_SIZE, CRC_SIZE);
    const hasXattrs = node.leavesXattrs && new Uint8Array(first.slab, MARKS_AT, MOST_FILES)[this.#index] !== 0;
    if (node.leavesXattrs && !hasXattrs) node.setXattrs(noXattrs);
    this.#at += content.length;
    this.#index += 1;
    return { content, crc, hasXattrs };
  }

  /** To be called when the bytes of a taken file are used: the last one of a batch frees its memory for another. */
  release(): void {
    const first = this.#sent[0];
    if (first === undefined || this.#index < first.nodes.length) return;
    this.#sent.shift();
    this.#slabs.push(first.slab);
    this.#index = 0;
    this.#fill();
  }

  #fill(): void {
    while (this.#sent.length < this.#writers.depth && this.#send());
  }

  #send(): boolean {
    const files: Upcoming[] = [];
    let size = CONTENTS_AT;
    for (;;) {
      this.#next ??= this.#advance();
      if (this.#next === undefined || files.length === MOST_FILES || size + this.#next.node.size > SLAB_SIZE) break;
      if (files[0] !== undefined && partOf(files[0].node) !== partOf(this.#next.node)) break;
      files.push(this.#next);
      size += this.#next.node.size;
      this.#next = undefined;
    }
    if (files.length === 0) return false;
    const slab = this.#slabs.pop() ?? new SharedArrayBuffer(SLAB_SIZE);
    const done = this.#writers.place(batchOf(files, slab, this.#options));
    const nodes = files.map(({ node }) => node);
    const sent: Sent = { slab, nodes, sizes: nodes.map((node) => node.size), state: 'waiting', done };
    // Whoever takes the batch hears of a failure; until then nobody listens.
    done.then(
      () => {
        sent.state = 'done';
      },
      () => undefined,
    );
    this.#sent.push(sent);
    return true;
  }

  /** Goes on to the next file in the order of the tar, and makes the folders on the way. */
  #advance(): Upcoming | undefined {
    for (;;) {
      const at = this.#path[this.#path.length - 1];
      if (at === undefined) return undefined;
      const child = at.names[at.index++];
      if (child === undefined) {
        this.#path.pop();
        continue;
      }
      const node = at.dir.children.get(child) as ChangeNode;
      if (node.kind === 'dir') {
        const name = at.prefix + child;
        makeDirectory(`${this.#options.diff}/${name}`, node, this.#options.faithful, at.handsGroup);
        this.#made.add(node);
        this.#path.push(placeAt(node, `${name}/`));
      } else if (node.kind === 'file') {
        this.#options.settle(node);
        if (isAhead(node)) return { node, name: at.prefix + child, handsGroup: at.handsGroup };
      }
    }
  }
}

/** A folder that is being gone through. */
interface Place {
  readonly dir: ChangeNode;
  readonly prefix: ByteString;
  readonly names: readonly ByteString[];
  readonly handsGroup: boolean;
  index: number;
}

function placeAt(dir: ChangeNode, prefix: ByteString): Place {
  const names = [...dir.children.keys()].sort(compareBytes);
  return { dir, prefix, names, handsGroup: (dir.mode & 0o2000) !== 0, index: 0 };
}

/** The file that a content is a part of; undefined for one with a file of its own. */
function partOf({ content }: ChangeNode): PartSource | undefined {
  return content?.kind === 'part' ? content.source : undefined;
}

interface Upcoming {
  readonly node: ChangeNode;
  readonly name: ByteString;
  readonly handsGroup: boolean;
}

function batchOf(
  files: readonly Upcoming[],
  slab: SharedArrayBuffer,
  { diff, faithful }: FilesAheadOptions,
): FileBatch {
  const numbers = new Float64Array(files.length * NUMBERS);
  const times = new BigInt64Array(files.length * TIMES);
  for (const [index, { node, handsGroup }] of files.entries()) {
    const at = index * NUMBERS;
    numbers[at + SIZE] = node.size;
    numbers[at + MODE] = faithful ? node.mode : (node.mode & 0o777) | 0o600;
    numbers[at + UID] = node.uid;
    numbers[at + GID] = node.gid;
    numbers[at + CHOWN] = faithful && (handsGroup || node.uid !== 0 || node.gid !== 0) ? 1 : 0;
    if (node.content?.kind === 'part') numbers[at + OFFSET] = node.content.offset;
    times.set(toTimespecs(node.atime, node.mtime), index * TIMES);
  }
  return {
    slab,
    diff,
    part: files[0] === undefined ? undefined : partOf(files[0].node),
    paths: files.map(({ node, name }) => `${node.path}\0${name}`).join('\0'),
    numbers,
    times,
  };
}
