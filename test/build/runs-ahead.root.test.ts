import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Lab } from './lab.ts';

const launcher = resolve(import.meta.dirname, '../../bin/layerlab.js');
const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));

// Needs root: RUN mounts overlays.
describe('without the cache, a command that runs while the layer below it is recorded', () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
    lab.ok(['base']);
  });
  afterEach(() => {
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(lab.home);
    lab.remove();
  });

  const snapshots = (): readonly string[] => readdirSync(join(lab.dataRoot, 'overlay2')).filter((name) => name !== 'l');
  /** Nothing that `check` finds, and nothing half-made. */
  const isWhole = (): void => {
    expect(lab.ok(['check', '--full'])).toMatch(/: sound, /);
    expect(readdirSync(join(lab.dataRoot, 'layerlab/tmp'))).toEqual([]);
    expect(readdirSync(join(lab.dataRoot, 'overlay2/l'))).toHaveLength(snapshots().length);
  };
  const start = (more: readonly string[] = []): ChildProcess => {
    const words = ['build', '--progress', 'plain', '--network', 'none', '--no-cache', ...more, lab.context];
    return spawn(process.execPath, [launcher, '--data-root', lab.dataRoot, ...words]);
  };
  const outputOf = async (child: ChildProcess): Promise<{ readonly code: unknown; readonly text: string }> => {
    let text = '';
    child.stderr?.on('data', (data) => {
      text += data;
    });
    return { code: await new Promise((done) => child.once('close', done)), text };
  };

  it('finds what all before it wrote', () => {
    const lines = Array.from(
      { length: 12 },
      (_, n) => `RUN test "$(cat /n)" = ${n} && echo ${n + 1} > /n && touch /f${n}\n`,
    );
    lab.write('Dockerfile', `FROM layerlab/base\nRUN echo 0 > /n\n${lines.join('')}RUN rm /f*\n`);
    lab.build(['--no-cache', '-t', 'x']);
    expect(lab.ok(['cat', 'x:/n'])).toBe('12');
    isWhole();
    const before = snapshots().length;
    // The same layers to the byte: those that were there before are kept, with what stands on them.
    lab.build(['--no-cache', '-t', 'x', '--timestamp', '1700000000']);
    const made = snapshots().length;
    expect(made).toBeGreaterThan(before);
    lab.build(['--no-cache', '-t', 'x', '--timestamp', '1700000000']);
    expect(snapshots()).toHaveLength(made);
    isWhole();
  });

  it('stands on a layer that was there already, where the one below turns out to be that', () => {
    lab.write(
      'Dockerfile',
      'FROM layerlab/base\nRUN true\nRUN true\nRUN date +%s%N > /made; sleep 0.2\nRUN true\nRUN cat /made\n',
    );
    const first = lab.build(['--no-cache', '--timestamp', '1700000000', '-t', 'first']);
    const count = snapshots().length;
    const second = lab.build(['--no-cache', '--timestamp', '1700000000', '-t', 'second']);
    expect(second).not.toBe(first);
    // Two of the five are those of the first build.
    expect(snapshots()).toHaveLength(count + 3);
    isWhole();
    const lowers = (name: string): readonly string[] =>
      lab.ok(['inspect', '-f', '{{.GraphDriver.Data.LowerDir}}', name]).split(':');
    expect(lowers('second').slice(-3)).toEqual(lowers('first').slice(-3));
    lab.write('Dockerfile', 'FROM second\nRUN test -s /made\n');
    lab.build();
  });

  it('is not there with the classic builder, whose layers are recorded one after the other, and kept once', () => {
    const lines = 'RUN echo x > /f\nRUN cp /f /g\n';
    lab.write('Dockerfile', `FROM layerlab/base AS a\n${lines}FROM layerlab/base\n${lines}COPY --from=a /g /h\n`);
    const build = (): string =>
      lab.build(['--builder', 'classic', '--no-cache', '--timestamp', '1700000000', '-t', 'x']);
    build();
    const count = snapshots().length;
    // The base, two commands that both stages share, and the copy.
    expect(count).toBe(4);
    build();
    expect(snapshots()).toHaveLength(count);
    expect(lab.ok(['cat', 'x:/h'])).toBe('x');
    isWhole();
  });

  it('is told of in the order of the file', async () => {
    const lines = Array.from({ length: 8 }, (_, n) => `RUN echo says ${n}\n`);
    lab.write('Dockerfile', `FROM layerlab/base\n${lines.join('')}`);
    const { code, text } = await outputOf(start());
    expect(code).toBe(0);
    const told = text
      .slice(text.indexOf('RUN echo'))
      .split('\n')
      .flatMap((line) => /says \d$|DONE|exporting to image$/.exec(line)?.[0] ?? []);
    const steps = lines.flatMap((_, n) => [`says ${n}`, `says ${n}`, 'DONE']);
    expect(told.slice(0, steps.length + 1)).toEqual([...steps, 'exporting to image']);
  });

  it('loses nothing of what the one before it printed last', async () => {
    const lines = Array.from(
      { length: 6 },
      (_, n) => `RUN yes ${n} | head -n 40000 | tr -d '\\n'; echo; echo end ${n} >&2\n`,
    );
    lab.write('Dockerfile', `FROM layerlab/base\n${lines.join('')}`);
    const { code, text } = await outputOf(start());
    expect(code).toBe(0);
    for (const n of lines.keys()) {
      expect(text.split('\n').filter((line) => line.endsWith(`${n}`.repeat(40_000)))).toHaveLength(1);
      expect(text.match(new RegExp(` end ${n}$`, 'gm'))).toHaveLength(1);
    }
  });

  it('is not begun where the one before it fails, and leaves no snapshot', async () => {
    lab.write('Dockerfile', 'FROM layerlab/base\nRUN touch /one\nRUN sleep 0.5; exit 7\nRUN echo never > /three\n');
    const { code, text } = await outputOf(start());
    expect(code).toBe(1);
    expect(text).toMatch(/exit code: 7/);
    // The base, and the layer of the first command.
    expect(snapshots()).toHaveLength(2);
    isWhole();
  });

  it('is ended when the layer below cannot be recorded, with the same words as ever', async () => {
    lab.write('Dockerfile', 'FROM layerlab/base\nRUN echo one > /one; sleep 1\nRUN sleep 65.25\n');
    const layers = join(lab.dataRoot, 'layerlab/cache/layers');
    const build = outputOf(start());
    while (snapshots().length < 2) await sleep(5);
    await sleep(300);
    rmSync(layers, { recursive: true, force: true });
    mkdirSync(join(lab.dataRoot, 'layerlab/cache'), { recursive: true });
    writeFileSync(layers, '');
    const began = Date.now();
    const { code, text } = await build;
    expect(Date.now() - began).toBeLessThan(20_000);
    expect(code).toBe(1);
    expect(text).toMatch(/^ERROR: reading the build cache: ENOTDIR/m);
    expect(text).toMatch(/^#\d+ ERROR: /m);
    expect(text).not.toMatch(/^#\d+ \[3\/3\]|LL_INTERRUPTED/m);
    rmSync(layers);
    expect(snapshots()).toHaveLength(1);
    isWhole();
  });

  it('goes with an interrupted build', async () => {
    lab.write('Dockerfile', 'FROM layerlab/base\nRUN touch /one\nRUN touch /two; sleep 66.25\nRUN touch /three\n');
    const child = start(['-t', 'x']);
    const build = outputOf(child);
    while (snapshots().length < 3) await sleep(5);
    await sleep(300);
    child.kill('SIGINT');
    expect((await build).code).toBe(130);
    // The base, and the layer of the first command: the build cache keeps it.
    expect(snapshots()).toHaveLength(2);
    isWhole();
  });

  it.each([150, 200, 250, 300, 400])('leaves nothing behind that is not swept after a kill at %d ms', async (delay) => {
    const lines = Array.from({ length: 30 }, (_, n) => `RUN echo ${n} > /file-${n % 7}\n`);
    lab.write('Dockerfile', `FROM layerlab/base\n${lines.join('')}`);
    const child = start(['-t', 'x']);
    const build = outputOf(child);
    await sleep(delay);
    child.kill('SIGKILL');
    await build;
    expect(lab.build(['-t', 'x'])).toMatch(/^sha256:/);
    isWhole();
  });
});
