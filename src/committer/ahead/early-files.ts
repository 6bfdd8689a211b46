import { rmSync } from 'node:fs';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fromByteString, fsPath } from '../../formats/bytestring.ts';
import { keptModes } from '../../host/kept-modes.ts';
import { toTimespecs } from '../../host/syscalls.ts';
import type { ChangeNode, PartSource } from '../../snapshot/change-node.ts';
import type { ChangeTree } from '../../snapshot/change-tree.ts';
import { type SettledForm, settleTimes } from '../settle-times.ts';
import {
  EARLY_CHOWN,
  EARLY_GID,
  EARLY_KEPT,
  EARLY_MODE,
  EARLY_NUMBERS,
  EARLY_OFFSET,
  EARLY_SIZE,
  EARLY_UID,
  type EarlyBatch,
} from './early-batch.ts';
import { CRC_SIZE, MOST_FILES, TIMES } from './file-batch.ts';
import type { EarlyWriters } from './open-writers.ts';

export interface EarlyFilesOptions extends SettledForm {
  /** The snapshot's `diff` folder; nothing is in it, and nobody else writes there. */
  readonly diff: ByteString;
  readonly faithful: boolean;
}

interface Batch {
  readonly files: Placed[];
  bytes: number;
  /** Where the thread leaves the CRC-64s. */
  sums: Buffer;
  done: Promise<void>;
  state: 'open' | 'sent' | 'done';
}

interface Placed {
  readonly node: ChangeNode;
  readonly name: ByteString;
  readonly source: PartSource;
  readonly offset: number;
  readonly batch: Batch;
  readonly index: number;
}

/** Larger contents, bytes, go through a thread that writes beside the one that hashes. */
const LARGEST = 24 * 1024 * 1024;
/** A batch goes when its contents are so many bytes. */
const BATCH_BYTES = 1 << 20;
/** Batches that may wait for a thread; who reads the archive waits then. */
const MOST_WAITING = 32;

/**
 * Puts files of an archive into a snapshot's `diff` by other threads, while the archive is still being read. What becomes of an
 * entry is known only when the whole archive is: `keep` takes a file back that another one replaced or that got a second name.
 * Where entries are in each other's way, nothing of it can stay.
 */
export class EarlyFiles {
  readonly #writers: EarlyWriters;
  readonly #options: EarlyFilesOptions;
  readonly #keepsMode: (mode: number) => boolean;
  readonly #files = new Map<ByteString, Placed>();
  /**
   * Made by the threads with mode 0700: while files come into them they have no right to refuse, and no group to hand down. The
   * empty name stands for `diff` itself.
   */
  readonly #folders = new Set<ByteString>(['']);
  #waiting: Batch[] = [];
  readonly #sent: Promise<void>[] = [];
  #open = newBatch();
  #isOver = false;
  /** The files that the change still has. */
  #there: ReadonlySet<ByteString> = new Set();

  constructor(writers: EarlyWriters, options: EarlyFilesOptions) {
    this.#writers = writers;
    this.#options = options;
    this.#keepsMode = keptModes(options.diff);
  }

