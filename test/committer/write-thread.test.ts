import { randomFillSync } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startWriteThread, WriteThread } from '../../src/committer/hash-thread/write-thread.ts';

const BUILT = fileURLToPath(new URL('../../dist/write-worker.cjs', import.meta.url));
const SIZE = 1 << 20;
const PART = 1 << 14;

let folder: string;
let threads: WriteThread[] = [];
let memory: Buffer;
let shared: SharedArrayBuffer;
// A busy machine takes its time to start a thread.
const start = (script: string, startMs = 60_000): WriteThread => {
  const thread = new WriteThread(script, shared, startMs);
  threads.push(thread);
  return thread;
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerlab-write-'));
  shared = new SharedArrayBuffer(SIZE);
  memory = randomFillSync(Buffer.from(shared));
});
afterEach(() => {
  for (const thread of threads) thread.stop();
  threads = [];
  rmSync(folder, { recursive: true, force: true });
});

/** Has all of the memory written to a new file, part by part, some of them far behind others. */
function writeAll(thread: WriteThread, file: string, times: number): void {
  const fd = openSync(file, 'wx');
  for (let time = 0; time < times; time++) {
    for (let at = 0; at < SIZE; at += PART) thread.write(fd, at, PART);
  }
  thread.wait();
  closeSync(fd);
}

describe('a thread that writes', () => {
  it('writes what it is told, in that order, to one file after the other', () => {
    const thread = start(BUILT);
    writeAll(thread, join(folder, 'a'), 3);
    writeAll(thread, join(folder, 'b'), 1);
    const [a, b] = [readFileSync(join(folder, 'a')), readFileSync(join(folder, 'b'))];
    expect(a.equals(Buffer.concat([memory, memory, memory]))).toBe(true);
    expect(b.equals(memory)).toBe(true);
    expect(thread.usable).toBe(true);
  });

  it('frees memory as soon as the parts that lie there are written', () => {
    const thread = start(BUILT);
    const file = join(folder, 'a');
    const fd = openSync(file, 'wx');
    const expected: Buffer[] = [];
    for (let round = 0; round < 100; round++) {
      memory.fill(round, 0, PART);
      expected.push(Buffer.alloc(PART, round));
      thread.wait(thread.write(fd, 0, PART));
    }
    closeSync(fd);
    expect(readFileSync(file).equals(Buffer.concat(expected))).toBe(true);
  });

  it.each([
    ['in its thread', BUILT, 60_000],
    ['in that of the caller', '', 50],
  ])('tells of a full disk as node:fs does, and works on for the next file: %s', (_, script, startMs) => {
    const none = join(folder, 'none.cjs');
    writeFileSync(none, '');
    const thread = start(script === '' ? none : script, startMs);
    const full = openSync('/dev/full', 'w');
    const write = (): void => {
      for (let at = 0; at < SIZE; at += PART) thread.write(full, at, PART);
      thread.wait();
    };
    expect(write).toThrow(
      expect.objectContaining({ code: 'ENOSPC', message: 'ENOSPC: no space left on device, write' }),
    );
    thread.drop();
    closeSync(full);
    writeAll(thread, join(folder, 'next'), 1);
    expect(readFileSync(join(folder, 'next')).equals(memory)).toBe(true);
  });

  it('writes nothing any more once its work is given up', () => {
    const thread = start(BUILT);
    const file = join(folder, 'a');
    const fd = openSync(file, 'wx');
    for (let at = 0; at < SIZE; at += PART) thread.write(fd, at, PART);
    thread.drop();
    const there = readFileSync(file);
    closeSync(fd);
    writeAll(thread, join(folder, 'b'), 1);
    expect(there.equals(memory.subarray(0, there.length))).toBe(true);
    expect(readFileSync(file)).toHaveLength(there.length);
    expect(readFileSync(join(folder, 'b')).equals(memory)).toBe(true);
  });
});

describe('a thread that writes and does not come up', () => {
  it('as Node refuses it at once: there is none', () => {
    expect(startWriteThread('no-path.cjs', shared)).toBeUndefined();
  });

  it.each([
    ['is not there', undefined],
    ['fails', 'throw new Error("no")'],
    ['ends', ''],
  ])('as its file %s: the caller does its work', (_, text) => {
    const script = join(folder, 'thread.cjs');
    if (text !== undefined) writeFileSync(script, text);
    const thread = start(script, 50);
    writeAll(thread, join(folder, 'a'), 2);
    expect(readFileSync(join(folder, 'a')).equals(Buffer.concat([memory, memory]))).toBe(true);
    expect(thread.usable).toBe(false);
  });
});
