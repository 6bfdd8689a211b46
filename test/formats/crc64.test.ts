import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { type Crc64, crc64Factory, loadCrc64, plainCrc64 } from '../../src/formats/crc64.ts';
import { crc64Module } from '../../src/formats/crc64-module.ts';

const sum = (crc: Crc64, ...chunks: readonly Uint8Array[]): string => {
  crc.init();
  for (const chunk of chunks) crc.update(chunk);
  return crc.digest().toString('hex');
};

describe('CRC-64', () => {
  it("has the check value of Go's ISO table", async () => {
    // The catalogue of CRC algorithms: CRC-64/GO-ISO.
    const crc = (await loadCrc64())();
    expect(sum(crc, Buffer.from('123456789'))).toBe('b90956c775a41001');
    expect(sum(crc)).toBe('0000000000000000');
  });

  it('has the value that Docker stored for a file of 40000 bytes', async () => {
    // From the tar-split.json.gz of a layer of Docker 28.5.
    const crc = (await loadCrc64())();
    const expected = Buffer.from('NwLzVxrZ4j4=', 'base64').toString('hex');
    expect(sum(crc, Buffer.alloc(40000, '1'))).toBe(expected);
  });

  it('does not depend on the chunks, nor on files read in between', async () => {
    const create = await loadCrc64();
    const [crc, other] = [create(), create()];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(600), fc.nat(600), (bytes, a, b) => {
        const [first, second] = [Math.min(a, b), Math.max(a, b)];
        const whole = sum(crc, bytes);
        crc.init();
        crc.update(bytes.subarray(0, first));
        other.init();
        other.update(Buffer.alloc(200, 1));
        crc.update(bytes.subarray(first, second));
        other.update(Buffer.alloc(200, 2));
        crc.update(bytes.subarray(second));
        expect(crc.digest().toString('hex')).toBe(whole);
        expect(other.digest().toString('hex')).toBe(sum(other, Buffer.alloc(200, 1), Buffer.alloc(200, 2)));
      }),
    );
  });

  it('gives up a file that was begun but not finished', async () => {
    const crc = (await loadCrc64())();
    crc.init();
    crc.update(Buffer.alloc(1000));
    expect(sum(crc, Buffer.from('123456789'))).toBe('b90956c775a41001');
  });

  // Bit by bit, from the definition alone: reflected, polynomial x^64 + x^4 + x^3 + x + 1.
  const defined = (bytes: Uint8Array): string => {
    let state = 0xffffffffffffffffn;
    for (const byte of bytes) {
      state ^= BigInt(byte);
      for (let bit = 0; bit < 8; bit++) state = state & 1n ? (state >> 1n) ^ 0xd800000000000000n : state >> 1n;
    }
    return (state ^ 0xffffffffffffffffn).toString(16).padStart(16, '0');
  };

  it.each([
    ['with vectors', crc64Factory(crc64Module(true))],
    ['without', crc64Factory(crc64Module(false))],
    ['without a module', plainCrc64],
  ])('is what its definition says for every length, %s', (_, create) => {
    const crc = create?.() as Crc64;
    const bytes = Buffer.from(Array.from({ length: 700 }, (_, i) => (i * 167 + (i >> 3)) & 0xff));
    for (let length = 0; length <= bytes.length; length++) {
      const part = bytes.subarray(0, length);
      expect(`${length}: ${sum(crc, part)}`).toBe(`${length}: ${defined(part)}`);
    }
  });

  it.each([
    ['with vectors', crc64Factory(crc64Module(true))],
    ['without', crc64Factory(crc64Module(false))],
    ['without a module', plainCrc64],
  ])('takes more at once than its memory holds, %s', (_, create) => {
    const crc = create?.() as Crc64;
    const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * i) >> 5));
    expect(sum(crc, bytes)).toBe(defined(bytes));
    expect(sum(crc, Buffer.alloc(0), bytes.subarray(0, 65_537), bytes.subarray(65_537))).toBe(defined(bytes));
  });

  it('goes on with a module in the middle of a file, where there is too much to take without', async () => {
    const bytes = Buffer.from(Array.from({ length: 40_000 }, (_, i) => (i * 7) ^ (i >> 4)));
    jest.resetModules();
    const fresh: typeof import('../../src/formats/crc64.ts') = await import('../../src/formats/crc64.ts');
    const crc = (await fresh.loadCrc64())();
    expect(sum(crc, bytes.subarray(0, 10_001), bytes.subarray(10_001, 10_003), bytes.subarray(10_003))).toBe(
      defined(bytes),
    );
    expect(sum(crc, bytes)).toBe(defined(bytes));
  });
});
