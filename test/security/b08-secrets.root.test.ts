import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Lab } from '../build/lab.ts';

const launcher = resolve(import.meta.dirname, '../../bin/layerlab.js');
const SECRET = 'resistance-is-futile-8472';
const withoutMounts = ['setpriv', '--bounding-set=-sys_admin', '--inh-caps=-sys_admin'];

describe('B08: a secret is in no layer, history, cache key, log or file', () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
    lab.ok(['base']);
    writeFileSync(join(lab.home, 'secret'), SECRET);
  });
  afterEach(() => lab.remove());

  const flags = (): string[] => ['--secret', `id=s,src=${lab.home}/secret`, '--network', 'none'];
  /** Files below the data-root that hold the secret, or a tar-split or a name of it. */
  const leaks = (): string => spawnSync('grep', ['-rl', '-e', SECRET, lab.dataRoot], { encoding: 'utf8' }).stdout;

  it.each([
    ['crun', []],
    ['runc', []],
    ['chroot', []],
    ['auto', withoutMounts],
  ] as const)('after a build, also one that fails, by %s %j', (runtime, by) => {
    const isFile = by.length === 0;
    const mounts = `--mount=type=secret,id=s,env=TOKEN ${isFile ? '--mount=type=secret,id=s' : ''}`;
    const look = isFile ? 'test -s /run/secrets/s && ' : '';
    for (const end of ['true', 'false']) {
      lab.write('Dockerfile', `FROM layerlab/base\nRUN ${mounts} ${look}test -n "$TOKEN" && ${end}\n`);
      const args = ['build', '--progress', 'plain', '-t', 'x', '--runtime', runtime, ...flags(), lab.context];
      const result = lab.run(args, { by });
      expect(result.status).toBe(end === 'true' ? 0 : 1);
      expect(result.stdout + result.stderr).not.toContain(SECRET);
      expect(leaks()).toBe('');
    }
    expect(lab.ok(['history', '--no-trunc', 'x']) + lab.ok(['inspect', 'x'])).not.toContain(SECRET);
  });

  it.each(['crun', 'runc', 'chroot'])('while a command runs, and after a kill, by %s', async (runtime) => {
    const mounts = '--mount=type=secret,id=s,env=TOKEN --mount=type=secret,id=s --mount=type=cache,target=/c';
    lab.write('Dockerfile', `FROM layerlab/base\nRUN ${mounts} cat /run/secrets/s > /dev/null; echo up; sleep 57.31\n`);
    const args = ['--data-root', lab.dataRoot, 'build', '--progress', 'plain', '--runtime', runtime, ...flags()];
    const child = spawn(process.execPath, [launcher, ...args, lab.context]);
    const ended = new Promise((done) => child.once('close', done));
    let seen = '';
    child.stderr.on('data', (data) => {
      seen += data;
    });
    while (!/ up\n/.test(seen)) await sleep(20);
    expect(leaks()).toBe('');
    child.kill('SIGKILL');
    await ended;
    for (let tries = 0; tries < 100 && spawnSync('pgrep', ['-f', 'sleep 57.31']).status === 0; tries++) await sleep(20);
    expect(spawnSync('pgrep', ['-f', 'sleep 57.31']).status).toBe(1);
    expect(leaks()).toBe('');
    // The next build takes what was left away, mounts and all.
    lab.write('Dockerfile', 'FROM layerlab/base\nRUN --mount=type=cache,target=/c true\n');
    lab.build();
    expect(readdirSync(join(lab.dataRoot, 'layerlab/tmp'))).toEqual([]);
    expect(existsSync(join(lab.dataRoot, 'layerlab/leases'))).toBe(true);
  });

  it('a command does not get at the secret that its mount was made from', () => {
    lab.write(
      'Dockerfile',
      'FROM layerlab/base\nRUN --mount=type=secret,id=s ls /proc/self/fd > /tmp/fds; ! cat <&3 2>/dev/null\n',
    );
    lab.build(['--secret', `id=s,src=${lab.home}/secret`]);
  });
});
