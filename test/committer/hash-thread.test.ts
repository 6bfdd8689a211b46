import { createHash, randomFillSync } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HashThread, startHashThread } from '../../src/committer/hash-thread/hash-thread.ts';

const BUILT = fileURLToPath(new URL('../../dist/hash-worker.cjs', import.meta.url));
const WRITER = fileURLToPath(new URL('../../dist/write-worker.cjs', import.meta.url));

// FIPS 180-2, appendix B, and the extremely long message of NIST's examples.
const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const MILLION = 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0';
const GIBIBYTE = '50e72a0e26442fe2552dc3938ac58658228c0cbfb1d2ca872ae435266fcd055e';
const PATTERN = 'abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno';

let open: HashThread[] = [];
// A busy machine takes its time to start a thread.
const start = (script: string, startMs = 60_000): HashThread => {
  const thread = new HashThread(script, startMs);
  open.push(thread);
  return thread;
};
afterEach(() => {
  for (const thread of open) thread.stop();
  open = [];
});

describe('a thread that hashes', () => {
  it('gives the published values, one after the other', () => {
    const thread = start(BUILT);
    thread.update(Buffer.from('abc'));
    expect(thread.finish()).toBe(ABC);
    expect(thread.finish()).toBe(EMPTY);
    for (let i = 0; i < 1000; i++) thread.update(Buffer.alloc(1000, 'a'));
    expect(thread.finish()).toBe(MILLION);
    expect(thread.usable).toBe(true);
  });

  it('gives the published value of what is far larger than its memory', () => {
    const thread = start(BUILT);
    // Pieces that fit no slot, in a buffer that is used again at once.
    const piece = Buffer.alloc(1_000_000 * 64);
    piece.fill(PATTERN);
    for (let left = 2 ** 30; left > 0; left -= piece.length) thread.update(piece.subarray(0, left));
    expect(thread.finish()).toBe(GIBIBYTE);
  });

  it('does not keep what it was given', () => {
    const thread = start(BUILT);
    const piece = Buffer.alloc(1000, 'a');
    for (let i = 0; i < 1000; i++) {
      thread.update(piece.fill('a'));
      piece.fill('b');
    }
    expect(thread.finish()).toBe(MILLION);
  });
});

describe('a thread that hashes and does not come up', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'layerlab-thread-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('as Node refuses it at once: there is none', () => {
    // A path that Node takes for no file is refused as a limit on processes is, without a word to wait for.
    expect(startHashThread('no-path.cjs')).toBeUndefined();
  });

  it.each([
    ['is not there', undefined],
    ['fails', 'throw new Error("no")'],
    ['ends', ''],
  ])('as its file %s: the caller does its work', (_, text) => {
    const script = join(folder, 'thread.cjs');
    if (text !== undefined) writeFileSync(script, text);
    const small = start(script, 50);
    small.update(Buffer.from('abc'));
    expect(small.finish()).toBe(ABC);
    expect(small.usable).toBe(false);

    const large = start(script, 50);
    for (let i = 0; i < 16; i++) large.update(Buffer.alloc(62_500, 'a'));
    expect(large.finish()).toBe(MILLION);

    const full = start(script, 50);
    const piece = Buffer.alloc(2 ** 24).fill(PATTERN);
    for (let i = 0; i < 64; i++) full.update(piece);
    expect(full.finish()).toBe(GIBIBYTE);
  });
});

describe('a thread that hashes what another one writes', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'layerlab-thread-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** More than the ring holds, in reads of an odd size. */
  const bytes = randomFillSync(Buffer.alloc(9_999_991));
  const take = (thread: HashThread, file: number): void => {
    for (let at = 0; at < bytes.length; ) {
      const count = bytes.copy(thread.room(), 0, at, at + 177_777);
      thread.take(count, file);
      at += count;
    }
    thread.settle();
  };

  it.each([
    ['both threads work', BUILT, WRITER],
    ['the one that hashes does not come up', undefined, WRITER],
    ['the one that writes does not come up', BUILT, undefined],
    ['neither comes up', undefined, undefined],
  ])('gives the published value of the bytes in the file, where %s', (_, hasher, writer) => {
    const none = join(folder, 'none.cjs');
    writeFileSync(none, '');
    const thread = start(hasher ?? none, hasher === undefined ? 50 : 60_000);
    for (let round = 0; round < 3 && thread.usable; round++) {
      const file = join(folder, `out-${round}`);
      const fd = openSync(file, 'wx');
      thread.update(Buffer.from('header'));
      // A busy machine gives none.
      const isWritten = thread.openWriter(writer ?? none, true);
      if (isWritten) take(thread, fd);
      else thread.update(bytes);
      thread.dropWrites();
      closeSync(fd);
      expect(thread.finish()).toBe(createHash('sha256').update('header').update(bytes).digest('hex'));
      if (isWritten) expect(readFileSync(file).equals(bytes)).toBe(true);
    }
  });
});

