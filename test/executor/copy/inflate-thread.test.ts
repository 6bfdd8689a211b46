import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type InflateThread, startInflateThread } from '../../../src/executor/copy/inflate-thread/inflate-thread.ts';
import { decompress } from '../../../src/transports/decompress.ts';

const BUILT = fileURLToPath(new URL('../../../dist/inflate-worker.cjs', import.meta.url));

describe('a thread that decompresses', () => {
  let folder: string;
  let opened: number[];
  let threads: InflateThread[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'layerlab-inflate-'));
    opened = [];
    threads = [];
  });
  afterEach(async () => {
    for (const thread of threads) await thread.close();
    for (const fd of opened) closeSync(fd);
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (bytes: Buffer): InflateThread => {
    writeFileSync(join(folder, 'packed'), bytes);
    opened.push(openSync(join(folder, 'packed'), 'r'), openSync(join(folder, 'plain'), 'wx+'));
    const [source = -1, target = -1] = opened;
    const thread = startInflateThread({ source, target, name: 'packed' }, BUILT);
    if (thread === undefined) throw new Error('no thread');
    threads.push(thread);
    return thread;
  };
  const all = async (chunks: Iterable<Buffer> | AsyncIterable<Buffer>): Promise<{ bytes: Buffer; error: unknown }> => {
    const parts: Buffer[] = [];
    try {
      for await (const chunk of chunks) parts.push(Buffer.from(chunk));
    } catch (error) {
      return { bytes: Buffer.concat(parts), error };
    }
    return { bytes: Buffer.concat(parts), error: undefined };
  };
  const content = Buffer.from(Array.from({ length: 5_000_001 }, (_, i) => (i * i) >> 7));

  it('gives what was packed, in files of several members too', async () => {
    const packed = Buffer.concat([gzipSync(content), gzipSync(Buffer.from('more'))]);
    const { bytes, error } = await all(start(packed).chunks());
    expect(error).toBeUndefined();
    expect(bytes.equals(Buffer.concat([content, Buffer.from('more')]))).toBe(true);
  });

  it.each([
    ['cut', (packed: Buffer) => packed.subarray(0, packed.length >> 1)],
    ['damaged', (packed: Buffer) => Buffer.from(packed).fill(0xff, packed.length >> 1, (packed.length >> 1) + 64)],
    ['followed by junk', (packed: Buffer) => Buffer.concat([packed, Buffer.from('junk')])],
  ])('says of data that is %s what is said without it, behind the same bytes', async (_, spoil) => {
    const packed = spoil(gzipSync(content));
    const here = await all(decompress([packed]).chunks);
    const { bytes, error } = await all(start(packed).chunks());
    expect(bytes.equals(here.bytes)).toBe(true);
    expect(String(error)).toBe(String(here.error));
  });

  it('can be given up at any time', async () => {
    const thread = start(gzipSync(content));
    for await (const chunk of thread.chunks()) {
      expect(chunk.equals(content.subarray(0, chunk.length))).toBe(true);
      break;
    }
    await thread.close();
    await expect(thread.close()).resolves.toBeUndefined();
  });

  it('tells of a target that cannot be written', async () => {
    writeFileSync(join(folder, 'packed'), gzipSync(content));
    opened.push(openSync(join(folder, 'packed'), 'r'));
    const [source = -1] = opened;
    const thread = startInflateThread({ source, target: source, name: 'packed' }, BUILT);
    if (thread === undefined) throw new Error('no thread');
    threads.push(thread);
    expect((await all(thread.chunks())).error).toMatchObject({ code: 'LL_IO', message: /^unpacking packed: EBADF/ });
  });

  it('that dies is told of', async () => {
    const script = join(folder, 'dies.cjs');
    writeFileSync(script, 'throw new Error("dead");');
    const thread = startInflateThread({ source: 0, target: 0, name: 'packed' }, script);
    if (thread === undefined) throw new Error('no thread');
    threads.push(thread);
    expect((await all(thread.chunks())).error).toMatchObject({ code: 'LL_IO', message: 'unpacking packed: dead' });
  });

  it('is not there where its file is not', () => {
    expect(startInflateThread({ source: 0, target: 0, name: '' }, join(folder, 'none'))).toBeUndefined();
  });
});
