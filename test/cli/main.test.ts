import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Engine } from '../../src/cli/engine.ts';
import { main } from '../../src/cli/main.ts';
import type { BuildOptions } from '../../src/engine/build-options.ts';
import { LayerlabError } from '../../src/errors/layerlab-error.ts';
import { fakeOutput } from './fake-output.ts';
import { sampleImage } from './sample-image.ts';

const ID = 'sha256:179179840b161393bfbcdf30721fb82a7a18e0f8f94206b1b00d9e9ced98f025';
const NOW = 1_795_227_393_000;

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** The verb that was called, and with what. */
  readonly calls: readonly (readonly [string, unknown])[];
}

interface World {
  readonly env?: Record<string, string>;
  readonly stdin?: string;
  readonly tty?: boolean;
  readonly engine?: Partial<Engine>;
  readonly signal?: AbortSignal;
}

async function run(argv: readonly string[], world: World = {}): Promise<Ran> {
  const calls: [string, unknown][] = [];
  const answers: Record<string, unknown> = {
    build: { imageId: ID, tags: [], layers: 1, configSteps: 0, cachedSteps: 0 },
    images: [
      {
        id: ID,
        repository: 'h4y',
        tag: 'latest',
        digest: '<none>',
        created: NOW / 1000 - 1,
        createdAt: '2026-11-21T02:16:32Z',
        size: 1_982_681,
        sharedSize: -1,
        uniqueSize: -1,
        containers: -1,
        labels: {},
      },
    ],
    history: [
      {
        id: ID,
        created: NOW / 1000 - 1,
        createdAt: '2026-11-21T02:16:32.123456789Z',
        createdBy: '/bin/sh -c echo "a\tb" && echo longlonglonglonglonglonglonglong é',
        tags: [],
        size: 0,
        comment: '',
      },
      {
        id: '<missing>',
        created: undefined,
        createdAt: '0001-01-01T00:00:00Z',
        createdBy: '',
        tags: [],
        size: 1_982_681,
        comment: 'Imported from -',
      },
    ],
    inspect: { found: [sampleImage], kinds: ['image'], missing: [] },
    remove: { records: [{ untagged: 'x:latest' }, { deleted: ID }], errors: [] },
    load: {
      loaded: [
        { kind: 'name', value: 'x:latest' },
        { kind: 'id', value: ID },
      ],
    },
    importImage: { id: ID },
    base: { id: ID, files: 3, bytes: 1234 },
    version: { version: '1.2.3', docker: '28.5' },
  };
  const verbs = [...Object.keys(answers), 'tag', 'save'].map((verb) => [
    verb,
    async (options: unknown) => {
      calls.push([verb, options]);
      return answers[verb];
    },
  ]);
  const [stdout, stderr] = [fakeOutput(world.tty), fakeOutput(world.tty)];
  const code = await main(argv, {
    engine: { ...(Object.fromEntries(verbs) as unknown as Engine), assertOwnRoot: async () => {}, ...world.engine },
    stdout,
    stderr,
    stdoutStream: () => new PassThrough(),
    stdinIsTTY: world.stdin === undefined,
    readStdin: async () => Buffer.from(world.stdin ?? '', 'latin1'),
    env: { LAYERLAB_DATA_ROOT: '/root-of-data', ...world.env },
    now: () => NOW,
    catchSignals: () => world.signal ?? new AbortController().signal,
  });
  return { code, out: stdout.text(), err: stderr.text(), calls };
}

const optionsOf = (ran: Ran): unknown => ran.calls[0]?.[1];

describe('a data-root that layerlab did not make', () => {
  const refuse = async () => {
    throw new LayerlabError('LL_FOREIGN_ROOT', 'not ours');
  };

  it.each([[['tag', 'x', 'y']], [['rmi', 'x']], [['load', '-i', 'x']], [['import', 'x']], [['base']]])(
    'is not written to by %j without --write',
    async (argv) => {
      const refused = await run(argv, { engine: { assertOwnRoot: refuse } });
      expect([refused.code, refused.calls]).toEqual([2, []]);
      expect(refused.err).toContain('LL_FOREIGN_ROOT');
      expect((await run(['--write', ...argv], { engine: { assertOwnRoot: refuse } })).calls).toHaveLength(1);
    },
  );

  it('is read as any other', async () => {
    expect((await run(['images'], { engine: { assertOwnRoot: refuse } })).code).toBe(0);
  });
});

