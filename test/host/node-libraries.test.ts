import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nativeCrc32, nativeRandom, nativeSha256 } from '../../src/host/node-libraries.ts';

const there = <T>(found: T | undefined): T => {
  if (found === undefined) throw new Error('this host has it not');
  return found;
};

const hex = (text: string): string => Buffer.from(text).toString('hex');

describe('the libraries that Node is linked with', () => {
  // NIST, Examples with Intermediate Values, SHA256.pdf and SHA2_Additional.pdf; the empty message: CAVP SHA256ShortMsg.
  it.each([
    ['nothing', '', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', hex('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      '448 bits',
      hex('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq'),
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
    ['a million zeros', '00'.repeat(1e6), 'd29751f2649b32ff572b5e0a9f541ea660a50f94ff0beedfb0b692b924cc8025'],
  ])('hash %s as the standard says', (_, message, digest) => {
    const native = there(nativeSha256());
    const bytes = Buffer.from(message, 'hex');
    expect(native.of(bytes)).toBe(digest);
    const stream = native.open();
    for (let at = 0; at < bytes.length; at += 100_000) stream.update(bytes.subarray(at, at + 100_000));
    expect(stream.digest()).toBe(digest);
  });

  it('hash several streams side by side, in any pieces, from memory of any kind', () => {
    const native = there(nativeSha256());
    const kinds = [
      (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes),
      (bytes: Uint8Array): Uint8Array => Buffer.from(bytes),
      (bytes: Uint8Array): Uint8Array => {
        const shared = new Uint8Array(new SharedArrayBuffer(bytes.length + 3), 3);
        shared.set(bytes);
        return shared;
      },
    ];
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (pieces) => {
        const expected = createHash('sha256').update(Buffer.concat(pieces)).digest('hex');
        const streams = kinds.map((kind) => ({ kind, stream: native.open() }));
        for (const piece of pieces) for (const { kind, stream } of streams) stream.update(kind(piece));
        for (const { stream } of streams) expect(stream.digest()).toBe(expected);
        for (const kind of kinds) expect(native.of(kind(Buffer.concat(pieces)))).toBe(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('sum up as the catalogue of CRC algorithms says', () => {
    const crc32 = there(nativeCrc32());
    expect(crc32(Buffer.from('123456789')) >>> 0).toBe(0xcbf43926);
    expect(crc32(Buffer.alloc(0)) >>> 0).toBe(0);
  });

  it('give random bytes: all of them others each time', () => {
    const fill = there(nativeRandom());
    const seen = new Set<string>();
    for (let i = 0; i < 200; i++) {
      const bytes = Buffer.alloc(16);
      expect(fill(bytes)).toBe(true);
      seen.add(bytes.toString('hex'));
    }
    expect(seen.size).toBe(200);
  });
});
