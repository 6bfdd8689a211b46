import { describe, expect, it } from '@jest/globals';
import { chainId, type Digest, digestOf, hexOf } from '../../src/formats/digest.ts';
import {
  encodeBuildkitImage,
  encodeClassicImage,
  type ImageConfig,
  parseImageConfig,
} from '../../src/formats/image-config.ts';
import { fixture, fixtureNames } from './fixture.ts';

const encode = (image: ImageConfig, compat: string): Buffer => {
  const early = compat !== '28';
  if (image.dockerVersion === '') return encodeBuildkitImage(image, { earlyLayout: early, longEscapes: early });
  return encodeClassicImage(image, { historyAuthor: early ? 'before' : 'after', longEscapes: early });
};

describe('image configs', () => {
  // Read out of the imagedb of Docker 28.5 and 20.10: builds of both builders with every instruction, an import, a commit.
  const names = fixtureNames('image-').filter((name) => name.endsWith('.config'));

  it('are there for both versions and both builders', () => {
    expect(names.length).toBeGreaterThanOrEqual(15);
  });

  it.each(names)('%s is written again byte for byte', (name) => {
    const bytes = fixture(name);
    const [, compat = '', id = ''] = /^image-([0-9.]+)-.*-([0-9a-f]{12})\.config$/.exec(name) ?? [];
    const written = encode(parseImageConfig(bytes), compat);
    expect(written.toString()).toBe(bytes.toString());
    expect(hexOf(digestOf(written)).slice(0, 12)).toBe(id);
  });

  it('of a published image of Docker 18.06 have its id and its chain ids', () => {
    const image = parseImageConfig(fixture('image-18.06-openresty.pretty.json'));
    const bytes = encodeClassicImage(image, { historyAuthor: 'before' });
    expect(digestOf(bytes)).toBe('sha256:1ddc7a18ba0bcc20c61447f391bfff98ac559eea590e7ac59b5b5f588f1f47ed');
    let chain: Digest | undefined;
    for (const diffId of image.diffIds) chain = chainId(chain, diffId);
    expect(chain).toBe('sha256:228fb92e31891f472e9857ee11d13c404ff7c88e808b05ce4ebdc80d785d71f3');
  });

  it('are read field by field', () => {
    const [name = ''] = names.filter((candidate) => candidate.startsWith('image-28-all-0-'));
    const image = parseImageConfig(fixture(name));
    expect(image).toMatchObject({ architecture: 'amd64', os: 'linux', author: 'Jo <jo@example.org>', comment: '' });
    expect(image.config).toMatchObject({
      user: '1000:1000',
      workingDir: '/w/x',
      stopSignal: 'SIGQUIT',
      shell: ['/bin/sh', '-ec'],
      entrypoint: ['/bin/sh', '-c'],
      onBuild: ['RUN echo trig'],
      exposedPorts: new Set(['443/udp', '80/tcp']),
      volumes: new Set(['/data', '/e']),
      healthcheck: { test: ['CMD-SHELL', 'echo ok'], interval: 300_000_000_000n, timeout: 3_000_000_000n, retries: 3 },
    });
    expect(image.history[0]).toEqual({ created: expect.any(String), comment: 'Imported from -' });
    expect(image.history.filter((row) => row.emptyLayer !== true)).toHaveLength(image.diffIds.length);
  });

  it('keep fields that moby does not know, and leave them out when written', () => {
    const image = parseImageConfig('{"os":"linux","moby.buildkit.cache.v0":"eyJ4IjoxfQ==","__proto__":1}');
    expect([...image.unknown]).toEqual([
      ['moby.buildkit.cache.v0', 'eyJ4IjoxfQ=='],
      ['__proto__', 1],
    ]);
    expect(encodeBuildkitImage(image).toString()).toBe(
      '{"architecture":"","config":{},"created":null,"history":null,"os":"linux","rootfs":{"type":"layers","diff_ids":null}}',
    );
  });

  it("match field names in any letter case, as Go's decoder does", () => {
    const image = parseImageConfig('{"OS":"linux","Config":{"user":"u","ENV":["A=b",null]}}');
    expect(image.os).toBe('linux');
    expect(image.config).toMatchObject({ user: 'u', env: ['A=b', ''] });
  });

  it.each([
    '[]',
    'null',
    '{"os":1}',
    '{"config":[]}',
    '{"config":{"Env":"x"}}',
    '{"config":{"Env":[1]}}',
    '{"config":{"Labels":{"a":1}}}',
    '{"config":{"Tty":"yes"}}',
    '{"config":{"Healthcheck":{"Retries":1.5}}}',
    '{"history":{}}',
    '{"history":[1]}',
    '{"rootfs":{"diff_ids":{}}}',
    '{',
  ])('refuse %s', (text) => {
    expect(() => parseImageConfig(text)).toThrow(expect.objectContaining({ code: 'LL_JSON' }));
  });

  it('refuse diff ids out of grammar and documents that are too long', () => {
    expect(() => parseImageConfig('{"rootfs":{"diff_ids":["sha256:../../x"]}}')).toThrow(
      expect.objectContaining({ code: 'LL_CORRUPT' }),
    );
    expect(() => parseImageConfig(`"${'x'.repeat(9 << 20)}"`)).toThrow(expect.objectContaining({ code: 'LL_LIMIT' }));
  });
});