describe('help', () => {
  it('lists every command', async () => {
    const { code, out } = await run([]);
    expect(code).toBe(0);
    for (const name of [
      'build',
      'lint',
      'plan',
      'images',
      'history',
      'inspect',
      'explain',
      'tree',
      'layers',
      'ls',
      'cat',
      'which-layer',
      'extract',
      'ps',
      'diff',
      'tag',
      'rmi',
      'save',
      'load',
      'import',
      'base',
    ]) {
      expect(out).toContain(`  layerlab ${name} `);
    }
  });

  it.each([
    'build',
    'lint',
    'plan',
    'images',
    'history',
    'inspect',
    'explain',
    'tree',
    'layers',
    'ls',
    'cat',
    'which-layer',
    'extract',
    'ps',
    'diff',
    'tag',
    'rmi',
    'import',
    'load',
    'save',
    'base',
    'version',
  ])('of %s has a usage line, and an example that stands on one line', async (name) => {
    const { code, out } = await run([name, '--help']);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^Usage: {2}layerlab ${name} `));
    expect(out).toMatch(/Examples:\n {2}# .+\n {2}\S.*layerlab|Examples:\n {2}# .+\n {2}layerlab/);
  });

  it('knows docker image ... too', async () => {
    expect((await run(['image', '--help'])).out).toContain('layerlab image ls');
    expect((await run(['image', 'rm', 'x'])).calls[0]?.[0]).toBe('remove');
    expect((await run(['image', 'ls', '-q'])).out).toBe('179179840b16\n');
  });

  it('prints what shells complete with', async () => {
    expect((await run(['completion'])).out).toContain('--get-yargs-completions');
    expect((await run(['--get-yargs-completions', 'layerlab', 'im'])).out.split('\n')).toContain('images');
    expect((await run(['--get-yargs-completions', 'layerlab', 'build', '--n'])).out.split('\n')).toContain(
      '--no-cache',
    );
  });
});

describe('command lines that do not fit', () => {
  it.each([
    [['imagse'], 'unknown command: layerlab imagse (did you mean image?)'],
    [['image', 'lss'], 'unknown command: layerlab image lss (did you mean ls?)'],
    [['image', 'constructor'], 'unknown command: layerlab image constructor'],
    [['images', '--dgests'], 'unknown flag: --dgests (did you mean --digests?)'],
    [['images', '-z'], 'unknown flag: -z'],
    [['images', 'a', 'b'], "'layerlab images' requires at most 1 argument"],
    [['tag', 'a'], "'layerlab tag' requires 2 arguments"],
    [['rmi'], "'layerlab rmi' requires at least 1 argument"],
    [['build'], "'layerlab build' requires 1 argument"],
    [['build', '.', '-t'], 'flag needs an argument: -t'],
    [
      ['images', '-f', 'foo'],
      'invalid argument "foo" for "-f, --filter" flag: bad format of filter (expected name=value)',
    ],
    [['build', '.', '--network', 'foo'], 'invalid value "foo" for --network: valid values are: default, none, host'],
    [['build', '.', '--progress', 'foo'], 'invalid value "foo" for --progress'],
    [['build', '.', '--timestamp', '-1'], 'invalid value "-1" for --timestamp'],
    [['build', '.', '--build-arg', '=x'], 'invalid argument "=x" for "--build-arg" flag'],
    [
      ['build', '.', '--builder', 'classic', '--label', 'a b=1'],
      `invalid argument "a b=1" for "--label" flag: label 'a b' contains whitespaces`,
    ],
    [
      ['build', '.', '--compat', '20.10', '--label', ' =1'],
      `invalid argument " =1" for "--label" flag: invalid label ' =1': empty name`,
    ],
    [['build', '-', '-f', '-'], "invalid argument: can't use stdin for both build context and dockerfile"],
  ])('%j', async (argv, message) => {
    const ran = await run(argv);
    expect(ran.code).toBe(2);
    expect(ran.err).toContain(`ERROR: ${message}`);
    expect(ran.err).toContain('code: LL_USAGE');
    expect(ran.calls).toEqual([]);
  });
});

describe('the data-root', () => {
  it('is the flag before the environment, before or behind the command', async () => {
    expect(optionsOf(await run(['images']))).toMatchObject({ dataRoot: '/root-of-data' });
    expect(optionsOf(await run(['images', '--data-root', 'a/b']))).toMatchObject({ dataRoot: resolve('a/b') });
    expect(optionsOf(await run(['--data-root', '/c', 'image', 'ls']))).toMatchObject({ dataRoot: '/c' });
  });
});

describe('images', () => {
  it('prints the table of docker', async () => {
    expect((await run(['images'])).out).toBe(
      'REPOSITORY   TAG       IMAGE ID       CREATED        SIZE\n' +
        'h4y          latest    179179840b16   1 second ago   1.98MB\n',
    );
  });

  it('prints the JSON of docker', async () => {
    expect((await run(['images', '--format', 'json'])).out).toBe(
      '{"Containers":"N/A","CreatedAt":"2026-11-21 02:16:32 +0000 UTC","CreatedSince":"1 second ago",' +
        '"Digest":"\\u003cnone\\u003e","ID":"179179840b16","Repository":"h4y","SharedSize":"N/A","Size":"1.98MB",' +
        '"Tag":"latest","UniqueSize":"N/A","VirtualSize":"1.983MB"}\n',
    );
  });

  it.each([
    [['-q', '--no-trunc'], `${ID}\n`],
    [['-q', '--format', '{{.Tag}}'], 'latest\n'],
    [['-q', '--format', 'table {{.Tag}}'], 'TAG\nlatest\n'],
    [['--digests', '--format', 'table {{.Tag}}'], 'TAG       DIGEST\nlatest    <none>\n'],
    [['--format', '{{.ID}}\\n{{.Tag}}'], '179179840b16\nlatest\n'],
    [['--format', 'tableau'], 'au\nau\n'],
    [['--format', '{{.Size}} {{.VirtualSize}} {{.SharedSize}} {{.Containers}}'], '1.98MB 1.983MB N/A N/A\n'],
    [
      ['--format', 'table {{.ID}} x {{.Repository}}:{{.Tag}} {{upper .Tag}}'],
      'IMAGE ID x REPOSITORY:TAG TAG\n179179840b16 x h4y:latest LATEST\n',
    ],
  ])('%j as docker prints it', async (flags, text) => {
    expect((await run(['images', ...flags])).out).toBe(text);
  });

  it('hands filters and the reference over', async () => {
    const ran = await run(['images', '-a', '-f', 'Dangling=true', '--filter', 'label=a=b', 'h*']);
    expect(optionsOf(ran)).toMatchObject({ all: true, filters: ['dangling=true', 'label=a=b'], reference: 'h*' });
  });

  it('refuses a template that names no field, with nothing printed', async () => {
    const ran = await run(['images', '--format', '{{.Foo}}']);
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toContain(
      `template parsing error: template: :1:2: executing "" at <.Foo>: can't evaluate field Foo in type *formatter.imageContext`,
    );
  });
});

