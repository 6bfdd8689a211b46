import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LayerlabError } from '../../src/errors/layerlab-error.ts';
import { type ImageBrief, parseImageBrief } from '../../src/formats/image-brief.ts';
import { parseImageConfig } from '../../src/formats/image-config.ts';
import { fixture, fixtureNames } from './fixture.ts';

type Told = ImageBrief | { readonly code: string; readonly message: string };

const told = (read: () => ImageBrief): Told => {
  try {
    return read();
  } catch (error) {
    if (error instanceof LayerlabError) return { code: error.code, message: error.message };
    throw error;
  }
};

/** What the reader of whole configs, which is held to dockerd's own bytes, says of the same document. */
const thoroughly = (bytes: Buffer): Told =>
  told(() => {
    const { os, created, diffIds, config } = parseImageConfig(bytes);
    return { os, created, diffIds, labels: config?.labels ?? null };
  });

const briefly = (bytes: Buffer): Told => told(() => parseImageBrief(bytes));

const DIGEST = `sha256:${'0a'.repeat(32)}`;

describe('what a listing tells of an image', () => {
  it.each(fixtureNames('image-'))('is in the config %s what the config says', (name) => {
    expect(briefly(fixture(name))).toEqual(thoroughly(fixture(name)));
  });

  it('is read out of a config as docker writes it', () => {
    const config = `{"architecture":"amd64","config":{"Env":["A=b"],"Labels":{"k":"v","__proto__":"w"},"ExposedPorts":{"80/tcp":{}}},
      "created":"2024-01-02T03:04:05.6Z","history":[{"created_by":"x","empty_layer":true}],"os":"linux",
      "rootfs":{"type":"layers","diff_ids":["${DIGEST}"]}}`;
    expect(parseImageBrief(Buffer.from(config))).toEqual({
      os: 'linux',
      created: '2024-01-02T03:04:05.6Z',
      diffIds: [DIGEST],
      labels: new Map([
        ['k', 'v'],
        ['__proto__', 'w'],
      ]),
    });
  });

  it.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['nothing', '{}'],
    ['null', 'null'],
    ['only nulls', '{"os":null,"created":null,"config":null,"rootfs":null,"history":null}'],
    ['nulls further in', '{"config":{"Labels":{"a":null},"Env":null},"history":[null],"rootfs":{"diff_ids":null}}'],
    ['a null for a diff id', '{"rootfs":{"diff_ids":[null]}}'],
    ['another letter case', '{"OS":"linux","Created":"c","CONFIG":{"labels":{"a":"b"}},"rootfs":{"DIFF_IDS":["x"]}}'],
    ['both letter cases', '{"os":"linux","OS":"windows"}'],
    ['a field twice', '{"os":"linux","os":"windows"}'],
    ['a number for a system', '{"os":1}'],
    ['a text for a config', '{"config":"x"}'],
    ['a list for a config', '{"config":[]}'],
    ['a text for labels', '{"config":{"Labels":"x"}}'],
    ['a number for a label', '{"config":{"Labels":{"a":1}}}'],
    ['a text for an environment', '{"config":{"Env":"x"}}'],
    ['a number in an environment', '{"config":{"Env":[1]}}'],
    ['a text for a flag', '{"config":{"Tty":"true"}}'],
    ['a text for a health check', '{"config":{"Healthcheck":"x"}}'],
    ['a health check', '{"os":"linux","config":{"Healthcheck":{"Interval":30000000000}}}'],
    ['a time to stop', '{"os":"linux","config":{"StopTimeout":10}}'],
    ['a list of ports', '{"config":{"ExposedPorts":["80"]}}'],
    ['something in a port', '{"os":"linux","config":{"ExposedPorts":{"80":{"deep":[1]}}}}'],
    ['a text for a history', '{"history":"x"}'],
    ['a text for a row', '{"history":["x"]}'],
    ['a number in a row', '{"history":[{"created_by":1}]}'],
    ['a text for no layer', '{"history":[{"empty_layer":"true"}]}'],
    ['a field more in a row', '{"os":"linux","history":[{"more":1}]}'],
    ['a text for the layers', '{"rootfs":{"diff_ids":"x"}}'],
    ['a diff id out of grammar', '{"rootfs":{"diff_ids":["sha256:00"]}}'],
    ['the config of a container', '{"container_config":{"Cmd":"x"}}'],
    ['versions of a system', '{"os":"windows","os.version":"10","os.features":["win32k"]}'],
    ['features of another type', '{"os.features":"x"}'],
    ['a field that nobody knows', '{"os":"linux","moby.buildkit.cache.v0":"AAAA"}'],
    ['half of a character', '{"os":"\\ud800","config":{"Labels":{"\\uDC00":"\\ud83d"}}}'],
    ['a whole character', '{"os":"\\ud83d\\ude00"}'],
    ['bytes that are no UTF-8', '{"os":"\xff"}'],
    ['what is deep', `{"os":"linux","config":{"Volumes":{"/v":${'{"a":'.repeat(120)}1${'}'.repeat(120)}}}}`],
    ['the prototype of objects', '{"os":"linux","__proto__":{"created":"c"},"constructor":"x"}'],
  ])('is what the whole config says of %s', (_, document) => {
    const bytes = Buffer.from(document, 'latin1');
    expect(briefly(bytes)).toEqual(thoroughly(bytes));
  });

  it('is refused where the document is too large, as the whole config is', () => {
    const bytes = Buffer.from(`{"author":"${'x'.repeat(8 << 20)}"}`);
    expect(briefly(bytes)).toMatchObject({ code: 'LL_LIMIT' });
    expect(briefly(bytes)).toEqual(thoroughly(bytes));
  });

  it('is the same whatever values stand where', () => {
    const value = fc.oneof(
      fc.constantFrom(null, true, false, 1, 'linux', DIGEST, '\ud800', [], {}, [null], ['a'], [DIGEST], [1]),
      fc.dictionary(fc.constantFrom('a', '1', 'Labels', '__proto__'), fc.constantFrom(null, 'x', 1, {}, [])),
    );
    const some = (names: readonly string[]) => fc.dictionary(fc.constantFrom(...names), value);
    const config = some(['Labels', 'Env', 'ExposedPorts', 'Tty', 'User', 'Healthcheck', 'env']);
    const row = some(['created', 'created_by', 'empty_layer', 'other']);
    const image = fc.record(
      {
        os: value,
        created: value,
        config: fc.oneof(config, value),
        history: fc.oneof(fc.array(row), value),
        rootfs: fc.oneof(some(['type', 'diff_ids', 'other']), value),
        other: value,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(image, (document) => {
        const bytes = Buffer.from(JSON.stringify(document));
        expect(briefly(bytes)).toEqual(thoroughly(bytes));
      }),
      { numRuns: 500 },
    );
  });
});
