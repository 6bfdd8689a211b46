import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import { engine } from '../../src/cli/engine.ts';
import { main } from '../../src/cli/main.ts';
import { removeTempFolders, tempFolder } from '../temp-root.ts';
import { fakeOutput } from './fake-output.ts';

afterEach(removeTempFolders);

interface World {
  readonly tty?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

async function run(argv: readonly string[], world: World = {}) {
  const [stdout, stderr] = [fakeOutput(world.tty), fakeOutput()];
  const code = await main(argv, {
    engine,
    stdout,
    stderr,
    stdoutStream: () => new PassThrough(),
    stdinIsTTY: world.stdin === undefined,
    readStdin: async () => Buffer.from(world.stdin ?? ''),
    env: { LAYERLAB_DATA_ROOT: '/no/such/root', ...world.env },
    now: () => 0,
    catchSignals: () => new AbortController().signal,
  });
  return { code, out: stdout.text(), err: stderr.text() };
}

function folder(lines: readonly string[], name = 'Dockerfile'): string {
  const root = tempFolder();
  writeFileSync(join(root, name), `${lines.join('\n')}\n`);
  return root;
}

const LINES = [
  'ARG BASE=debian',
  'FROM $BASE AS build',
  'ARG VERSION=1',
  'COPY src /src',
  'RUN make V=$VERSION',
  'FROM scratch AS docs',
  'COPY docs /',
  'FROM scratch',
  'COPY --from=build /out \\',
  '     /app',
  'RUN ["/x"]',
  'ENV A=b C="d e"',
];

describe('plan', () => {
  it('draws stages, steps, lines, origins and what leaves the cache', async () => {
    const { code, out, err } = await run(['plan', '--build-arg', 'VERSION=2', '--changed', 'src/a.c', folder(LINES)]);
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out).toBe(
      `Dockerfile
├─ ○  1  ARG BASE=debian
│        BASE=debian (default)
├─ ■  2  FROM $BASE AS build
│  │  stage 0 (build): needed, debian is not in the data-root; 2 layers + unknown base
│  ├─ ○  3  ARG VERSION=1
│  │        VERSION=2 (--build-arg)
│  ├─ ●  4  COPY src /src
│  │        not from the cache: takes a changed file
│  └─ ●  5  RUN make V=$VERSION
│           not from the cache: something before it changes
├─ □  6  FROM scratch AS docs
│  │  stage 1 (docs): not needed; 1 layer
│  └─ ●  7  COPY docs /
└─ ■  8  FROM scratch
   │  stage 2: target; 2 layers
   ├─ ●  9  COPY --from=build /out /app
   │        from stage 0 (build)
   │        not from the cache: something before it changes
   ├─ ● 11  RUN ["/x"]
   │        not from the cache: something before it changes
   └─ ○ 12  ENV A=b C="d e"
            C=d e (ENV)

● layer step  ○ config step  ■ stage that is built  □ stage that is not
buildkit builds 2 of 3 stages: 4 layer steps, 2 config steps
target stage 2: 2 layers
src/a.c is taken by line 4
`,
    );
  });

  it('marks what build refuses', async () => {
    const root = folder(['FROM scratch', 'COPY --chmod=755 a /', 'ENV A=b']);
    expect((await run(['plan', '--builder', 'classic', root])).out).toBe(
      `Dockerfile
└─ ■ 1  FROM scratch
   │  stage 0: target; at most 1 layer
   ├─ ✗ 2  COPY --chmod=755 a /
   │       build refuses this: the --chmod option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit enabled
   └─ ○ 3  ENV A=b

● layer step  ○ config step  ■ stage that is built  □ stage that is not
classic builds 1 of 1 stage: 1 layer step, 1 config step
target stage 0: at most 1 layer
✗ build refuses line 2: it would not begin
`,
    );
  });

  it('colours a terminal alone, and not where NO_COLOR is set', async () => {
    const root = folder(['FROM scratch', 'COPY a /']);
    const green = '\u001b[32m●\u001b[0m';
    expect((await run(['plan', root], { tty: true })).out).toContain(`└─ ${green} 2  COPY a /\n`);
    expect((await run(['plan', root], { tty: true, env: { NO_COLOR: '1' } })).out).not.toContain('\u001b');
    expect((await run(['plan', root])).out).not.toContain('\u001b');
  });

  it('lets nothing of a Dockerfile act on the terminal, and cuts long lines', async () => {
    const root = folder(['FROM scratch', 'LABEL a="\u001b[2J\u202e"', `LABEL b=${'x'.repeat(200)}`]);
    const { out } = await run(['plan', '--build-arg', 'A=\u001b]0;x', root], { tty: true, env: { NO_COLOR: '1' } });
    expect(out).toContain('LABEL a="^[[2J\\u202e"');
    expect(out).not.toContain('\u001b');
    const long = out.split('\n').find((line) => line.includes('LABEL b='));
    expect(long).toHaveLength(80);
    expect(long?.endsWith('x…')).toBe(true);
  });

  it('says what classic cannot know, and what it builds without need', async () => {
    const { out } = await run([
      'plan',
      '--builder',
      'classic',
      folder(['FROM scratch AS a', 'COPY a /', 'FROM scratch', 'COPY b /']),
    ]);
    expect(out).toContain('stage 0 (a): not needed, built all the same; at most 1 layer\n');
    expect(out).toContain('target stage 1: at most 1 layer\n');
  });

  it('reads a Dockerfile by -f, by its own path, and from stdin', async () => {
    const root = folder(['FROM scratch', 'COPY a /'], 'other.Dockerfile');
    const file = join(root, 'other.Dockerfile');
    for (const args of [['-f', file, root], [file]]) {
      expect((await run(['plan', '--changed', 'a', ...args])).out).toContain('a is taken by line 2\n');
    }
    expect((await run(['plan', '-'], { stdin: 'FROM scratch\n' })).out).toContain('target stage 0: 0 layers\n');
    expect((await run(['plan', '-f', file, root, root])).code).toBe(2);
  });

  it('prints a row a line by a template, a table and as JSON', async () => {
    const root = folder(['ARG X=1', 'FROM scratch AS one', 'ARG X', 'COPY a /', 'USER 1']);
    expect((await run(['plan', '--format', '{{.Line}} {{.Kind}} {{.Variables}}', root])).out).toBe(
      '1 global X=1 (default)\n2 stage \n3 config X=1 (global ARG on line 1)\n4 layer \n5 config \n',
    );
    expect(
      (await run(['plan', '--format', 'table {{.Line}}\\t{{.Layers}}', root])).out.split('\n').slice(0, 3),
    ).toEqual(['LINE      LAYERS', '1         ', '2         1']);
    const rows = (await run(['plan', '--changed', 'a', '--format', 'json', root])).out.trim().split('\n');
    expect(JSON.parse(rows[3] ?? '')).toEqual({
      BaseLayers: '',
      Built: 'true',
      Cache: 'source',
      File: 'Dockerfile',
      Kind: 'layer',
      Layers: '',
      Line: '4',
      Needed: 'true',
      Refused: '',
      Stage: '0',
      StageName: 'one',
      Step: 'COPY a /',
      Target: 'true',
      Variables: '',
    });
  });

  it('sets several Dockerfiles side by side', async () => {
    const root = tempFolder();
    mkdirSync(join(root, 'b'));
    writeFileSync(join(root, 'a.df'), 'FROM scratch\nCOPY a /\nUSER 1\n');
    writeFileSync(join(root, 'b', 'Dockerfile'), 'FROM scratch AS x\nFROM far\nRUN 1\nRUN --mount=type=ssh 2\n');
    const before = process.cwd();
    process.chdir(root);
    try {
      expect((await run(['plan', '--changed', 'a', 'a.df', 'b'])).out).toBe(
        `              a.df              b
STAGES        1 of 1 built      1 of 2 built
LAYER STEPS   1                 2
CONFIG STEPS  1                 0
TARGET        1 layer           2 layers + unknown base
STEPS         ■ 1 FROM scratch  ■ 2 FROM far
              ● 2 ! COPY a /    ● 3 RUN 1
              ○ 3 USER 1        ● 4 RUN --mount=type=ssh 2
`,
      );
    } finally {
      process.chdir(before);
    }
  });

  it('shows the place of what no docker would build', async () => {
    const { code, err } = await run(['plan', folder(['FROM scratch', 'COPY --chmod=9 a /'])]);
    expect(code).toBe(1);
    expect(err).toContain('>>> COPY --chmod=9 a /');
  });
});
