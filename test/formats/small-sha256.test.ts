import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { sha256Module } from '../../src/formats/sha256-module.ts';
import { smallSha256 } from '../../src/formats/small-sha256.ts';

const filled = (count: number, byte: number): Buffer => Buffer.alloc(count, byte);

describe('smallSha256', () => {
  // NIST, Examples with Intermediate Values, SHA256.pdf and SHA2_Additional.pdf; the empty message: CAVP SHA256ShortMsg.
  it.each([
    ['nothing', Buffer.alloc(0), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', Buffer.from('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      '448 bits',
      Buffer.from('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq'),
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
    ['one byte', filled(1, 0xbd), '68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b'],
    ['four bytes', Buffer.from('c98c8e55', 'hex'), '7abc22c0ae5af26ce93dbb94433a0e0b2e119d014f8e7f65bd56c61ccccd9504'],
    ['55 zeros', filled(55, 0), '02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7'],
    ['56 zeros', filled(56, 0), 'd4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb'],
    ['57 zeros', filled(57, 0), '65a16cb7861335d5ace3c60718b5052e44660726da4cd13bb745381b235a1785'],
    ['64 zeros', filled(64, 0), 'f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b'],
    ['1000 zeros', filled(1000, 0), '541b3e9daa09b20bf85fa273e5cbd3e80185aa4ec298e765db87742b70138a53'],
    ['1000 times A', filled(1000, 0x41), 'c2e686823489ced2017f6059b8b239318b6364f6dcd835d0a519105a1eadd6e4'],
    ['1005 times U', filled(1005, 0x55), 'f4d62ddec0f3dd90ea1380fa16a5ff8dc4c54b21740650f24afc4120903552b0'],
    ['a million zeros', filled(1e6, 0), 'd29751f2649b32ff572b5e0a9f541ea660a50f94ff0beedfb0b692b924cc8025'],
    ['a million times a', filled(1e6, 0x61), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
  ])('of %s is what the standard says', (_, bytes, digest) => {
    expect(smallSha256(bytes)).toBe(digest);
  });

  it("is OpenSSL's of any bytes", () => {
    const ofOpenSsl = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
    for (let size = 0; size < 200; size++) expect(smallSha256(filled(size, size))).toBe(ofOpenSsl(filled(size, size)));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70_000, size: 'max' }), (bytes) => {
        expect(smallSha256(bytes)).toBe(ofOpenSsl(bytes));
      }),
      { numRuns: 60 },
    );
  });

  it('runs the module that is put together from the standard', () => {
    const primes: number[] = [];
    for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
    // Section 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes.
    const constants = primes.map((prime) => {
      let root = 0n;
      for (let bit = 36n; bit >= 0n; bit--) if ((root + (1n << bit)) ** 3n <= BigInt(prime) << 96n) root += 1n << bit;
      return Number(root & 0xffffffffn);
    });
    expect(constants.slice(0, 2)).toEqual([0x428a2f98, 0x71374491]);
    const source = readFileSync(new URL('../../src/formats/small-sha256.ts', import.meta.url), 'utf8');
    const kept = [...(/const MODULE = \[([^\]]*)\]/.exec(source)?.[1]?.matchAll(/'([^']*)'/g) ?? [])];
    expect(kept.map(([, part]) => part).join('')).toBe(Buffer.from(sha256Module(constants)).toString('base64'));
  });
});

describe('digests of a short command', () => {
  beforeEach(() => {
    jest.resetModules();
  });

  it.each([
    ['few', 'expectFewDigests'],
    ['many', 'expectManyDigests'],
  ] as const)('are the same where %s are expected, and when there are more', async (_, expectation) => {
    const digests = await import('../../src/formats/digest.ts');
    const expectations = await import('../../src/formats/sha256.ts');
    expectations[expectation]();
    for (const size of [3, 3000, 10_000, 10_000, 3, 100_000]) {
      const text = 'ä'.repeat(size);
      const expected = `sha256:${createHash('sha256').update(text).digest('hex')}`;
      expect(digests.digestOf(text)).toBe(expected);
      expect(digests.digestOf(Buffer.from(text))).toBe(expected);
    }
    expect(digests.digestOf('\ud800')).toBe(`sha256:${createHash('sha256').update('\ud800').digest('hex')}`);
  });
});
