import { type ByteString, fromByteString } from '../../formats/bytestring.ts';
import { BLOCK, paddingOf } from '../../formats/tar-block.ts';
import { ioError } from '../../host/io-error.ts';
import { keptModes } from '../../host/kept-modes.ts';
import { toTimespecs } from '../../host/syscalls.ts';
import type { ChangeNode, PartSource } from '../../snapshot/change-node.ts';
import type { ChangeTree } from '../../snapshot/change-tree.ts';
import { noXattrs } from '../../snapshot/file-tree.ts';
import { LATER, type NamesInOrder, namesInOrder } from '../../snapshot/names-in-order.ts';
import type { MadeFile } from '../layer-writer.ts';
import { makeDirectory, ownDirectory } from '../place-file.ts';
import type { TarDialect } from '../tar-dialect.ts';
import { tarMode } from '../tar-entry-of.ts';
import type { EarlyFiles } from './early-files.ts';
import {
  CHOWN,
  CRC_SIZE,
  FILES_AT,
  type FileBatch,
  GID,
  HEADER_MODE,
  KEPT,
  LARGEST_AHEAD,
  LENGTHS_AT,
  LINES_AT,
  MARKS_AT,
  MODE,
  MOST_FILES,
  NUMBERS,
  NUMBERS_AT,
  OFFSET,
  PLACED,
  POSITION,
  SECONDS,
  SIZE,
  SLAB_SIZE,
  sizeInTar,
  TIMES,
  TIMES_AT,
  UID,
} from './file-batch.ts';
import type { Writers } from './open-writers.ts';

/** A file that stands in its place already. It is valid until the next one is taken, its bytes until what was taken is released. */
export interface PlacedFile {
  /** How it is called in the layer. */
  readonly name: ByteString;
  readonly size: number;
  /** Whether the file has extended attributes that are still to be set. */
  readonly hasXattrs: boolean;
  /** What was made of it for the layer. */
  readonly made: MadeFile | undefined;
  content(): Buffer;
  crc(): Buffer;
}

/** The file that was taken last; one for all of them, so that none is made for each. */
class TakenFile implements PlacedFile, MadeFile {
  name: ByteString = '';
  size = 0;
  hasXattrs = false;
  memory: Buffer = Buffer.alloc(0);
  index = 0;
  at = 0;
  linesAt = 0;
  linesEnd = 0;
  position = 0;
  padding = 0;

  get made(): MadeFile | undefined {
    return this.linesEnd === this.linesAt ? undefined : this;
  }

  content(): Buffer {
    return this.memory.subarray(this.at + BLOCK, this.at + BLOCK + this.size);
  }

  crc(): Buffer {
    return this.memory.subarray(this.index * CRC_SIZE, (this.index + 1) * CRC_SIZE);
  }
}

export interface FilesAheadOptions {
  readonly diff: ByteString;
  readonly faithful: boolean;
  readonly dialect: TarDialect;
  /** Brings a node's times into the form in which they are written. */
  readonly settle: (node: ChangeNode) => void;
  /** Files and folders that are there already: these files are only read. */
  readonly early?: EarlyFiles | undefined;
}

interface Sent {
  readonly slab: Slab;
  readonly files: readonly Upcoming[];
  state: 'waiting' | 'done';
  readonly done: Promise<void>;
}

/** A batch's memory, and ways to look at it that are made once. */
interface Slab {
  readonly shared: SharedArrayBuffer;
  readonly bytes: Buffer;
  readonly lengths: Uint32Array;
  readonly numbers: Float64Array;
  readonly times: BigInt64Array;
}

