import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Lab } from './lab.ts';

const launcher = resolve(import.meta.dirname, '../../bin/layerlab.js');
const FILES = 2400;

// Needs root, as dockerd does. So many files that threads may copy them, where processors are idle.
describe('COPY of many files', () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
    for (let i = 0; i < FILES; i += 1) lab.write(`files/d${i % 24}/f${i}`, `${i} `.repeat(i % 50));
    lab.write('Dockerfile', 'FROM scratch\nCOPY files /a/files\n');
  });
  afterEach(() => lab.remove());

  const snapshots = (): number => readdirSync(join(lab.dataRoot, 'overlay2')).filter((name) => name !== 'l').length;
  const content = (image: string, path: string): string => lab.ok(['cat', image, path]);

  it('is found in the cache until a file has another content, wherever that is', () => {
    const first = lab.build(['-t', 'x']);
    expect(lab.build(['-t', 'x'])).toBe(first);
    const file = (n: number): string => join(lab.context, `files/d${n % 24}/f${n}`);
    // Only touched: the same bytes under another time.
    utimesSync(file(5), 1_600_000_000, 1_600_000_000);
    expect(lab.build(['-t', 'x'])).toBe(first);
    expect(snapshots()).toBe(1);
    for (const n of [1, 1200, 2399]) {
      lab.write(`files/d${n % 24}/f${n}`, `changed ${n}`);
      const next = lab.build(['-t', 'x']);
      expect(next).not.toBe(first);
      expect(content('x', `/a/files/d${n % 24}/f${n}`)).toBe(`changed ${n}`);
      expect(lab.build(['-t', 'x'])).toBe(next);
    }
    // As it was before the first change: its layer is there still.
    for (const n of [1, 1200, 2399]) lab.write(`files/d${n % 24}/f${n}`, `${n} `.repeat(n % 50));
    const layers = snapshots();
    lab.build(['-t', 'x']);
    expect(snapshots()).toBe(layers);
  });

  it('is made anew where only a mode changed, a file is new, or one is gone', () => {
    const first = lab.build(['-t', 'x']);
    chmodSync(join(lab.context, 'files/d3/f3'), 0o711);
    const second = lab.build(['-t', 'x']);
    expect(second).not.toBe(first);
    lab.write('files/d0/a-new-one', 'new');
    expect(lab.build(['-t', 'x'])).not.toBe(second);
    expect(content('x', '/a/files/d0/a-new-one')).toBe('new');
    rmSync(join(lab.context, 'files/d0/a-new-one'));
    lab.build(['-t', 'x']);
    expect(lab.run(['cat', 'x', '/a/files/d0/a-new-one']).status).not.toBe(0);
    expect(lab.ok(['check', '--full'])).not.toContain('LL_');
  });

  it('fails as its plan does, without anything left of what was copied by then', () => {
    lab.write('files/d9/zz/.wh.x', '');
    const { status, stderr } = lab.run(['build', '--no-cache', '-q', lab.context]);
    expect(status).toBe(1);
    expect(stderr).toContain('.wh.x: names that begin with .wh. mark deletions in a layer');
    expect(snapshots()).toBe(0);
  });

  it.each([120, 250])('ends with all of its threads when it is interrupted after %d ms', async (delay) => {
    const args = ['--data-root', lab.dataRoot, 'build', '--no-cache', '-t', 'x', lab.context];
    const child = spawn(process.execPath, [launcher, ...args], { stdio: 'ignore' });
    // It may be through before the signal.
    const closed = new Promise((done) => child.once('close', done));
    await new Promise((done) => setTimeout(done, delay));
    child.kill('SIGINT');
    const code = await closed;
    // It may have been done, or not have listened yet.
    expect([0, 130, null]).toContain(code);
    if (code === 130 && existsSync(join(lab.dataRoot, 'overlay2'))) expect(snapshots()).toBe(0);
    expect(lab.build(['-t', 'x'])).toMatch(/^sha256:/);
    expect(statSync(join(lab.dataRoot, 'overlay2')).isDirectory()).toBe(true);
    expect(spawnSync('pgrep', ['-f', lab.dataRoot]).status).toBe(1);
  });
});
