import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { builderBeside, compare } from '../../src/engine/compare.ts';
import type { CompareResult, CompareSubject } from '../../src/engine/compare-result.ts';
import { removeTempFolders, tempFolder } from '../temp-root.ts';
import { layeredRoot, type MadeImage, type MadeLayer } from './layered-root.ts';

afterEach(removeTempFolders);

const image = (name: string): CompareSubject => ({ kind: 'image', image: name });
const BUILDKIT = { comment: 'buildkit.dockerfile.v0' };

function dockerfile(lines: readonly string[], more: Readonly<Record<string, unknown>> = {}): CompareSubject {
  const context = tempFolder();
  writeFileSync(join(context, 'Dockerfile'), `${lines.join('\n')}\n`);
  return { kind: 'dockerfile', shownAs: './Dockerfile', file: { context, ...more } };
}

const statuses = ({ rows }: CompareResult): readonly string[] =>
  rows.map(({ status, a, b }) => `${status} ${a?.text ?? ''} / ${b?.text ?? ''}`);
const files = (result: CompareResult): readonly string[] | undefined =>
  result.files?.map(({ path, change, aspects }) => [path, change, ...aspects].join(' '));

const base: MadeLayer = {
  instruction: '/bin/sh -c #(nop) ADD file:0 in / ',
  files: [
    { name: 'etc/', type: '5', mode: 0o755 },
    { name: 'etc/a', content: 'aaaa' },
    { name: 'etc/b', content: 'bb' },
    { name: 'link', type: '2', linkname: 'etc', mode: 0o777 },
  ],
};
const first: MadeLayer = { instruction: 'RUN /bin/sh -c a # buildkit', files: [{ name: 'new', content: 'one' }] };

/** Two images on one base: `a:1` and `b:1`. */
async function two(a: readonly MadeLayer[], b: readonly MadeLayer[], more: MadeImage = {}): Promise<string> {
  const dataRoot = await layeredRoot([base, ...a], { name: 'a:1', ...more });
  await layeredRoot([base, ...b], { dataRoot, name: 'b:1' });
  return dataRoot;
}

describe('two images', () => {
  it('are the same when they are one', async () => {
    const dataRoot = await two([first], [first]);
    const result = compare({ dataRoot, a: image('a:1'), b: image('b:1') });
    expect(result).toMatchObject({ same: true, config: [], files: [] });
    expect(result.rows.map(({ status }) => status)).toEqual(['same', 'same']);
  });

  it('differ by instructions, and by files with what of them differs', async () => {
    const other: MadeLayer = {
      instruction: 'RUN /bin/sh -c b # buildkit',
      files: [
        { name: 'etc/a', content: 'aaab' },
        { name: 'etc/.wh.b' },
        { name: 'link', type: '2', linkname: 'usr', mode: 0o777 },
        { name: 'new', content: 'one', uid: 5, mode: 0o600 },
        { name: 'more' },
      ],
    };
    const dataRoot = await two([first], [other]);
    const result = compare({ dataRoot, a: image('a:1'), b: image('b:1') });
    expect(result.same).toBe(false);
    expect(statuses(result)).toEqual([expect.stringMatching(/^same /), 'changed RUN a / RUN b']);
    expect(files(result)).toEqual([
      'etc/a changed content',
      'etc/b removed',
      'link changed target',
      'more added',
      'new changed mode owner',
    ]);
  });

  it('with other layers of the same instruction are told as rebuilt', async () => {
    const again: MadeLayer = { ...first, files: [{ name: 'new', content: 'two' }] };
    const dataRoot = await two([first], [again]);
    for (const ignoreTimes of [false, true]) {
      const result = compare({ dataRoot, a: image('a:1'), b: image('b:1'), ignoreTimes });
      expect(result.rows.map(({ status }) => status)).toEqual(['same', 'rebuilt']);
      expect(files(result)).toEqual(['new changed content']);
    }
  });

  it('differ in config by key, whatever the key is called', async () => {
    const dataRoot = await layeredRoot([base], {
      name: 'a:1',
      config: { Env: ['A=1', '__proto__=x', 'B=2'], User: 'me', Labels: { l: '1' }, Cmd: ['sh'] },
    });
    await layeredRoot([base], { dataRoot, name: 'b:1', config: { Env: ['A=2', 'B=2'], Cmd: ['sh', '-c'] } });
    expect(compare({ dataRoot, a: image('a:1'), b: image('b:1') }).config).toEqual([
      { key: 'Cmd', a: '["sh"]', b: '["sh","-c"]' },
      { key: 'Env.A', a: '1', b: '2' },
      { key: 'Env.__proto__', a: 'x', b: undefined },
      { key: 'Labels.l', a: '1', b: undefined },
      { key: 'User', a: 'me', b: undefined },
    ]);
  });

  it('without history still have files', async () => {
    const dataRoot = await two([first], [], { history: [] });
    const result = compare({ dataRoot, a: image('a:1'), b: image('b:1') });
    expect(result.rows.map(({ status }) => status)).toEqual(['added']);
    expect(files(result)).toEqual(['new removed']);
  });

  it('tell which build arguments a RUN was given when nothing else differs', async () => {
    const run = (value: string): MadeLayer => ({
      instruction: `RUN |1 V=${value} /bin/sh -c make # buildkit`,
      files: [{ name: 'out', content: value }],
    });
    const dataRoot = await two([run('1')], [run('2')]);
    const result = compare({ dataRoot, a: image('a:1'), b: image('b:1') });
    expect(statuses(result)[1]).toBe('changed RUN make |1 V=1 / RUN make |1 V=2');
  });

  it('an image that is not there is refused', async () => {
    const dataRoot = await two([], []);
    expect(() => compare({ dataRoot, a: image('a:1'), b: image('c:1') })).toThrow(
      expect.objectContaining({ code: 'LL_NOT_FOUND' }),
    );
  });
});

