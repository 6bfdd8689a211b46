import { createHash } from 'node:crypto';
import type { ByteString } from '../../formats/bytestring.ts';
import {
  CTIME,
  DEVICE,
  type FileFacts,
  INO,
  isFolder,
  MODE,
  MTIME,
  SIZE,
  secondsFact,
  timeFact,
} from '../../host/file-facts.ts';
import { type CopyFilter, sourcePlace } from '../../planner/copy-filter.ts';
import type { CopyAction } from '../../planner/step.ts';
import type { CopyFormat } from '../../profiles/copy-format.ts';
import { entriesOf, type FileNode, type FileTree } from '../../snapshot/file-tree.ts';
import { findPlace } from '../copy/find-place.ts';
import type { FoundSource } from '../copy/find-sources.ts';
import { COARSEST_CLOCK } from './manifest.ts';

/**
 * What `lstat` says of all that a COPY takes from a folder of this host, as one digest. Where it is the same again, no file
 * was changed, made, removed or given other attributes in between, as far as the times of change can be trusted: they move
 * with every write, rename, change of mode or extended attribute, and nobody can set them.
 */
export interface SourceStamp {
  /** 64 hex digits. */
  readonly digest: string;
  /** The latest change of any of the files, nanoseconds. */
  readonly newest: bigint;
  /** How many files and folders there are. */
  readonly files: number;
}

/** Takes down what a copy looks at, in the order in which it does. */
export interface StampRecorder {
  source(word: string, found: FoundSource): void;
  /** @param path below the source; empty for the source itself */
  node(node: FileNode, path: ByteString): void;
  /** As `node`, of what is known of a node. */
  file(path: ByteString, facts: FileFacts): void;
  /** Undefined where a file told nothing of itself that could be kept. */
  finish(): SourceStamp | undefined;
}

/** Words of each file's facts that a stamp holds. */
const WORDS = 13;
/** A bit in the length in front of each text: it is a source, no file. */
const SOURCE = 0x80000000;
/** Bytes that are hashed in one go. */
const PIECE = 64 * 1024;

/** Hashes files, each by its path and its facts. */
interface StampHash {
  source(text: ByteString): void;
  file(path: ByteString, facts: FileFacts): void;
  finish(): SourceStamp;
}

function openStampHash(many: number, onMany: (() => void) | undefined): StampHash {
  const hash = createHash('sha256').update('layerlab stamp 2\n');
  const piece = Buffer.allocUnsafe(PIECE);
  /** The words of one file, to be put into the piece at once: there they need not stand where a word can. */
  const of = new Uint32Array(WORDS);
  const ofBytes = new Uint8Array(of.buffer);
  let size = 0;
  let files = 0;
  let [newestSeconds, newestNanos] = [0, 0];
  let newest: FileFacts | undefined;
  const flush = (): void => {
    hash.update(piece.subarray(0, size));
    size = 0;
  };
  const word = (value: number): void => {
    piece[size++] = value;
    piece[size++] = value >>> 8;
    piece[size++] = value >>> 16;
    piece[size++] = value >>> 24;
  };
  const text = (kind: number, bytes: ByteString): void => {
    if (size + 4 + bytes.length > PIECE) flush();
    word((kind | bytes.length) >>> 0);
    if (bytes.length > PIECE - 4) {
      flush();
      hash.update(bytes, 'latin1');
    } else size += piece.write(bytes, size, 'latin1');
  };
  return {
    source: (bytes) => text(SOURCE, bytes),
    file: (path, facts) => {
      files += 1;
      if (files === many) onMany?.();
      const { words, at } = facts;
      text(0, path);
      if (size + WORDS * 4 > PIECE) flush();
      // Thirteen words, one by one: walking a table of them took a thirtieth of all the time.
      of[0] = words[at + MODE] as number;
      of[1] = words[at + DEVICE] as number;
      of[2] = words[at + DEVICE + 1] as number;
      of[3] = words[at + INO] as number;
      of[4] = words[at + INO + 1] as number;
      of[5] = words[at + SIZE] as number;
      of[6] = words[at + SIZE + 1] as number;
      of[7] = words[at + MTIME] as number;
      of[8] = words[at + MTIME + 1] as number;
      of[9] = words[at + MTIME + 2] as number;
      of[10] = words[at + CTIME] as number;
      of[11] = words[at + CTIME + 1] as number;
      of[12] = words[at + CTIME + 2] as number;
      piece.set(ofBytes, size);
      size += WORDS * 4;
      const seconds = secondsFact(facts, CTIME);
      const nanos = words[at + CTIME + 2] as number;
      if (seconds < newestSeconds || (seconds === newestSeconds && nanos <= newestNanos)) return;
      [newestSeconds, newestNanos, newest] = [seconds, nanos, facts];
    },
    finish: () => {
      flush();
      return { digest: hash.digest('hex'), newest: newest === undefined ? 0n : timeFact(newest, CTIME), files };
    },
  };
}

