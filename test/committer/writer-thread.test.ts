import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type BatchAnswer,
  CRC_SIZE,
  FILES_AT,
  type FileBatch,
  MODE,
  NUMBERS,
  NUMBERS_AT,
  SIZE,
  SLAB_SIZE,
  sizeInTar,
  TIMES,
  TIMES_AT,
} from '../../src/committer/ahead/file-batch.ts';
import { startThread } from '../../src/committer/ahead/open-writers.ts';

const file = resolve(import.meta.dirname, '../../dist/writer-thread.cjs');

describe('the thread that copies small files', () => {
  let root: string;
  let stop: Int32Array;
  let worker: Worker;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'layerlab-thread-'));
    mkdirSync(join(root, 'diff'));
    stop = new Int32Array(new SharedArrayBuffer(4));
    worker = new Worker(file, { workerData: stop });
  });
  afterEach(async () => {
    await worker.terminate();
    rmSync(root, { recursive: true, force: true });
  });

  const batch = (names: readonly string[]): FileBatch => {
    const slab = new SharedArrayBuffer(SLAB_SIZE);
    const numbers = new Float64Array(slab, NUMBERS_AT);
    const times = new BigInt64Array(slab, TIMES_AT);
    for (const [at] of names.entries()) {
      numbers[at * NUMBERS + SIZE] = 9;
      numbers[at * NUMBERS + MODE] = 0o640;
      times.set([1n, 2n, 1_600_000_000n, 123_456_789n], at * TIMES);
    }
    const paths = names.map((name) => `${join(root, name)}\0${name}`).join('\0');
    return { slab, diff: join(root, 'diff'), paths, part: undefined, lines: undefined };
  };
  const send = (job: FileBatch): Promise<BatchAnswer> => {
    const answer = new Promise<BatchAnswer>((done) => worker.once('message', done));
    worker.postMessage(job);
    return answer;
  };

  it('puts them in place and hands their contents and checksums over', async () => {
    for (const name of ['a', 'b']) writeFileSync(join(root, name), '123456789');
    const job = batch(['a', 'b']);
    expect(await send(job)).toEqual({ failure: undefined });
    expect(readFileSync(join(root, 'diff/b'), 'latin1')).toBe('123456789');
    expect(statSync(join(root, 'diff/b'), { bigint: true }).mtimeNs).toBe(1_600_000_000_123_456_789n);
    expect(statSync(join(root, 'diff/b')).mode).toBe(0o100640);
    const second = FILES_AT + sizeInTar(9);
    for (const at of [FILES_AT, second]) expect(Buffer.from(job.slab, at + 512, 9).toString()).toBe('123456789');
    expect(second).toBe(FILES_AT + 1024);
    // The check value of CRC-64/GO-ISO.
    expect(Buffer.from(job.slab, CRC_SIZE, CRC_SIZE).toString('hex')).toBe('b90956c775a41001');
  });

  it('says what failed in words of the catalogue, and goes on with the next', async () => {
    const { failure } = await send(batch(['missing']));
    expect(failure).toMatchObject({ code: 'LL_IO', message: expect.stringContaining('ENOENT') });
    writeFileSync(join(root, 'short'), '123');
    expect((await send(batch(['short']))).failure).toMatchObject({
      code: 'LL_CONTEXT',
      message: expect.stringContaining('became shorter while it was read'),
    });
    writeFileSync(join(root, 'a'), '123456789');
    expect(await send(batch(['a']))).toEqual({ failure: undefined });
  });

  it('removes a folder that nobody knows any more, also when nothing more is to be copied', async () => {
    mkdirSync(join(root, 'grave/d'), { recursive: true });
    for (const name of ['grave/a', 'grave/d/b']) writeFileSync(join(root, name), '');
    Atomics.store(stop, 0, 1);
    const thread = startThread(file, stop);
    const removed = thread.send({ folder: join(root, 'grave') });
    await thread.close();
    await removed;
    expect(statSync(join(root, 'grave'), { throwIfNoEntry: false })).toBeUndefined();
  });

  it('that ended on its own fails what it was to do, and what it is told afterwards', async () => {
    const broken = join(root, 'broken.cjs');
    writeFileSync(broken, "throw new Error('broken');");
    const thread = startThread(broken, stop);
    await expect(thread.send(batch(['a']))).rejects.toThrow('broken');
    await expect(thread.send(batch(['a']))).rejects.toThrow('broken');
    await thread.close();
  });

  it('leaves out what is still to do once it is told to stop, and ends', async () => {
    writeFileSync(join(root, 'a'), '123456789');
    Atomics.store(stop, 0, 1);
    expect(await send(batch(['a']))).toEqual({ failure: undefined });
    expect(statSync(join(root, 'diff/a'), { throwIfNoEntry: false })).toBeUndefined();
    const ended = new Promise<number>((done) => worker.once('exit', done));
    worker.postMessage('close');
    expect(await ended).toBe(0);
  });
});