/** An image as dockerd 28.5 records it for the lines below. */
async function built(builder: 'buildkit' | 'classic', rows: readonly (readonly [string, boolean])[]): Promise<string> {
  const dataRoot = await layeredRoot([base], { name: 'base:1' });
  const layers = rows.filter(([, layer]) => layer).map((_, at) => ({ ...first, files: [{ name: `f${at}` }] }));
  await layeredRoot([base, ...layers], {
    dataRoot,
    name: 'app:1',
    config: { Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'A=x  y'] },
    history: [
      { created_by: base.instruction },
      ...rows.map(([created_by, layer]) => ({
        created_by,
        ...(builder === 'buildkit' ? BUILDKIT : {}),
        ...(layer ? {} : { empty_layer: true }),
      })),
    ],
  });
  return dataRoot;
}

const LINES = [
  'FROM base:1 AS one',
  'ARG V=1',
  'RUN echo "a  b" \\',
  '  && make',
  'COPY a.txt /x/',
  'FROM base:1 AS other',
  'RUN never',
  'FROM one',
  'ENV A="x  y"',
];
const ROWS = {
  buildkit: [
    ['ARG V=1', false],
    ['RUN |1 V=1 /bin/sh -c echo "a  b"   && make # buildkit', true],
    ['COPY a.txt /x/ # buildkit', true],
    ['ENV A=x  y', false],
  ],
  classic: [
    ['/bin/sh -c #(nop)  ARG V=1', false],
    ['|1 V=1 /bin/sh -c echo "a  b"   && make', true],
    [`/bin/sh -c #(nop) COPY file:${'b3499bcf'.repeat(8)} in /x/ `, true],
    ['/bin/sh -c #(nop)  ENV A=x  y', false],
  ],
} as const;

describe.each(['buildkit', 'classic'] as const)('an image and a Dockerfile of the %s builder', (builder) => {
  const against = async (lines: readonly string[], more: Readonly<Record<string, unknown>> = {}) =>
    compare({ dataRoot: await built(builder, ROWS[builder]), a: image('app:1'), b: dockerfile(lines, more) });

  it('are the same through all stages that the target stands on', async () => {
    const result = await against(LINES);
    expect(result.rows.map(({ status, b }) => [status, b?.line])).toEqual([
      ['same', undefined],
      ['same', 2],
      ['same', 3],
      ['same', 5],
      ['same', 9],
    ]);
    expect(result).toMatchObject({ same: true, config: [], files: undefined });
    expect(result.b).toMatchObject({ base: 'base:1', layers: 3, size: undefined });
  });

  it('have one builder, which a build of the Dockerfile takes too', async () => {
    const dataRoot = await built(builder, ROWS[builder]);
    expect(builderBeside(dataRoot, [dockerfile(LINES), image('app:1')])).toBe(builder);
    expect(builderBeside('/no/such/root', [dockerfile(LINES), dockerfile(LINES)])).toBe('buildkit');
  });

  it('differ by blanks of a command, by build arguments, by config and by lines', async () => {
    const edited = (from: string, to: string) => LINES.map((line) => line.replace(from, to));
    const status = (result: CompareResult) => result.rows.map((one) => one.status).join(' ');
    expect(status(await against(edited('a  b', 'a b')))).toBe('same same changed same same');
    expect(status(await against(LINES, { buildArgs: { V: '2' } }))).toMatch(/^same \w+ changed same same$/);
    expect(status(await against([...LINES, 'USER me']))).toBe('same same same same same added');
    expect(status(await against(LINES.slice(0, -1)))).toBe('same same same same removed');
    expect((await against(edited('ENV A="x  y"', 'ENV A="x y"'))).config).toEqual([
      { key: 'Env.A', a: 'x  y', b: 'x y' },
    ]);
    expect((await against(LINES, { target: 'other' })).same).toBe(false);
  });
});
