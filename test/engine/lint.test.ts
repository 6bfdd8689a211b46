import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { build } from '../../src/engine/build.ts';
import { lint } from '../../src/engine/lint.ts';

let home: string;
let context: string;
let dataRoot: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'layerlab-lint-'));
  context = join(home, 'context');
  dataRoot = join(home, 'data-root');
  mkdirSync(context);
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

const rules = (dockerfile: string, more: Partial<Parameters<typeof lint>[0]> = {}) => {
  writeFileSync(join(context, 'Dockerfile'), dockerfile);
  return lint({ dataRoot, context, ...more }).findings.map(({ rule, startLine }) => `${startLine} ${rule}`);
};

describe('lint', () => {
  it('gives plain data', () => {
    writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\nENV A 1\n');
    expect(lint({ dataRoot, context })).toEqual({
      file: 'Dockerfile',
      path: join(context, 'Dockerfile'),
      source: 'FROM scratch\nENV A 1\n',
      findings: [
        {
          rule: 'LegacyKeyValueFormat',
          url: 'https://docs.docker.com/go/dockerfile/rule/legacy-key-value-format/',
          message: '"ENV key=value" should be used instead of legacy "ENV key value" format',
          startLine: 2,
          endLine: 2,
          place: { line: 2, startColumn: 4, endColumn: 5 },
        },
      ],
      error: undefined,
    });
  });

  it('reads .dockerignore, and trusts it only where no pattern takes back another', () => {
    const text = '# check=experimental=all\nFROM scratch\nCOPY a/b /\nADD c /';
    writeFileSync(join(context, '.dockerignore'), 'a\n');
    expect(rules(text)).toEqual(['3 CopyIgnoredFile']);
    writeFileSync(join(context, '.dockerignore'), 'a\n!a/b\n');
    expect(rules(text)).toEqual([]);
    writeFileSync(join(context, 'Dockerfile.dockerignore'), 'c\n');
    expect(rules(text)).toEqual(['4 CopyIgnoredFile']);
  });

  it('knows the platforms of the arguments, and build arguments', () => {
    expect(rules('FROM --platform=$TARGETPLATFORM scratch')).toEqual(['1 RedundantTargetPlatform']);
    const text = 'FROM scratch\nARG A=$B\nENV C=$A';
    expect(rules(text)).toEqual(['2 UndefinedVar']);
    expect(rules(text, { buildArgs: { A: '1' } })).toEqual([]);
  });

  it('takes what it has to know of a base from the data-root, and makes none', async () => {
    const text = 'FROM base\nUSER $HERE$NOT\nCMD a';
    expect(rules(text)).toEqual(['3 JSONArgsRecommended']);
    expect(() => rmSync(dataRoot)).toThrow('ENOENT');
    writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\nENV HERE=1\nSHELL ["/bin/x"]\nCOPY Dockerfile /\n');
    await build({ dataRoot, context, tags: ['base'] });
    expect(rules(text)).toEqual(['2 UndefinedVar']);
    expect(rules('FROM --platform=plan9/$TARGETARCH base')).toEqual(['1 InvalidBaseImagePlatform']);
  });

  it('says what is no name of an image', () => {
    writeFileSync(join(context, 'Dockerfile'), 'FROM A:b:c\n');
    const { error } = lint({ dataRoot, context });
    expect(error?.message).toMatch(/^failed to parse stage name "A:b:c": invalid reference format/);
    expect(error?.location).toMatchObject({ startLine: 1 });
  });

  // In docker's words: `docker build --check` of Docker 28.5.
  it.each([
    [
      'FROM scratch\nENV A=$x\nEXPOSE 80/foo\nENV B=$y\n',
      'invalid port: "80/foo": invalid proto: foo',
      ['2 UndefinedVar'],
    ],
    ['FROM scratch\nSTOPSIGNAL FOO\nMAINTAINER me\n', 'invalid signal: FOO', ['3 MaintainerDeprecated']],
    ['FROM scratch AS a\nEXPOSE 80/foo\nFROM scratch\n', 'invalid port: "80/foo": invalid proto: foo', []],
    ['FROM scratch\nCOPY --from=7 a b\n', 'invalid stage index 7', []],
    ['FROM scratch\nENV A=$' + '{x:?wanted}\n', `failed to process "\${x:?wanted}": x: wanted`, ['2 UndefinedVar']],
    ['FROM scratch\nRUN []\nCOPY --chown=a:b:c a b\n', undefined, []],
  ])('ends where a build would be refused before it begins: %j', (dockerfile, message, found) => {
    expect(rules(dockerfile)).toEqual(found);
    expect(lint({ dataRoot, context }).error?.message).toBe(message);
  });

  it('leaves alone what the target does not need', () => {
    writeFileSync(join(context, 'Dockerfile'), 'FROM scratch AS a\nEXPOSE 80/foo\nFROM scratch AS b\n');
    expect(lint({ dataRoot, context, target: 'a' }).error?.location).toMatchObject({ startLine: 2 });
    expect(lint({ dataRoot, context, target: 'b' }).error).toBeUndefined();
  });

  it('takes a named context for what it is, whatever its name', () => {
    writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\nCOPY --from=files a /\nFROM more\n');
    expect(lint({ dataRoot, context, buildContexts: { files: context, more: context } }).error).toBeUndefined();
  });
});
