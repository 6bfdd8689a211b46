import { type ByteString, putByteString } from '../../formats/bytestring.ts';
import { openSha256 } from '../../formats/sha256.ts';
import { CTIME, DEVICE, type FileFacts, INO, MODE, MTIME, SIZE, secondsFact, timeFact } from '../../host/file-facts.ts';

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

/** Words of each file's facts that a stamp holds. */
const WORDS = 13;
/** A bit in the length in front of each text: it is a source, no file. */
const SOURCE = 0x80000000;
/** Bytes that are hashed in one go. */
const PIECE = 64 * 1024;

/** Hashes files, each by its path and its facts. */
export interface StampHash {
  source(text: ByteString): void;
  file(path: ByteString, facts: FileFacts): void;
  finish(): SourceStamp;
}

/**
 * @param many how many files are many
 * @param onMany called once when there are that many
 */
export function openStampHash(many = Number.POSITIVE_INFINITY, onMany?: () => void): StampHash {
  const hash = openSha256();
  hash.update(Buffer.from('layerlab stamp 2\n'));
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
      hash.update(Buffer.from(bytes, 'latin1'));
    } else size += putByteString(piece, bytes, size);
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
      [newestSeconds, newestNanos] = [seconds, nanos];
      // Whoever asks may go on to the next file with the same object.
      newest = { words, at };
    },
    finish: () => {
      flush();
      return { digest: hash.digest(), newest: newest === undefined ? 0n : timeFact(newest, CTIME), files };
    },
  };
}
