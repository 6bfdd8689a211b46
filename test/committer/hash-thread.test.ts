import { createHash, randomFillSync } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startThread, type Thread } from '../../src/committer/ahead/open-writers.ts';
import { HashThread, startHashThread } from '../../src/committer/hash-thread/hash-thread.ts';
import type { ListWork } from '../../src/committer/hash-thread/list-reader.ts';

const BUILT = fileURLToPath(new URL('../../dist/hash-worker.cjs', import.meta.url));
const WRITER = fileURLToPath(new URL('../../dist/write-worker.cjs', import.meta.url));
const READER = fileURLToPath(new URL('../../dist/writer-thread.cjs', import.meta.url));

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
  for (const thread of open) void thread.stop();
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

  // One that is ended while it loads native code ends the whole process, with a signal.
  it('ends when it is up, where it is stopped before', async () => {
    for (let round = 0; round < 5; round++) {
      const thread = new HashThread(BUILT);
      await new Promise((resolve) => setTimeout(resolve, round * 8));
      await Promise.all([thread.stop(), thread.stop()]);
      await thread.stop();
    }
    const used = start(BUILT);
    used.update(Buffer.from('abc'));
    expect(used.finish()).toBe(ABC);
    await used.stop();
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
  /** One thread that reads for others, and its number for stopping. */
  let reader: Thread;
  let stop: Int32Array;
  beforeEach(() => {
    stop = new Int32Array(new SharedArrayBuffer(4));
    reader = startThread(READER, stop);
    folder = mkdtempSync(join(tmpdir(), 'layerlab-ranges-'));
    writeFileSync(join(folder, 'digits'), `abc${DIGITS}${'0'.repeat(700_000)}`);
    file = openSync(join(folder, 'digits'), 'r');
  });
  afterEach(async () => {
    stop[0] = 1;
    await reader.close();
    closeSync(file);
    rmSync(folder, { recursive: true, force: true });
  });

  const aside = (work: ListWork): void => void reader.send(work).catch(() => undefined);
  /** As a layer is hashed: that the thread is there is known by then. */
  const wake = (thread: HashThread): void => {
    thread.update(Buffer.from('abc'));
    expect(thread.finish()).toBe(ABC);
  };

  it.each([
    ['beside the caller', BUILT, 60_000, undefined],
    ['by the caller, where the thread does not come up', '/nowhere/hash-worker.cjs', 1, undefined],
    ['beside the caller, read by one more thread', BUILT, 60_000, aside],
    ['beside the caller, who reads where the other thread has no time', BUILT, 60_000, () => undefined],
  ])('are hashed %s between other bytes, and their CRC-64s told in order', (_, script, startMs, readBy) => {
    const thread = start(script, startMs);
    if (readBy !== undefined) {
      wake(thread);
      // A busy machine takes its time for the one, and never gets to the other.
      thread.readBy(readBy, readBy === aside ? 60_000 : 10);
    }
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

  it('are read by the caller where the thread that hashes has not come up: it might never', () => {
    const thread = start('/nowhere/hash-worker.cjs', 1);
    const given: ListWork[] = [];
    thread.readBy((work) => given.push(work));
    thread.range(file, 0, 3, () => undefined);
    expect(thread.finish()).toBe(ABC);
    expect(given).toEqual([]);
  });

  it('are no work for a thread that comes when the caller has begun to read', async () => {
    const thread = start(BUILT);
    wake(thread);
    const given: ListWork[] = [];
    thread.readBy((work) => given.push(work), 10);
    thread.range(file, 0, 3, () => undefined);
    expect(thread.finish()).toBe(ABC);
    for (const work of given) await reader.send(work);
    wake(thread);
  });

  it('are followed by what comes another way, and by ranges again', () => {
    const thread = start(BUILT);
    wake(thread);
    thread.readBy(aside, 60_000);
    thread.range(file, 0, 1, () => undefined);
    thread.part({ file, offset: 1, size: 1 });
    thread.range(file, 2, 1, () => undefined);
    expect(thread.finish()).toBe(ABC);
  });

  it('are of several files, zero bytes between them', () => {
    const other = join(folder, 'other');
    writeFileSync(other, 'xyz');
    const second = openSync(other, 'r');
    const thread = start(BUILT);
    wake(thread);
    thread.readBy(aside, 60_000);
    const whole = createHash('sha256');
    for (const zeros of [0, 1, 15, 16, 17, 512, 300_000]) {
      const bytes = Buffer.concat([Buffer.from('head'), Buffer.alloc(zeros)]);
      thread.update(bytes);
      thread.range(file, 0, 3, () => undefined);
      thread.update(Buffer.alloc(zeros));
      thread.range(second, 1, 2, () => undefined);
      whole.update(bytes).update('abc').update(Buffer.alloc(zeros)).update('yz');
    }
    expect(thread.finish()).toBe(whole.digest('hex'));
    closeSync(second);
  });

  it('are given up where the thread that reads is stopped', async () => {
    const thread = start(BUILT);
    wake(thread);
    thread.readBy(aside, 60_000);
    for (let at = 0; at < 5000; at++) thread.range(file, 0, 700_000, () => undefined);
    stop[0] = 1;
    thread.stop();
    // Else this waits for ever: the ring is full, and nobody takes anything.
    await reader.close();
  });

  it.each([
    ['beside the caller', undefined],
    ['read by one more thread', aside],
    ['read by the caller for the thread that hashes', () => undefined],
  ])('that are not there make the hash fail %s, and not the next one', (_, readBy) => {
    const thread = start(BUILT);
    if (readBy !== undefined) {
      wake(thread);
      thread.readBy(readBy, readBy === aside ? 60_000 : 10);
    }
    thread.range(file, 699_000, 100_000, () => undefined);
    expect(() => thread.finish()).toThrow('became shorter while it was read');
    thread.range(file, 0, 3, () => undefined);
    expect(thread.finish()).toBe(ABC);
  });
});
