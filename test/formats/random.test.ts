import { beforeEach, describe, expect, it, jest } from '@jest/globals';

describe('random bytes', () => {
  let random: typeof import('../../src/formats/random.ts');
  beforeEach(async () => {
    jest.resetModules();
    random = await import('../../src/formats/random.ts');
  });

  it('come from who offers them', () => {
    random.offerRandom(() => (bytes) => {
      bytes.fill(0xab);
      return true;
    });
    expect(random.randomHex(3)).toBe('ababab');
    expect(random.randomBytes(2)).toEqual(Buffer.of(0xab, 0xab));
  });

  it.each([
    ['has none', () => undefined],
    [
      'fails, though it has written something',
      () => (bytes: Buffer) => {
        bytes.fill(0);
        return false;
      },
    ],
  ])("are Node's where who offers them %s", (_, offer) => {
    random.offerRandom(offer);
    const seen = new Set(Array.from({ length: 100 }, () => random.randomHex(8)));
    expect(seen.size).toBe(100);
    for (const text of seen) expect(text).toMatch(/^[0-9a-f]{16}$/);
  });
});
