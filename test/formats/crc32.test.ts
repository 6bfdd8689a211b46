import { beforeEach, describe, expect, it, jest } from '@jest/globals';

describe('CRC-32', () => {
  let sums: typeof import('../../src/formats/crc32.ts');
  beforeEach(async () => {
    jest.resetModules();
    sums = await import('../../src/formats/crc32.ts');
  });

  // The check value of the catalogue of CRC algorithms; of 32 zeros and of 32 times 0xff: zlib's.
  it.each([
    ['123456789', Buffer.from('123456789'), 0xcbf43926],
    ['nothing', Buffer.alloc(0), 0],
    ['32 zeros', Buffer.alloc(32), 0x190a55ad],
    ['32 times 0xff', Buffer.alloc(32, 0xff), 0xff6cab0b],
  ])('of %s is what the standard says', (_, bytes, sum) => {
    expect(sums.crc32(bytes)).toBe(sum);
    sums.offerCrc32(() => undefined);
    expect(sums.crc32(bytes)).toBe(sum);
  });

  it('is that of the latest who offers one', () => {
    expect(sums.crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
    sums.offerCrc32(() => () => 7);
    expect(sums.crc32(Buffer.from('123456789'))).toBe(7);
  });

  it('comes from who offers it, without a sign', () => {
    sums.offerCrc32(() => () => -1);
    expect(sums.crc32(Buffer.from('x'))).toBe(0xffff_ffff);
  });
});