describe('parts of files that the thread reads itself', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'layerlab-part-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const put = (name: string, bytes: Buffer | string): string => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };

  // The published values: of a million letters, and of three.
  it('are hashed between what it is given', () => {
    const thread = start(BUILT);
    const letters = put('letters', Buffer.alloc(990_000, 'a'));
    thread.update(Buffer.alloc(5000, 'a'));
    thread.part({ file: letters, offset: 0, size: 890_000 });
    const fd = openSync(letters, 'r');
    thread.part({ file: fd, offset: 890_000, size: 100_000 });
    thread.update(Buffer.alloc(5000, 'a'));
    expect(thread.finish()).toBe(MILLION);
    closeSync(fd);
    thread.part({ file: put('abc', 'xabcx'), offset: 1, size: 3 });
    expect(thread.finish()).toBe(ABC);
  });

  it('are more than there are slots', () => {
    const thread = start(BUILT);
    const thousand = put('thousand', Buffer.alloc(1000, 'a'));
    for (let i = 0; i < 1000; i++) thread.part({ file: thousand, offset: 0, size: 1000 });
    expect(thread.finish()).toBe(MILLION);
  });

  it('are hashed by the caller where the thread does not come up', () => {
    const silent = put('silent.cjs', 'setInterval(() => {}, 1000);');
    const thread = start(silent, 50);
    const half = put('half', Buffer.alloc(500_000, 'a'));
    thread.part({ file: half, offset: 0, size: 500_000 });
    for (let i = 0; i < 500; i++) thread.part({ file: half, offset: 0, size: 1000 });
    expect(thread.finish()).toBe(MILLION);
  });

  it.each([
    ['is not there', 'missing', 'LL_IO', /ENOENT/],
    ['is shorter than was said', 'short', 'LL_CONTEXT', /became shorter/],
  ])('of a file that %s fail the hash, and not the next', (_, name, code, message) => {
    put('short', 'ab');
    const thread = start(BUILT);
    thread.part({ file: join(folder, name), offset: 0, size: 3 });
    expect(() => thread.finish()).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
    thread.update(Buffer.from('abc'));
    expect(thread.finish()).toBe(ABC);
  });

  it('leave the times of a file as they are', () => {
    const thread = start(BUILT);
    const file = put('abc', 'abc');
    utimesSync(file, 1_400_000_000, 1_400_000_000);
    thread.part({ file, offset: 0, size: 3 });
    expect(thread.finish()).toBe(ABC);
    expect(statSync(file).atimeMs).toBe(1_400_000_000_000);
  });
});

describe('ranges of an open file', () => {
  // The check value of CRC-64/GO-ISO in the catalogue of parametrised CRC algorithms.
  const CHECK = 'b90956c775a41001';
  const DIGITS = '123456789';
  let folder: string;
  let file: number;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'layerlab-ranges-'));
    writeFileSync(join(folder, 'digits'), `abc${DIGITS}${'0'.repeat(700_000)}`);
    file = openSync(join(folder, 'digits'), 'r');
  });
  afterEach(() => {
    closeSync(file);
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['beside the caller', BUILT, 60_000],
    ['by the caller, where the thread does not come up', '/nowhere/hash-worker.cjs', 1],
  ])('are hashed %s between other bytes, and their CRC-64s told in order', (_, script, startMs) => {
    const thread = start(script, startMs);
    const whole = createHash('sha256');
    const sums: string[] = [];
    const told: number[] = [];
    // More than the memory between the threads holds.
    for (let at = 0; at < 12_000; at++) {
      const between = Buffer.alloc(500, at & 255);
      thread.update(between);
      thread.range(file, 3, DIGITS.length, (crc) => {
        sums.push(crc.toString('hex'));
        told.push(at);
      });
      whole.update(between).update(DIGITS);
    }
    // Larger than what is read at once, and bytes too long for a list.
    thread.range(file, 12, 700_000, () => told.push(-1));
    thread.update(Buffer.alloc(40_000, 'x'));
    thread.range(file, 0, 3, () => told.push(-2));
    whole.update('0'.repeat(700_000)).update('x'.repeat(40_000)).update('abc');
    expect(thread.finish()).toBe(whole.digest('hex'));
    expect(new Set(sums)).toEqual(new Set([CHECK]));
    expect(told).toEqual([...Array(12_000).keys(), -1, -2]);
    // Nothing is left for the next one.
    if (script === BUILT) {
      thread.update(Buffer.from('abc'));
      expect(thread.finish()).toBe(ABC);
    }
  });

  it('that are not there make the hash fail, and not the next one', () => {
    const thread = start(BUILT);
    thread.range(file, 699_000, 100_000, () => undefined);
    expect(() => thread.finish()).toThrow('became shorter while it was read');
    thread.range(file, 0, 3, () => undefined);
    expect(thread.finish()).toBe(ABC);
  });
});
