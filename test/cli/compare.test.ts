import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { markdownCompare } from '../../src/cli/compare/markdown-compare.ts';
import type { CompareSide } from '../../src/engine/compare-result.ts';
import { IMAGE, layeredRoot, type MadeLayer, threeLayers } from '../engine/layered-root.ts';
import { removeTempFolders, tempFolder } from '../temp-root.ts';
import { runCommand } from './run-command.ts';

afterEach(removeTempFolders);

const changed: readonly MadeLayer[] = [
  ...threeLayers.slice(0, 2),
  { instruction: 'COPY opt /opt2 # buildkit', files: [{ name: 'opt2', content: 'x'.repeat(2000) }] },
];

async function bothImages(): Promise<string> {
  const dataRoot = await layeredRoot();
  return layeredRoot(changed, { dataRoot, name: 'made:changed', config: { User: 'me' } });
}

describe('compare', () => {
  it('draws what differs and ends as diff does', async () => {
    const dataRoot = await bothImages();
    const { code, out, err } = await runCommand(dataRoot, ['compare', IMAGE, 'made:changed']);
    expect(err).toBe('');
    expect(code).toBe(1);
    expect(out).toBe(`A  made:layers: 3 layers, 0 config steps, 44B
B  made:changed: 3 layers, 0 config steps, 2.04kB
   +1.99kB

Instructions  (= same, ≠ other layer, ~ changed, - only in A, + only in B; ● layer, ○ config)
  = ●             29B  ADD file:0 in /
  = ●              9B  RUN rm /etc/gone
  ~ ●        6B → 2kB  COPY opt /opt
    ●                  COPY opt /opt2

Config
  User: (not set) → me

Files: 2 added (2kB), 1 removed (1B), 1 changed
  + /opt2  2kB
  ~ /opt/two  5B → 2B  content
  + /opt/one  1B
  - /opt/three  1B

A and B differ.
`);
    const same = await runCommand(dataRoot, ['compare', IMAGE, IMAGE]);
    expect(same.code).toBe(0);
    expect(same.out).toContain('Files: the same\n\nA and B are the same.\n');
    expect(await runCommand(dataRoot, ['compare', '-q', IMAGE, 'made:changed'])).toEqual({ code: 1, out: '', err: '' });
  });

  it('prints JSON and Markdown, and as many files as are asked for', async () => {
    const dataRoot = await bothImages();
    const run = async (...args: readonly string[]) =>
      (await runCommand(dataRoot, ['compare', ...args, IMAGE, 'made:changed'])).out;
    const json = JSON.parse(await run('--format', 'json'));
    expect(json).toMatchObject({ same: false, config: [{ key: 'User', b: 'me' }] });
    expect(json.files.map(({ path }: { readonly path: string }) => path)).toEqual([
      '/opt/one',
      '/opt/three',
      '/opt/two',
      '/opt2',
    ]);
    expect(await run('--top', '1')).toContain('+ /opt2  2kB\n    and 3 more files');
    expect(await run('--format', 'markdown', '--top', '1')).toBe(`### \`made:layers\` → \`made:changed\`: +1.99kB

- A \`made:layers\`: 3 layers, 0 config steps, 44B
- B \`made:changed\`: 3 layers, 0 config steps, 2.04kB

| | A | B | size |
| --- | --- | --- | --- |
| = | ● \`ADD file:0 in /\` |  | 29B |
| = | ● \`RUN rm /etc/gone\` |  | 9B |
| ~ | ● \`COPY opt /opt\` | ● \`COPY opt /opt2\` | 6B → 2kB |

| config | A | B |
| --- | --- | --- |
| \`User\` | \`(not set)\` | \`me\` |

Files: 2 added (2kB), 1 removed (1B), 1 changed

| file | | what |
| --- | --- | --- |
| \`/opt2\` | added | 2kB |
| 3 more files | | |
`);
  });

  it('takes paths for Dockerfiles, and a name for an image though a folder is called so', async () => {
    const dataRoot = await bothImages();
    const folder = tempFolder();
    writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY a /\n');
    writeFileSync(join(folder, 'Other'), 'FROM scratch\nCOPY b /\n');
    mkdirSync(join(folder, 'made'));
    const both = await runCommand(dataRoot, ['compare', folder, join(folder, 'Other')]);
    expect(both.code).toBe(1);
    expect(both.out).toContain('  ~ ●                  line 2: COPY a /\n    ●                  line 2: COPY b /\n');
    expect((await runCommand(dataRoot, ['compare', folder, folder])).code).toBe(0);
  });

  it('says how to write a folder that is called like no image', async () => {
    // The tests run in the checkout, which has this folder.
    const { code, err } = await runCommand(await layeredRoot(), ['compare', 'samples', IMAGE]);
    expect(code).toBe(2);
    expect(err).toContain('No such image: samples:latest');
    expect(err).toContain('Write ./samples for the Dockerfile in that folder.');
  });

  it.each([
    ['an image that is not there', ['no/such', IMAGE]],
    ['a name that no system call takes', ['x'.repeat(5000), IMAGE]],
    ['a name with a null byte', ['a\u0000b', IMAGE]],
    ['one name', [IMAGE]],
    ['three names', [IMAGE, IMAGE, IMAGE]],
    ['a wrong flag', ['--nothing', IMAGE, IMAGE]],
    ['a wrong number', ['--top', '-1', IMAGE, IMAGE]],
    ['a wrong format', ['--format', 'xml', IMAGE, IMAGE]],
  ])('ends with 2 for %s', async (_, args) => {
    const { code, out, err } = await runCommand(await layeredRoot(), ['compare', ...args]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('ERROR: ');
    expect(err).not.toContain(' at ');
  });

  it('ends with 2 for a Dockerfile that cannot be parsed, though a build of it ends with 1', async () => {
    const folder = tempFolder();
    writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nNOTHING\n');
    const { code, err } = await runCommand(await layeredRoot(), ['compare', folder, IMAGE]);
    expect(code).toBe(2);
    expect(err).toContain('LL_PARSE');
  });

  it('tells causes with --debug, and keeps the place of a mistake', async () => {
    const folder = tempFolder();
    writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY --nope=1 a /\n');
    const { code, err } = await runCommand(await layeredRoot(), ['--debug', 'compare', folder, IMAGE]);
    expect(code).toBe(2);
    expect(err).toContain(' at ');
    expect(err).toContain('Dockerfile:2');
  });

  it('lets no name act on the terminal', async () => {
    const dataRoot = await layeredRoot();
    await layeredRoot([{ instruction: 'RUN \u001b[2J', files: [{ name: 'a\u001b[2J\nb', content: 'x' }] }], {
      dataRoot,
      name: 'made:evil',
      config: { Env: ['A\u001b]0;=\u001b[2J'], Labels: { '\u009b2J': '\u001b' } },
    });
    for (const format of ['text', 'markdown']) {
      const { out } = await runCommand(dataRoot, ['compare', '--format', format, IMAGE, 'made:evil']);
      expect(out).toContain('a^[[2J');
      expect([...out].filter((sign) => (sign < ' ' && sign !== '\n') || sign === '\u009b')).toEqual([]);
    }
  });
});

describe('Markdown', () => {
  const side: CompareSide = {
    ...{ kind: 'image', name: 'a|b', imageId: undefined, base: undefined },
    ...{ rows: [], layers: 1, configSteps: 0, size: 1 },
  };
  const cells = (path: string): string =>
    markdownCompare(
      {
        ...{ a: side, b: side, same: false, rows: [], config: [] },
        files: [{ path, change: 'added', aspects: [], sizeA: undefined, sizeB: 1 }],
      },
      9,
    )
      .split('\n')
      .at(-2) ?? '';

  // Where the cells end: GitHub Flavored Markdown, Tables; how code is fenced: CommonMark, Code spans.
  it.each([
    ['a|b', '| `/a\\|b` | added | 1B |'],
    ['a\\|b', '| <code>&#47;a&#92;&#124;b</code> | added | 1B |'],
    ['a`b', '| `` /a`b `` | added | 1B |'],
    ['``x`', '| ``` /``x` ``` | added | 1B |'],
    ['<b>*x*', '| `/<b>*x*` | added | 1B |'],
    ['<|\\|', '| <code>&#47;&#60;&#124;&#92;&#124;</code> | added | 1B |'],
  ])('keeps %j in its cell', (path, row) => {
    expect(cells(path)).toBe(row);
  });
});
