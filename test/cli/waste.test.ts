import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { IMAGE, layeredRoot } from '../engine/layered-root.ts';
import { removeTempFolders, tempFolder } from '../temp-root.ts';
import { runCommand } from './run-command.ts';

afterEach(removeTempFolders);

/** A `.dive-ci` of its own: none of the folder that the tests run in. */
function rules(text: string): string {
  const path = join(tempFolder(), 'rules.yaml');
  writeFileSync(path, text);
  return path;
}

describe('waste', () => {
  it('draws layers, what to change and files', async () => {
    const { code, out, err } = await runCommand(await layeredRoot(), ['waste', '--top', '2', IMAGE]);
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out).toBe(`made:layers: 44B in 3 layers
4B hidden by later layers (9.1 %), efficiency 90.0 %, 26.7 % of what was added is wasted

Layers                    size  (█ seen, ░ hidden)
  0 █████████████████░░░     29B      4B hidden  layer 0: ADD file:0 in /
  1 ██████                    9B                 layer 1: RUN rm /etc/gone
  2 ████                      6B                 layer 2: COPY opt /opt

What to change
      2B  layer 2: COPY opt /opt
          replaces 1 file of layer 0: ADD file:0 in /
          Copy the file once, in its last form: order the lines so that later ones do not write it again.
      1B  layer 1: RUN rm /etc/gone
          deletes 1 file of layer 0: ADD file:0 in /
          Do not copy what is deleted later: use .dockerignore, RUN --mount=type=bind, or a stage of its own.
      1B  layer 2: COPY opt /opt
          deletes 1 file of layer 0: ADD file:0 in /
          Do not copy what is deleted later: use .dockerignore, RUN --mount=type=bind, or a stage of its own.

Files
      2B  /opt/two  (replaced by layer 2, written by layer 0)
      1B  /etc/gone  (deleted by layer 1, written by layer 0)
      1B  in 1 more file (--top shows more)
`);
  });

  it('prints with --format: table, templates, json', async () => {
    const dataRoot = await layeredRoot();
    const print = async (format: string) => (await runCommand(dataRoot, ['waste', '--format', format, IMAGE])).out;
    expect(await print('table')).toBe(
      [
        'WASTED    COPIES    CAUSE      PATH',
        '2B        2         replaced   /opt/two',
        '1B        1         deleted    /etc/gone',
        '1B        1         deleted    /opt/one',
        '',
      ].join('\n'),
    );
    expect(await print('{{.Bytes}} {{upper .Cause}} {{.Path}}')).toBe(
      '2 REPLACED /opt/two\n1 DELETED /etc/gone\n1 DELETED /opt/one\n',
    );
    expect(JSON.parse(await print('json'))).toMatchObject({ wastedBytes: 4, paths: [{ path: '/opt/two' }, {}, {}] });
    const wrong = await runCommand(dataRoot, ['waste', '--format', '{{.Nothing}}', IMAGE]);
    expect(wrong.code).not.toBe(0);
    expect(wrong.err).toContain('Nothing');
  });

  it('fails in CI where a rule of dive does, and the CI of the environment gives way to --format', async () => {
    const dataRoot = await layeredRoot();
    const strict = rules('rules: { highestWastedBytes: 3B, highestUserWastedPercent: disabled }');
    const run = (args: readonly string[], env = {}) => runCommand(dataRoot, ['waste', ...args, IMAGE], env);
    const { code, out } = await run(['--ci', '--ci-config', strict]);
    expect(code).toBe(1);
    expect(out).toBe(`  efficiency: 90.0000 %
  wastedBytes: 4 bytes (4B)
  userWastedPercent: 26.6667 %
Inefficient Files:
Count  Wasted Space  File Path
    2            2B  /opt/two
    1            1B  /etc/gone
    1            1B  /opt/one
Results:
  SKIP: highestUserWastedPercent: rule disabled
  FAIL: highestWastedBytes: too many bytes wasted (wasted-bytes=4 > threshold=3)
  PASS: lowestEfficiency
Result:FAIL [Total:3] [Passed:1] [Failed:1] [Warn:0] [Skipped:1]
`);
    for (const CI of ['true', '1', 'yes']) expect((await run(['--ci-config', strict], { CI })).code).toBe(1);
    for (const CI of ['false', '0', '']) expect((await run(['--ci-config', strict], { CI })).code).toBe(0);
    expect((await run(['--ci', '--ci-config', strict, '--highestWastedBytes', '4'])).code).toBe(0);
    expect((await run(['--format', 'json'], { CI: 'true' })).out).toMatch(/^\{/);
    expect((await run(['--ci', '--ci-config', rules('rules: 1')])).code).toBe(2);
    expect((await run(['--ci', '--ci-config', '/no/such/file'])).code).not.toBe(0);
  });

  it("writes dive's JSON", async () => {
    const dataRoot = await layeredRoot();
    const target = join(tempFolder(), 'report.json');
    expect(await runCommand(dataRoot, ['waste', '-j', target, IMAGE])).toMatchObject({ code: 0, out: '' });
    expect(JSON.parse(readFileSync(target, 'utf8'))).toMatchObject({ image: { inefficientBytes: 4 } });
    const { out } = await runCommand(dataRoot, ['waste', '--json', '-', IMAGE]);
    expect(Object.keys(JSON.parse(out))).toEqual(['layer', 'image']);
  });

  it('lets no name act on the terminal', async () => {
    const name = 'a\u001b[2J\nb';
    const dataRoot = await layeredRoot([
      { instruction: 'RUN \u001b]0;x\u0007', files: [{ name, content: 'x' }] },
      { instruction: 'RUN b', files: [{ name: `.wh.${name}` }] },
    ]);
    for (const args of [[], ['--format', 'table'], ['--ci', '--ci-config', rules('')]]) {
      const { out } = await runCommand(dataRoot, ['waste', ...args, IMAGE]);
      expect(out).toContain('a^[[2J');
      // biome would have no control characters in a pattern.
      expect([...out].filter((sign) => sign < ' ' && sign !== '\n')).toEqual([]);
    }
  });

  it('says what is wrong with its flags', async () => {
    const dataRoot = await layeredRoot();
    for (const args of [
      ['--top', 'x', IMAGE],
      ['--base', 'no/such', IMAGE],
      ['none'],
      ['-f', '/no/Dockerfile', IMAGE],
    ]) {
      const { code, out, err } = await runCommand(dataRoot, ['waste', ...args]);
      expect([code === 0, out]).toEqual([false, '']);
      expect(err).toContain('ERROR: ');
    }
  });
});
