import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { type Compression, decompress, detectCompression } from '../../src/transports/decompress.ts';

/** The text that the samples, made by bzip2, xz and zstd themselves, hold: made of nothing but arithmetic, so that it need not be stored. */
const PLAIN = Buffer.from(Array.from({ length: 40_000 }, (_, index) => `${(index * 7919) % 10_007}\n`).join(''));

function sample(suffix: string): Buffer {
  return readFileSync(new URL(`./fixtures/numbers.txt.${suffix}`, import.meta.url));
}

const SAMPLES: Readonly<Record<Exclude<Compression, 'plain'>, Buffer>> = {
  gzip: gzipSync(PLAIN),
  bzip2: sample('bz2'),
  xz: sample('xz'),
  zstd: sample('zst'),
};

function* pieces(bytes: Buffer, size: number): Generator<Buffer> {
  const buffer = Buffer.alloc(size);
  for (let at = 0; at < bytes.length; at += size) {
    yield buffer.subarray(0, bytes.copy(buffer, 0, at, Math.min(bytes.length, at + size)));
  }
}

async function read(source: Iterable<Buffer> | AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

describe('decompress', () => {
  for (const [compression, bytes] of Object.entries(SAMPLES)) {
    for (const size of [1, 4096, bytes.length]) {
      it(`reads ${compression} in pieces of ${size}`, async () => {
        const result = decompress(pieces(bytes, size));
        expect(result.compression).toBe(compression);
        expect((await read(result.chunks)).equals(PLAIN)).toBe(true);
      });
    }

    it(`reads two streams of ${compression} one after the other`, async () => {
      const both = await read(decompress([bytes, bytes]).chunks);
      expect(both.equals(Buffer.concat([PLAIN, PLAIN]))).toBe(true);
    });

    it(`refuses ${compression} that breaks off`, async () => {
      const cut = bytes.subarray(0, bytes.length - 20);
      await expect(read(decompress([cut]).chunks)).rejects.toMatchObject({ code: 'LL_ARCHIVE' });
    });

    it(`refuses ${compression} that was damaged`, async () => {
      const bad = Buffer.from(bytes);
      for (let at = bytes.length >> 1; at < (bytes.length >> 1) + 40; at++) bad[at] = (bad[at] ?? 0) ^ 0x5a;
      await expect(read(decompress([bad]).chunks)).rejects.toMatchObject({ code: 'LL_ARCHIVE' });
    });
  }

  it('hands plain data on as it is, also less of it than a magic number has', async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('BZ'), PLAIN]) {
      const result = decompress(pieces(bytes, 3));
      expect(result.compression).toBe('plain');
      expect(Symbol.iterator in result.chunks).toBe(true);
      expect((await read(result.chunks)).equals(bytes)).toBe(true);
    }
  });
});

describe('detectCompression', () => {
  it('knows a skippable zstd frame, and is not taken in by the first letters alone', () => {
    expect(detectCompression(Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 0, 0]))).toBe('zstd');
    expect(detectCompression(Buffer.from('BZip'))).toBe('plain');
    expect(detectCompression(Buffer.from([0x1f, 0x8b, 0x07]))).toBe('plain');
  });
});
