import { describe, expect, it } from '@jest/globals';
import { chainId, digestOf, EMPTY_LAYER, hexOf, isDigest, parseDigest } from '../../src/formats/digest.ts';

const hex = 'ab'.repeat(32);

describe('parseDigest', () => {
  it('takes a sha256 digest', () => {
    expect(parseDigest(`sha256:${hex}`)).toBe(`sha256:${hex}`);
    expect(hexOf(parseDigest(`sha256:${hex}`))).toBe(hex);
  });

  it.each([
    hex,
    `sha256:${hex.toUpperCase()}`,
    `sha256:${hex}0`,
    `sha256:${hex.slice(1)}`,
    `sha512:${hex}`,
    ` sha256:${hex}`,
    `sha256:${hex}\n`,
    `sha256:${hex.slice(3)}/..`,
    '',
  ])('refuses %j', (text) => {
    expect(isDigest(text)).toBe(false);
    expect(() => parseDigest(text)).toThrow(expect.objectContaining({ code: 'LL_DIGEST', exitCode: 2 }));
  });
});

describe('digestOf', () => {
  it('is sha256', () => {
    // FIPS 180-4: the one-block message "abc".
    expect(digestOf('abc')).toBe('sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(digestOf(Buffer.alloc(1024))).toBe(EMPTY_LAYER);
  });
});

describe('chainId', () => {
  it('folds the layers of a published image', () => {
    const diffIds = [
      '50644c29ef5a27c9a40c393a73ece2479de78325cae7d762ef3cdc19bf42dd0a',
      '9c572ba82b91e3ac35c7351bdacc6876c67f5d9bc69c5e51e8b2deeafae95e4f',
      '1680a9f16b18732726d0656b6d6ff9611a3c4460ca870827b537a87bbe10cc22',
      '8521b614863046bf4bb604e3586feeca8b7ce1372f1d6664a5545e85ad9ca472',
    ];
    let chain: ReturnType<typeof parseDigest> | undefined;
    const chains = diffIds.map((diffId) => {
      chain = chainId(chain, parseDigest(`sha256:${diffId}`));
      return hexOf(chain);
    });
    expect(chains).toEqual([
      '50644c29ef5a27c9a40c393a73ece2479de78325cae7d762ef3cdc19bf42dd0a',
      'fe267088885017d5e9a4621e68617a7f35e58dc2d0d747927882da21059854e3',
      '5f72760956a669e4c9b33aa3f2f04baa84b0f4cf1e11676049981bafcbba74da',
      '228fb92e31891f472e9857ee11d13c404ff7c88e808b05ce4ebdc80d785d71f3',
    ]);
  });
});