describe('history', () => {
  it('prints the table of docker', async () => {
    expect((await run(['history', 'x'])).out).toBe(
      'IMAGE          CREATED        CREATED BY                                      SIZE      COMMENT\n' +
        '179179840b16   1 second ago   /bin/sh -c echo "a b" && echo longlonglonglo…   0B        \n' +
        '<missing>      N/A                                                            1.98MB    Imported from -\n',
    );
  });

  it('prints exact times and sizes with --human=false', async () => {
    expect((await run(['history', '-H=false', '--no-trunc', '--format', '{{.CreatedAt}} {{.Size}}', 'x'])).out).toBe(
      '2026-11-21T02:16:32Z 0\n0001-01-01T00:00:00Z 1982681\n',
    );
    expect((await run(['history', '--human=false', 'x'])).out).toContain('CREATED AT');
  });
});

describe('inspect', () => {
  it('prints JSON with four spaces, HTML escaped as the daemon sends it', async () => {
    const { out } = await run(['inspect', 'x']);
    expect(
      out.startsWith(`[\n    {\n        "Id": "${ID}",\n        "RepoTags": [\n            "h4y:latest"\n        ],\n`),
    ).toBe(true);
    expect(out).toContain('"c d": "x\\u003cy"');
    expect(out.endsWith('    }\n]\n')).toBe(true);
  });

  it('prints what it found and then says what it did not', async () => {
    const engine = { inspect: async () => ({ found: [sampleImage], kinds: ['image' as const], missing: ['nope'] }) };
    const ran = await run(['inspect', '-f', '{{.Os}}', 'x', 'nope'], { engine });
    expect(ran).toMatchObject({ code: 5, out: 'linux\n' });
    expect(ran.err).toContain('ERROR: No such object: nope\n');
  });

  it('shows the error of the second try, as docker does', async () => {
    const ran = await run(['inspect', '-f', '{{.Config.Foo}}', 'x']);
    expect(ran.code).toBe(2);
    expect(ran.err).toContain('template: :1:9: executing "" at <.Config.Foo>: map has no entry for key "Foo"');
  });
});

