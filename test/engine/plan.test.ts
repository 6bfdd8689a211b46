import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { plan } from '../../src/engine/plan.ts';
import type { PlanRequest, PlanResult } from '../../src/engine/plan-result.ts';
import { removeTempFolders, tempFolder } from '../temp-root.ts';
import { loadedRoot } from './loaded-root.ts';

afterEach(removeTempFolders);

interface Inspected {
  readonly RootFS: { readonly Layers: readonly string[] };
}

function folder(files: Readonly<Record<string, string>>): string {
  const root = tempFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

function planOf(
  lines: readonly string[],
  request: Partial<PlanRequest> = {},
  files: Readonly<Record<string, string>> = {},
): PlanResult {
  const context = folder({ Dockerfile: `${lines.join('\n')}\n`, ...files });
  return plan({ dataRoot: join(context, 'no-such-root'), context, ...request });
}

const kinds = ({ stages }: PlanResult) => stages.map(({ steps }) => steps.map(({ line, kind }) => `${line} ${kind}`));
const losses = ({ stages }: PlanResult) =>
  stages.flatMap(({ steps }) => steps.flatMap(({ line, cacheLoss }) => (cacheLoss ? [`${line} ${cacheLoss}`] : [])));
const variables = ({ globals, stages }: PlanResult) =>
  [...globals, ...stages.flatMap(({ steps }) => steps)].flatMap((at) =>
    at.variables.map(({ name, value, origin, line }) => `${at.line}: ${name}=${value} ${origin} ${line}`),
  );

describe('plan: steps and layers', () => {
  it('tells layer steps from config steps, WORKDIR of the root among the latter', () => {
    const result = planOf([
      'FROM scratch',
      'WORKDIR /',
      'WORKDIR /a',
      'COPY x /',
      'RUN ["/x"]',
      'ENV A=1',
      'CMD ["/x"]',
    ]);
    expect(kinds(result)).toEqual([['2 config', '3 layer', '4 layer', '5 layer', '6 config', '7 config']]);
    expect(result).toMatchObject({ builder: 'buildkit', target: 0, layerSteps: 3, configSteps: 3 });
    expect(result.stages[0]?.layers).toEqual({ base: 0, added: 3, total: 3 });
  });

  it('counts the layers of stages below, and builds what the target needs alone', () => {
    const result = planOf([
      'FROM scratch AS a',
      'COPY x /x',
      'FROM a AS b',
      'COPY y /y',
      'FROM scratch AS unused',
      'COPY z /z',
      'FROM b',
      'COPY --from=a /x /w',
    ]);
    expect(result.stages.map(({ needed, built, layers }) => [needed, built, layers?.total])).toEqual([
      [true, true, 1],
      [true, true, 2],
      [false, false, 1],
      [true, true, 3],
    ]);
    expect(result.stages[3]?.steps[0]?.fromStage).toBe(0);
    expect(result.layerSteps).toBe(3);
  });

  it('stops at the target: BuildKit leaves the rest unplanned, classic does not read it', () => {
    const lines = ['FROM scratch AS a', 'COPY x /', 'FROM scratch AS b', 'COPY y /', 'FROM $NOWHERE', 'COPY z /'];
    const classic = planOf(lines, { builder: 'classic', target: 'b' });
    expect(classic.target).toBe(1);
    expect(classic.stages.map(({ needed, built }) => [needed, built])).toEqual([
      [false, true],
      [true, true],
      [false, false],
    ]);
    expect(classic.stages[2]?.base).toEqual({ kind: 'unread' });
    expect(classic.stages[2]?.steps).toHaveLength(1);
    const buildkit = planOf(lines.slice(0, 4), { target: 'a' });
    expect(buildkit.stages.map(({ built }) => built)).toEqual([true, false]);
  });

  it('knows no layers of a base that is not in the data-root', () => {
    const [stage] = planOf(['FROM nowhere:1', 'RUN true']).stages;
    expect(stage?.base).toEqual({ kind: 'image', reference: 'nowhere:1', known: false });
    expect(stage?.layers).toEqual({ base: undefined, added: 1, total: undefined });
  });

  it('counts those of one that is', async () => {
    const dataRoot = await loadedRoot('several');
    // What the daemon says of this image.
    const golden = readFileSync(new URL('./fixtures/inspect-child.txt', import.meta.url), 'utf8');
    const base = (JSON.parse(golden) as Inspected).RootFS.Layers.length;
    const [stage] = planOf(['FROM h5fx:child', 'COPY x /'], { dataRoot }).stages;
    expect(stage?.base).toMatchObject({ known: true });
    expect(stage?.layers).toEqual({ base, added: 1, total: base + 1 });
  });

  it('throws what docker would not take, with its place', () => {
    expect(() => planOf(['FROM scratch', 'COPY --chmod=9 x /'])).toThrow('invalid chmod parameter');
    expect(() => planOf(['FROM scratch'], { target: 'nope' })).toThrow('target stage "nope" could not be found');
  });
});

describe('plan: what build refuses', () => {
  it('is nothing of what BuildKit does', () => {
    const result = planOf([
      'FROM scratch AS tools',
      'COPY x /',
      'FROM scratch',
      'RUN --mount=from=tools,target=/t ["/t/x"]',
      'COPY <<EOF /y',
      'text',
      'EOF',
      'COPY --exclude=*.md . /z',
      'COPY z /',
    ]);
    expect(result.stages.map(({ needed, refused }) => [needed, refused?.message])).toEqual([
      [true, undefined],
      [true, undefined],
    ]);
    expect(result.stages[1]?.steps.map(({ line, refused }) => [line, refused?.message])).toEqual([
      [4, undefined],
      [5, undefined],
      [8, undefined],
      [9, undefined],
    ]);
    expect(result.stages[1]?.layers?.total).toBe(4);
  });

  it('is told for the classic builder too', () => {
    const result = planOf(['FROM scratch', 'COPY --chmod=755 x /'], { builder: 'classic' });
    expect(result.stages[0]?.steps[0]?.refused?.message).toContain('the --chmod option requires BuildKit');
  });
});

describe('plan: variables', () => {
  const lines = [
    'ARG G=global',
    'ARG H=h',
    'FROM scratch AS one',
    'ARG G',
    'ARG H',
    'ARG D=def',
    'ARG TARGETOS',
    'ARG NONE',
    'ENV E=$D-$G',
    'FROM one',
    'ARG E',
    'ARG D',
  ];

  it('come from ENV, defaults, the command line, global and predefined ARGs', () => {
    expect(variables(planOf(lines, { buildArgs: { H: 'given' } }))).toEqual([
      '1: G=global arg-default 1',
      '2: H=given build-arg undefined',
      '4: G=global global-arg 1',
      '5: H=given build-arg undefined',
      '6: D=def arg-default 6',
      '7: TARGETOS=linux predefined undefined',
      '8: NONE=undefined unset undefined',
      '9: E=def-global env 9',
      // BuildKit's stages inherit the ARGs of the stage they stand on.
      '11: E=def-global env 9',
      '12: D=def arg-default 6',
    ]);
  });

  it('of one line know those before them in BuildKit, those of lines before in classic', () => {
    const args = ['FROM scratch', 'ENV A=1', 'ENV A=2 B=$A', 'ARG C=x D=$C'];
    expect(variables(planOf(args))).toEqual([
      '2: A=1 env 2',
      '3: A=2 env 3',
      '3: B=1 env 3',
      '4: C=x arg-default 4',
      '4: D=x arg-default 4',
    ]);
    expect(variables(planOf(args, { builder: 'classic' }))[4]).toBe('4: D= arg-default 4');
  });

  it("end with their stage in classic, where an image's ENV goes before any ARG", () => {
    expect(variables(planOf(lines, { builder: 'classic', buildArgs: { E: 'given' } }))).toEqual([
      '1: G=global arg-default 1',
      '2: H=h arg-default 2',
      '4: G=global global-arg 1',
      '5: H=h global-arg 2',
      '6: D=def arg-default 6',
      '7: TARGETOS=undefined unset undefined',
      '8: NONE=undefined unset undefined',
      '9: E=def-global env 9',
      '11: E=def-global env 9',
      '12: D=undefined unset undefined',
    ]);
  });
});

describe('plan: changed files', () => {
  const lines = [
    'FROM scratch AS a',
    'COPY one.txt /',
    'WORKDIR /w',
    'ENV X=1',
    'FROM a AS b',
    'RUN ["/x"]',
    'FROM scratch',
    'COPY src/*.c /',
    'COPY --from=b /x /',
    'COPY last /',
  ];
  const files = {
    'one.txt': '',
    'src/m.c': '',
    'src/deep/n.c': '',
    'src/old.h': '',
    '.dockerignore': 'src/old.h\n*.log\n',
  };
  const changed = (...names: string[]) => planOf(lines, { changed: names }, files);

  it('cost the steps that take them, those behind, and stages that stand on or copy from those', () => {
    const result = changed('one.txt');
    expect(result.changes).toEqual([{ file: 'one.txt', place: 'context', lines: [2] }]);
    expect(losses(result)).toEqual(['2 source', '3 behind', '6 behind', '9 behind', '10 behind']);
  });

  it('are matched by patterns name by name', () => {
    expect(losses(changed('src/m.c'))).toEqual(['8 source', '9 behind', '10 behind']);
    expect(losses(changed('src/deep/n.c'))).toEqual([]);
    expect(losses(changed('./src/../last'))).toEqual(['10 source']);
    expect(changed('src/m.c', 'last').changes.map(({ lines: at }) => at)).toEqual([[8], [10]]);
  });

  it('need not be there any more', () => {
    expect(losses(changed('src/gone.c'))[0]).toBe('8 source');
  });

  it('cost nothing where .dockerignore leaves them out or they lie outside', () => {
    const result = changed('src/old.h', 'x.log', '../x', '/etc/passwd');
    expect(result.changes.map(({ place }) => place)).toEqual(['ignored', 'ignored', 'outside', 'outside']);
    expect(losses(result)).toEqual([]);
  });

  it('are found behind a link that a source names', () => {
    const context = folder({ Dockerfile: 'FROM scratch\nCOPY now/ /\n', 'v1/a': '', 'v2/a': '' });
    symlinkSync('v1', join(context, 'now'));
    const at = (name: string) => losses(plan({ dataRoot: context, context, changed: [name] }));
    expect([at('v1/a'), at('v2/a'), at('now')]).toEqual([['2 source'], [], ['2 source']]);
  });

  it('meet a pattern that no docker takes: the error has its place', () => {
    let thrown: unknown;
    try {
      planOf(['FROM scratch', 'COPY [a- /'], { changed: ['a'] }, { a: '' });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'LL_PARSE', location: { startLine: 2 } });
  });

  it('are all outside where there is no context', () => {
    const result = plan({ dataRoot: '/nowhere', context: undefined, dockerfileText: 'FROM scratch\n', changed: ['a'] });
    expect(result.changes).toEqual([{ file: 'a', place: 'outside', lines: [] }]);
  });
});