  /**
   * Takes a file of the change whose content can be read where it is a part of. Empty files, those with extended attributes, and
   * what is so large that it is written and hashed at once are left to the layer's walk.
   *
   * @param path where it is in the change
   */
  give(path: readonly ByteString[], node: ChangeNode): void {
    const { content, size } = node;
    if (this.#isOver || content?.kind !== 'part' || size === 0 || size > LARGEST || node.inode !== '') return;
    settleTimes(node, this.#options);
    if (node.xattrs().size > 0) return;
    const folder = path.slice(0, -1);
    const inFolder = folder.join('/');
    const own = path[path.length - 1] ?? '';
    const name = inFolder === '' ? own : `${inFolder}/${own}`;
    if (this.#files.has(name) || this.#folders.has(name) || !this.#hasRoom(folder, inFolder)) {
      this.#isOver = true;
      return;
    }
    const first = this.#open.files[0];
    if (first !== undefined && first.source !== content.source) this.#send();
    const batch = this.#open;
    const { source, offset } = content;
    const file = { node, name, source, offset, batch, index: batch.files.length };
    this.#files.set(name, file);
    batch.files.push(file);
    batch.bytes += node.size;
    if (batch.bytes >= BATCH_BYTES || batch.files.length === MOST_FILES) this.#send();
  }

  /** What to wait for before more is given; undefined where the threads keep up. */
  get room(): Promise<void> | undefined {
    if (this.#waiting.length < MOST_WAITING) return undefined;
    this.#waiting = this.#waiting.filter(({ state }) => state !== 'done');
    // A failure is heard of where the file is asked for.
    return this.#waiting.length < MOST_WAITING ? undefined : this.#waiting[0]?.done.catch(() => undefined);
  }

  /**
   * Ends giving. Says whether what is placed can stay: no entry was in another's way, and the change has all folders that are made.
   * Where not, `stopped` is to be waited for, and all in `diff` to be removed.
   */
  fits(tree: ChangeTree): boolean {
    this.#send();
    if (this.#isOver) return false;
    const there = { folders: 1, files: new Set<ByteString>() };
    this.#find(tree.root, '', there);
    this.#there = there.files;
    return there.folders === this.#folders.size;
  }

  /** Returns when no thread writes any more, whatever became of it. */
  async stopped(): Promise<void> {
    await Promise.allSettled(this.#sent);
  }

  /**
   * Behind `fits`: returns when no thread writes any more, and the files that the change has not any more are taken back.
   *
   * @throws what writing a file threw
   */
  async settled(): Promise<void> {
    await Promise.all(this.#sent);
    for (const name of this.#there.size === this.#files.size ? [] : [...this.#files.keys()]) {
      if (this.#there.has(name)) continue;
      this.#files.delete(name);
      rmSync(fsPath(`${this.#options.diff}/${name}`), { force: true });
    }
  }

  /**
   * `fits` and `settled` in one.
   *
   * @throws what writing a file threw
   */
  async keep(tree: ChangeTree): Promise<boolean> {
    const fits = this.fits(tree);
    if (fits) await this.settled();
    else await this.stopped();
    return fits;
  }

  /** Counts the folders that were made, and notes the files that were given, below a folder of the change. */
  #find(dir: ChangeNode, prefix: ByteString, there: { folders: number; readonly files: Set<ByteString> }): void {
    for (const [child, node] of dir.children) {
      const name = prefix + child;
      if (node.kind !== 'dir') {
        if (this.#files.get(name)?.node === node) there.files.add(name);
      } else if (this.#folders.has(name)) {
        there.folders += 1;
        this.#find(node, `${name}/`, there);
      }
    }
  }

  /** Whether a folder of the layer was made; owner, mode and times are still to be set. */
  hasFolder(name: ByteString): boolean {
    return this.#folders.has(name);
  }

  /** Whether a file of the layer was given, and so need not be written. */
  has(name: ByteString): boolean {
    return this.#files.has(name);
  }

  /** The CRC-64 of a file as it was written. */
  crcOf(name: ByteString): Buffer {
    const file = this.#files.get(name);
    return file?.batch.sums.subarray(file.index * CRC_SIZE, (file.index + 1) * CRC_SIZE) ?? NOTHING;
  }

  /** Refuses a content that is not the one that was written, by its CRC-64. Throws LL_CONTEXT. */
  check(name: ByteString, crc: Buffer): void {
    const file = this.#files.get(name);
    if (file === undefined || crc.equals(this.crcOf(name))) return;
    throw new LayerlabError('LL_CONTEXT', `${fromByteString(file.source.path)} changed while it was read`);
  }

  /** Whether a folder, and those above it, can be made: no file stands there. */
  #hasRoom(path: readonly ByteString[], name: ByteString): boolean {
    if (this.#folders.has(name)) return true;
    if (this.#files.has(name)) return false;
    const above = path.slice(0, -1);
    if (!this.#hasRoom(above, above.join('/'))) return false;
    this.#folders.add(name);
    return true;
  }

  #send(): void {
    const batch = this.#open;
    const source = batch.files[0]?.source;
    if (source === undefined) return;
    this.#open = newBatch();
    const sums = new SharedArrayBuffer(batch.files.length * CRC_SIZE);
    batch.sums = Buffer.from(sums);
    batch.state = 'sent';
    batch.done = this.#writers.early(this.#messageOf(batch.files, source, sums));
    // Whoever waits for a file hears of a failure; until then nobody listens.
    batch.done.then(
      () => {
        batch.state = 'done';
      },
      () => undefined,
    );
    this.#waiting.push(batch);
    this.#sent.push(batch.done);
  }

  #messageOf(files: readonly Placed[], from: PartSource, sums: SharedArrayBuffer): EarlyBatch {
    const { diff, faithful } = this.#options;
    const numbers = new Float64Array(files.length * EARLY_NUMBERS);
    const times = new BigInt64Array(files.length * TIMES);
    for (const [index, { node, offset }] of files.entries()) {
      const at = index * EARLY_NUMBERS;
      numbers[at + EARLY_OFFSET] = offset;
      numbers[at + EARLY_SIZE] = node.size;
      const mode = faithful ? node.mode : (node.mode & 0o777) | 0o600;
      numbers[at + EARLY_MODE] = mode;
      numbers[at + EARLY_KEPT] = this.#keepsMode(mode) ? 1 : 0;
      numbers[at + EARLY_UID] = node.uid;
      numbers[at + EARLY_GID] = node.gid;
      // No folder hands its group down yet.
      numbers[at + EARLY_CHOWN] = faithful && (node.uid !== 0 || node.gid !== 0) ? 1 : 0;
      times.set(toTimespecs(node.atime, node.mtime), index * TIMES);
    }
    return { from, diff, names: files.map(({ name }) => name).join('\0'), numbers, times, sums };
  }
}

const NOTHING = Buffer.alloc(0);

function newBatch(): Batch {
  return { files: [], bytes: 0, sums: NOTHING, done: Promise.resolve(), state: 'open' };
}