describe('the small commands', () => {
  it('rmi prints what went, and what did not', async () => {
    expect((await run(['rmi', '-f', '--no-prune', 'x'])).out).toBe(`Untagged: x:latest\nDeleted: ${ID}\n`);
    expect(optionsOf(await run(['rmi', '-f', 'x', 'y']))).toMatchObject({
      images: ['x', 'y'],
      force: true,
      noPrune: false,
    });
    const engine = { remove: async () => ({ records: [], errors: [new LayerlabError('LL_CONFLICT', 'conflict')] }) };
    expect(await run(['rmi', 'x'], { engine })).toMatchObject({
      code: 1,
      err: 'ERROR: conflict\n  code: LL_CONFLICT\n',
    });
  });

  it('tag prints nothing', async () => {
    expect(await run(['tag', 'a', 'b'])).toMatchObject({
      code: 0,
      out: '',
      calls: [['tag', { dataRoot: '/root-of-data', source: 'a', target: 'b' }]],
    });
  });

  it('load prints names and ids, and refuses a terminal', async () => {
    expect((await run(['load', '-i', 'x.tar'])).out).toBe(`Loaded image: x:latest\nLoaded image ID: ${ID}\n`);
    expect(optionsOf(await run(['load'], { stdin: 'tar' }))).toMatchObject({ input: '-' });
    expect((await run(['load'])).code).toBe(2);
  });

  it('save refuses a terminal and takes a file', async () => {
    const refused = await run(['save', 'x'], { tty: true });
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('cowardly refusing to save to a terminal');
    expect(optionsOf(await run(['save', '-o', 'f.tar', 'x', 'y']))).toMatchObject({
      images: ['x', 'y'],
      output: 'f.tar',
    });
  });

  it('import prints the id', async () => {
    const ran = await run(['import', '-c', 'CMD ["sh"]', '-m', '-x', 'rootfs', 'x:1']);
    expect(ran.out).toBe(`${ID}\n`);
    expect(optionsOf(ran)).toMatchObject({
      source: 'rootfs',
      reference: 'x:1',
      changes: ['CMD ["sh"]'],
      message: '-x',
    });
  });

  it('base prints the id on stdout and the rest on stderr', async () => {
    expect(await run(['base'])).toMatchObject({ out: `${ID}\n`, err: 'layerlab/base:latest: 3 files, 1.23kB\n' });
  });

  it('version has a format', async () => {
    expect((await run(['version', '-f', '{{.Version}}'])).out).toBe('1.2.3\n');
    expect((await run(['version', '--format', 'json'])).out).toBe('{"Version":"1.2.3","Docker":"28.5"}\n');
  });

  it('shows names from outside without their control characters on a terminal', async () => {
    const engine = { load: async () => ({ loaded: [{ kind: 'name' as const, value: 'a\u001b[2J' }] }) };
    expect((await run(['load', '-i', 'x'], { engine, tty: true })).out).toBe('Loaded image: a^[[2J\n');
  });
});

