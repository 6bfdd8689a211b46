import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { drawCheck, oneLine } from '../../src/cli/check/draw-check.ts';
import { engine } from '../../src/cli/engine.ts';
import { main } from '../../src/cli/main.ts';
import { choosePaint } from '../../src/cli/plan/paint.ts';
import { check } from '../../src/engine/check.ts';
import { loadedRoot } from '../engine/loaded-root.ts';
import { removeTempFolders } from '../temp-root.ts';
import { fakeOutput } from './fake-output.ts';

afterEach(removeTempFolders);

const plain = choosePaint(false, {});

async function run(dataRoot: string, ...args: readonly string[]) {
  const [stdout, stderr] = [fakeOutput(), fakeOutput()];
  const code = await main(['--data-root', dataRoot, 'check', ...args], {
    engine,
    stdout,
    stderr,
    stdoutStream: () => process.stdout,
    stdinIsTTY: false,
    readStdin: async () => Buffer.alloc(0),
    env: {},
    now: Date.now,
    catchSignals: () => new AbortController().signal,
  });
  return { code, text: stdout.text(), said: stderr.text() };
}

describe('check, the command', () => {
  it('ends with 0 where all is sound, with 4 where there is damage', async () => {
    const dataRoot = await loadedRoot('classic');
    expect(await run(dataRoot)).toMatchObject({ code: 0, text: expect.stringContaining(': sound, contents') });
    writeFileSync(`${dataRoot}/image/overlay2/repositories.json`, '');
    expect(await run(dataRoot)).toMatchObject({ code: 4, text: expect.stringContaining('repositories-empty') });
    expect(await run(dataRoot, '--quiet')).toMatchObject({ code: 4, text: '' });
  });

  it('ends with 0 where there are leftovers only, and still names them', async () => {
    const dataRoot = await loadedRoot('classic');
    mkdirSync(`${dataRoot}/image/overlay2/layerdb/tmp/write-set-1`, { recursive: true });
    expect(await run(dataRoot)).toMatchObject({ code: 0, text: expect.stringContaining('leftover-layer-tmp') });
  });

  it('prints a template once a damage, and the whole as JSON', async () => {
    const dataRoot = await loadedRoot('classic');
    rmSync(`${dataRoot}/image/overlay2/repositories.json`);
    const { text } = await run(dataRoot, '--format', '{{.ID}} {{.Severity}} {{.Where}}');
    expect(text).toBe('repositories-missing damage image/overlay2/repositories.json\n');
    const document = JSON.parse((await run(dataRoot, '--format', 'json')).text) as { damages: { id: string }[] };
    expect(document.damages.map(({ id }) => id)).toEqual(['repositories-missing']);
  });

  it('refuses a number of threads that is none', async () => {
    const dataRoot = await loadedRoot('classic');
    expect(await run(dataRoot, '--jobs', 'many')).toMatchObject({ code: 2, said: expect.stringContaining('LL_USAGE') });
  });

  // S08: names from a foreign data-root must not act on the terminal.
  it('shows names with terminal escapes escaped, each on one line', async () => {
    const dataRoot = await loadedRoot('classic');
    mkdirSync(`${dataRoot}/image/overlay2/layerdb/sha256/\u001b[31mred\nnext`);
    const text = drawCheck(await check({ dataRoot, settle: 0 }), plain);
    expect(text).toContain('layerdb/sha256/^[[31mred\\nnext');
    expect(text).not.toContain('\u001b');
    expect(oneLine('a\tb\r')).toBe('a\\tb^M');
  });
});