/**
 * @param many how many files are many
 * @param onMany called once when there are that many
 */
export function openStampRecorder(many = Number.POSITIVE_INFINITY, onMany?: () => void): StampRecorder {
  const hash = openStampHash(many, onMany);
  let isWhole = true;
  return {
    source: (word, found) => hash.source(sourceText(word, found)),
    node: (node, path) => {
      const facts = node.facts?.();
      if (facts === undefined) isWhole = false;
      else hash.file(path, facts);
    },
    file: hash.file,
    finish: () => (isWhole ? hash.finish() : undefined),
  };
}

/** No name holds a zero byte. */
function sourceText(word: string, { name, path, realPath }: FoundSource): ByteString {
  return [Buffer.from(word, 'utf8').toString('latin1'), name, path, realPath].join('\0');
}

/**
 * The stamp of what a COPY would look at now. Throws as finding the sources does.
 *
 * @param stopsAt told of each file in a folder that is listed, below its source; undefined is given as soon as it says true
 */
export function stampOf(
  source: FileTree,
  action: Pick<CopyAction, 'sources' | 'parents' | 'excludes'>,
  { missingSource }: Pick<CopyFormat, 'missingSource'>,
  stopsAt: StopsAt = () => false,
): SourceStamp | undefined {
  const recorder = openStampRecorder();
  for (const word of action.sources) {
    const place = sourcePlace(action, word);
    for (const found of findPlace(source, place, missingSource)) {
      recorder.source(word, found);
      if (!stampBelow(recorder, source, found.node, '', place.filter, stopsAt)) return undefined;
    }
  }
  return recorder.finish();
}

/** Whether to stop at a file: its path below the source, and the folder that it is in. */
export type StopsAt = (path: ByteString, facts: FileFacts, folder: FileNode) => boolean;

/** False where it was stopped. */
function stampBelow(
  recorder: StampRecorder,
  source: FileTree,
  node: FileNode,
  path: ByteString,
  filter: CopyFilter | undefined,
  stopsAt: StopsAt,
): boolean {
  recorder.node(node, path);
  if (node.kind !== 'dir') return true;
  if (path !== '' && filter?.takes(path, true) === false && !filter.mayTakeBelow(path)) return true;
  const prefix = path === '' ? '' : `${path}/`;
  const listing = source.list?.(node);
  if (listing === undefined) {
    for (const [name, child] of entriesOf(source, node)) {
      if (!stampBelow(recorder, source, child, prefix + name, filter, stopsAt)) return false;
    }
    return true;
  }
  const { names } = listing;
  // Of a file nothing but its facts is asked: it becomes no node.
  for (let index = 0; index < names.length; index++) {
    const facts = listing.facts(index);
    const below = prefix + names[index];
    if (isFolder(facts)) {
      if (!stampBelow(recorder, source, listing.node(index), below, filter, stopsAt)) return false;
    } else {
      recorder.file(below, facts);
      if (stopsAt(below, facts, node)) return false;
    }
  }
  return true;
}

/** Whether a file was changed after a moment, nanoseconds. */
export function changedAfter(facts: FileFacts, moment: bigint): boolean {
  // Seldom is it the same second.
  const seconds = secondsFact(facts, CTIME) - Number(moment / NS);
  return seconds > 0 || (seconds === 0 && timeFact(facts, CTIME) > moment);
}

const NS = 1_000_000_000n;

/**
 * Whether a stamp proves that nothing changed since files were read: the last change lies so far before that reading that no
 * later one can show the same time. A clock that was set back leaves files of the future, which prove nothing.
 *
 * @param readAt when the files began to be read, nanoseconds
 */
export function provesSame(now: SourceStamp, kept: string | undefined, readAt: bigint): boolean {
  return now.digest === kept && now.newest + COARSEST_CLOCK < readAt;
}