describe('build', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'layerlab-cli-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('reads its flags', async () => {
    const argv = [
      'build',
      '-t',
      'a',
      '-t',
      'b:1',
      '-f',
      '/x/Df',
      '--target',
      's',
      '--build-arg',
      'K=V=1',
      '--build-arg',
    ];
    const more = ['FROM_ENV', '--build-arg', 'UNSET', '--label', 'l=1', '--label', 'bare', '--no-cache', '--network'];
    const rest = ['none', '--runtime', 'chroot', '--timestamp', '5', '--compat', '28', '.'];
    const ran = await run([...argv, ...more, ...rest], { env: { FROM_ENV: 'e' } });
    expect(ran).toMatchObject({ code: 0, out: '' });
    expect(optionsOf(ran)).toMatchObject({
      context: '.',
      file: '/x/Df',
      tags: ['a', 'b:1'],
      builder: 'buildkit',
      compat: '28',
      target: 's',
      buildArgs: { K: 'V=1', FROM_ENV: 'e' },
      labels: { l: '1', bare: '' },
      noCache: true,
      network: 'none',
      runtime: 'chroot',
      timestamp: 5,
    });
  });

  it('takes the builder from DOCKER_BUILDKIT, as docker, unless there is a flag', async () => {
    const builder = async (argv: readonly string[], value: string) =>
      (optionsOf(await run(['build', ...argv, '.'], { env: { DOCKER_BUILDKIT: value } })) as { builder: string })
        .builder;
    expect(await builder([], '0')).toBe('classic');
    expect(await builder([], 'true')).toBe('buildkit');
    expect(await builder(['--builder', 'buildkit'], '0')).toBe('buildkit');
    expect((await run(['build', '.'], { env: { DOCKER_BUILDKIT: 'maybe' } })).code).toBe(2);
  });

  it('takes blanks in names of labels as buildx does, and in front of one as docker does', async () => {
    const labels = async (...argv: readonly string[]) => optionsOf(await run(['build', ...argv, '.']));
    expect(await labels('--label', 'a b=1', '--label', ' =2')).toMatchObject({ labels: { 'a b': '1', ' ': '2' } });
    expect(await labels('--builder', 'classic', '--label', ' x=1')).toMatchObject({ labels: { ' x': '1' } });
  });

  it('takes SOURCE_DATE_EPOCH from a build argument before the environment', async () => {
    const env = { SOURCE_DATE_EPOCH: '7' };
    expect(optionsOf(await run(['build', '.'], { env }))).toMatchObject({ timestamp: 7 });
    const ran = await run(['build', '.', '--build-arg', 'SOURCE_DATE_EPOCH=8'], { env });
    expect(optionsOf(ran)).toMatchObject({ timestamp: 8 });
    expect(optionsOf(await run(['build', '.', '--timestamp', '9'], { env }))).toMatchObject({ timestamp: 9 });
  });

  it('reads a Dockerfile from stdin, or a tar that is the context', async () => {
    const ran = await run(['build', '-'], { stdin: 'FROM scratch\n' });
    expect(optionsOf(ran)).toMatchObject({ context: undefined, dockerfileText: 'FROM scratch\n' });
    expect(optionsOf(await run(['build', '-f', '-', '.'], { stdin: 'FROM x' }))).toMatchObject({
      context: '.',
      dockerfileText: 'FROM x',
    });
    const tar = `${'a'.padEnd(100, '\0')}0000644\0`.padEnd(512, '\0');
    const sum = [...tar].reduce((total, letter) => total + letter.charCodeAt(0), 8 * 0x20);
    const summed = `${tar.slice(0, 148)}${sum.toString(8).padStart(6, '0')}\0 ${tar.slice(156)}`;
    for (const stdin of ['\x1f\x8b\x08xx', 'BZh9', '\xfd7zXZ\0', '\x28\xb5\x2f\xfd', summed]) {
      const sent = optionsOf(await run(['build', '-f', 'x/Dockerfile', '-'], { stdin })) as BuildOptions;
      expect(sent).toMatchObject({ context: undefined, file: 'x/Dockerfile' });
      const chunks: Buffer[] = [];
      for await (const chunk of sent.contextArchive ?? []) chunks.push(chunk);
      expect(Buffer.concat(chunks).toString('latin1')).toBe(stdin);
    }
    expect((await run(['build', '-'])).code).toBe(2);
  });

  it('does not take a Dockerfile from stdin and one from -f as well', async () => {
    const ran = await run(['build', '-f', 'x', '-'], { stdin: 'FROM scratch\n' });
    expect(ran.err).toContain('ambiguous Dockerfile source: both stdin and flag correspond to Dockerfiles');
    expect(ran.code).toBe(2);
  });

  it('hands a repository or a URL on as the context, and -f as a path in it', async () => {
    for (const context of ['https://example.com/x.git#main:d', 'git@example.com:x', 'http://example.com/x.tar']) {
      expect(optionsOf(await run(['build', '-f', 'd/f', context]))).toMatchObject({ context, file: 'd/f' });
    }
    const given = await run(['build', '-f', '-', 'https://example.com/x.git'], { stdin: 'FROM x' });
    expect(optionsOf(given)).toMatchObject({ context: 'https://example.com/x.git', dockerfileText: 'FROM x' });
  });

  it('takes a folder for what it is, whatever it is called', async () => {
    mkdirSync(join(folder, 'github.com/x'), { recursive: true });
    const here = process.cwd();
    process.chdir(folder);
    try {
      const ran = await run(['build', '-f', 'Other', 'github.com/x']);
      expect(optionsOf(ran)).toMatchObject({ context: 'github.com/x', file: join(process.cwd(), 'Other') });
    } finally {
      process.chdir(here);
    }
  });

  it('prints the id with -q, and writes it to a file', async () => {
    const file = join(folder, 'id');
    writeFileSync(file, 'stale');
    const ran = await run(['build', '-q', '--iidfile', file, '.']);
    expect(ran).toMatchObject({ code: 0, out: `${ID}\n`, err: '' });
    expect(readFileSync(file, 'utf8')).toBe(ID);
  });

  it('shows a failure as BuildKit does and takes a stale id away', async () => {
    const file = join(folder, 'id');
    writeFileSync(file, 'stale');
    const engine: Partial<Engine> = {
      build: async ({ onEvent }) => {
        onEvent?.({ kind: 'vertex-start', id: 1, name: '[1/1] RUN x', time: 0 });
        onEvent?.({ kind: 'vertex-end', id: 1, time: 0, outcome: 'error', error: 'exit code: 3' });
        throw new LayerlabError('LL_RUN_FAILED', 'exit code: 3', {
          location: { file: 'Dockerfile', startLine: 1, endLine: 1, source: 'RUN x' },
        });
      },
    };
    const ran = await run(['build', '--iidfile', file, '.'], { engine });
    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.err).toBe(`#1 [1/1] RUN x
#1 ERROR: exit code: 3
------
 > [1/1] RUN x:
------
Dockerfile:1
--------------------
   1 | >>> RUN x
--------------------
ERROR: failed to solve: exit code: 3
  code: LL_RUN_FAILED
`);
    expect(() => readFileSync(file)).toThrow('ENOENT');
  });

  it('says that it was interrupted, whatever the engine makes of that', async () => {
    const abort = new AbortController();
    const engine: Partial<Engine> = {
      build: async ({ signal }) => {
        abort.abort();
        throw new Error(`stopped: ${signal === abort.signal}`);
      },
    };
    const ran = await run(['build', '.'], { engine, signal: abort.signal });
    expect(ran).toMatchObject({ code: 130, err: 'ERROR: interrupted\n  code: LL_INTERRUPTED\n' });
  });

  it('ends with the exit code of the command that failed, for the classic builder', async () => {
    const engine: Partial<Engine> = {
      build: async () => {
        throw new LayerlabError('LL_RUN_FAILED', "The command 'x' returned a non-zero code: 7", { exitCode: 7 });
      },
    };
    const ran = await run(['build', '--builder', 'classic', '.'], { engine });
    expect(ran).toMatchObject({
      code: 7,
      err: "ERROR: The command 'x' returned a non-zero code: 7\n  code: LL_RUN_FAILED\n",
    });
  });
});