function openSlab(): Slab {
  const shared = new SharedArrayBuffer(SLAB_SIZE);
  return {
    shared,
    bytes: Buffer.from(shared),
    lengths: new Uint32Array(shared, LENGTHS_AT, MOST_FILES),
    numbers: new Float64Array(shared, NUMBERS_AT, MOST_FILES * NUMBERS),
    times: new BigInt64Array(shared, TIMES_AT, MOST_FILES * TIMES),
  };
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

/** Bytes of all files of a change that the thread that makes the layer copies itself. */
export function sizeNotAhead(dir: ChangeNode): number {
  let sum = 0;
  for (const node of dir.children.values())
    sum += node.kind === 'dir' ? sizeNotAhead(node) : isAhead(node) ? 0 : node.size;
  return sum;
}

/**
 * Has the small files of a change copied by other threads, some batches ahead of the one that makes the layer, and the folders
 * made that they lie in. Files are taken in the order of the tar; memory is bounded by the number of batches.
 */
export class FilesAhead {
  readonly #writers: Writers;
  readonly #options: FilesAheadOptions;
  readonly #keepsMode: (mode: number) => boolean;
  readonly #path: Place[];
  readonly #sent: Sent[] = [];
  readonly #slabs: Slab[] = [];
  readonly #made = new Set<ChangeNode>();
  readonly #taken = new TakenFile();
  /** What the next batch will hold. */
  #gathered: Upcoming[] = [];
  /** Where the files of the next batch end in its memory. */
  #end = FILES_AT;
  #next: Upcoming | undefined;
  #isWhole = false;
  #index = 0;
  #at = FILES_AT;
  #linesAt = LINES_AT;
  /** Entries of the tar that stand in front of what comes next. */
  #entries = 0;

  constructor(tree: ChangeTree, writers: Writers, options: FilesAheadOptions) {
    this.#writers = writers;
    this.#options = options;
    this.#keepsMode = keptModes(options.diff);
    this.#path = [placeAt(tree.root, '')];
    this.fill();
  }

  /** Batches that threads have, or that are still to be taken. */
  get held(): number {
    return this.#sent.length;
  }

  /** Whether a folder was made. */
  hasMade(folder: ChangeNode): boolean {
    return this.#made.has(folder);
  }

  /**
   * What to wait for before a file can be taken: its batch, or `later` while more is to come into that. Undefined where the file is
   * there, or is not copied here at all.
   */
  wait(node: ChangeNode): Promise<void> | 'later' | undefined {
    const first = this.#sent[0];
    if (first === undefined) return this.#gathered[0]?.node === node ? 'later' : undefined;
    return first.state === 'waiting' && first.files[this.#index]?.node === node ? first.done : undefined;
  }

  /** The file, where it was copied here; each can be taken once. */
  take(node: ChangeNode): PlacedFile | undefined {
    const first = this.#sent[0];
    const file = first?.files[this.#index];
    if (first === undefined || file?.node !== node) return undefined;
    const index = this.#index++;
    if (index === 0) [this.#at, this.#linesAt] = [FILES_AT, LINES_AT];
    const { bytes, lengths } = first.slab;
    const hasXattrs = node.leavesXattrs && bytes[MARKS_AT + index] !== 0;
    if (node.leavesXattrs && !hasXattrs) node.setXattrs(noXattrs);
    const taken = this.#taken;
    taken.name = file.name;
    taken.size = node.size;
    taken.hasXattrs = hasXattrs;
    taken.memory = bytes;
    taken.index = index;
    taken.at = this.#at;
    taken.linesAt = this.#linesAt;
    this.#at += sizeInTar(node.size);
    this.#linesAt += lengths[index] as number;
    taken.linesEnd = this.#linesAt;
    taken.position = file.entry * 2;
    taken.padding = paddingOf(first.files[index - 1]?.node.size ?? 0);
    return taken;
  }

  /** Whether what was taken last is the last one of its batch, whose memory is given to others by `release`. */
  get isAtEnd(): boolean {
    return this.#index === this.#sent[0]?.files.length;
  }

  /** To be called when the bytes of a taken file are used: the last one of a batch frees its memory for another. */
  release(): void {
    const first = this.#sent[0];
    if (first === undefined || this.#index < first.files.length) return;
    this.#sent.shift();
    this.#slabs.push(first.slab);
    this.#index = 0;
    this.fill();
  }

  /** Has threads copy what has come, as many batches as there may be at once. What no batch is full of waits for more to come. */
  fill(most = this.#writers.depth): void {
    while (this.#sent.length < most && this.#gather()) this.#send();
  }

  /** Whether there is a batch to be sent. */
  #gather(): boolean {
    const files = this.#gathered;
    for (;;) {
      this.#next ??= this.#advance();
      if (this.#next === undefined) return this.#isWhole && files.length > 0;
      if (files.length === MOST_FILES) return true;
      const after = this.#end + sizeInTar(this.#next.node.size);
      if (after > SLAB_SIZE || (files[0] !== undefined && partOf(files[0].node) !== partOf(this.#next.node)))
        return true;
      files.push(this.#next);
      this.#end = after;
      this.#next = undefined;
    }
  }

  #send(): void {
    const files = this.#gathered;
    [this.#gathered, this.#end] = [[], FILES_AT];
    const slab = this.#slabs.pop() ?? openSlab();
    const done = this.#writers.place(batchOf(files, slab, this.#options, this.#keepsMode));
    const sent: Sent = { slab, files, state: 'waiting', done };
    // Whoever takes the batch hears of a failure; until then nobody listens.
    done.then(
      () => {
        sent.state = 'done';
      },
      () => undefined,
    );
    this.#sent.push(sent);
  }

  /** Goes on to the next file in the order of the tar, and makes the folders on the way; undefined where none has come so far. */
  #advance(): Upcoming | undefined {
    for (;;) {
      const at = this.#path[this.#path.length - 1];
      this.#isWhole = at === undefined;
      if (at === undefined) return undefined;
      const next = at.names.next();
      if (next === LATER) return undefined;
      if (next === undefined) {
        this.#path.pop();
        continue;
      }
      const child = next;
      const node = at.dir.children.get(child) as ChangeNode;
      const entry = this.#entries;
      this.#entries += node.opaque ? 2 : 1;
      if (node.kind === 'dir') {
        const name = at.prefix + child;
        this.#makeFolder(node, name, at.handsGroup);
        this.#made.add(node);
        this.#path.push(placeAt(node, `${name}/`));
      } else if (node.kind === 'file') {
        this.#options.settle(node);
        if (isAhead(node)) return { node, name: at.prefix + child, handsGroup: at.handsGroup, entry };
      }
    }
  }

  /** Fails in the words of the threads: which of them meets a full disk first is chance. */
  #makeFolder(node: ChangeNode, name: ByteString, handsGroup: boolean): void {
    const { diff, faithful, early } = this.#options;
    const make = early?.hasFolder(name) === true ? ownDirectory : makeDirectory;
    try {
      make(`${diff}/${name}`, node, faithful, handsGroup);
    } catch (error) {
      throw ioError(error, `writing ${fromByteString(name)} to the layer`);
    }
  }
}

/** A folder that is being gone through. */
interface Place {
  readonly dir: ChangeNode;
  readonly prefix: ByteString;
  readonly names: NamesInOrder;
  readonly handsGroup: boolean;
}

function placeAt(dir: ChangeNode, prefix: ByteString): Place {
  return { dir, prefix, names: namesInOrder(dir), handsGroup: (dir.mode & 0o2000) !== 0 };
}

/** The file that a content is a part of; undefined for one with a file of its own. */
function partOf({ content }: ChangeNode): PartSource | undefined {
  return content?.kind === 'part' ? content.source : undefined;
}

interface Upcoming {
  readonly node: ChangeNode;
  readonly name: ByteString;
  readonly handsGroup: boolean;
  /** How many entries stand in front of it in the tar. */
  readonly entry: number;
}

function batchOf(
  files: readonly Upcoming[],
  { shared, numbers, times }: Slab,
  { diff, faithful, dialect, early }: FilesAheadOptions,
  keepsMode: (mode: number) => boolean,
): FileBatch {
  let paths = '';
  for (let index = 0; index < files.length; index++) {
    const { node, name, handsGroup, entry } = files[index] as Upcoming;
    const at = index * NUMBERS;
    numbers[at + SIZE] = node.size;
    const mode = faithful ? node.mode : (node.mode & 0o777) | 0o600;
    numbers[at + MODE] = mode;
    numbers[at + KEPT] = keepsMode(mode) ? 1 : 0;
    numbers[at + UID] = node.uid;
    numbers[at + GID] = node.gid;
    numbers[at + CHOWN] = faithful && (handsGroup || node.uid !== 0 || node.gid !== 0) ? 1 : 0;
    numbers[at + OFFSET] = node.content?.kind === 'part' ? node.content.offset : 0;
    numbers[at + HEADER_MODE] = tarMode(node, dialect);
    // The padding in front of it is known only where it stands right behind another one; an entry has two lines.
    numbers[at + POSITION] = index > 0 && files[index - 1]?.entry === entry - 1 ? entry * 2 : 0;
    numbers[at + PLACED] = early?.has(name) === true ? 1 : 0;
    times.set(toTimespecs(node.atime, node.mtime), index * TIMES);
    paths += index === 0 ? `${node.path}\0${name}` : `\0${node.path}\0${name}`;
    numbers[at + SECONDS] = Number(times[index * TIMES + 2]);
  }
  return {
    slab: shared,
    diff,
    part: files[0] === undefined ? undefined : partOf(files[0].node),
    paths,
    lines: dialect.names === undefined ? { longEscapes: dialect.longEscapes } : undefined,
  };
}
