import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readCacheMountRecord } from '../../src/store/cache-mounts.ts';
import { Lab } from './lab.ts';

const launcher = resolve(import.meta.dirname, '../../bin/layerlab.js');

interface Running {
  readonly child: ChildProcess;
  readonly says: (text: string) => Promise<void>;
  readonly ended: Promise<number | null>;
}

// Needs root: RUN mounts overlays.
describe('a cache that several builds mount', () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
    lab.ok(['base']);
  });
  afterEach(() => lab.remove());

  const folders = (): string[] => {
    const caches = join(lab.dataRoot, 'layerlab/cache/mounts');
    return readdirSync(caches).flatMap((key) => readdirSync(join(caches, key)).map((n) => join(caches, key, n)));
  };
  const start = (name: string, run: string): Running => {
    lab.write(`${name}.df`, `FROM layerlab/base\nRUN ${run}\n`);
    const words = [
      'build',
      '--no-cache',
      '--progress',
      'plain',
      '--network',
      'none',
      '-f',
      join(lab.context, `${name}.df`),
    ];
    const child = spawn(process.execPath, [launcher, '--data-root', lab.dataRoot, ...words, lab.context]);
    let seen = '';
    child.stderr.on('data', (data) => {
      seen += data;
    });
    const ended = new Promise<number | null>((done) => child.once('close', done));
    const says = async (text: string): Promise<void> => {
      for (let tries = 0; !seen.includes(` ${text}\n`); tries++) {
        if (tries > 500) throw new Error(`nobody said ${text}: ${seen}`);
        await sleep(20);
      }
    };
    return { child, says, ended };
  };
  const cache = (sharing: string): string => `--mount=type=cache,id=c,sharing=${sharing},target=/c`;

  it('is used by one after the other where it is locked', async () => {
    const command = 'test ! -e /c/busy && touch /c/busy && echo in && sleep 0.5 && rm /c/busy && echo x >> /c/n';
    const builds = [1, 2, 3].map((n) => start(`b${n}`, `${cache('locked')} ${command}`));
    expect(await Promise.all(builds.map(({ ended }) => ended))).toEqual([0, 0, 0]);
    expect(folders()).toHaveLength(1);
    expect(readFileSync(join(folders()[0] as string, 'data/n'), 'utf8')).toBe('x\nx\nx\n');
  });

  it('is used by all at once where it is shared', async () => {
    const meet = (me: string, other: string): string =>
      `${cache('shared')} touch /c/${me}; i=0; until test -e /c/${other}; do i=$((i+1)); test $i -lt 200; sleep 0.05; done`;
    const builds = [start('a', meet('a', 'b')), start('b', meet('b', 'a'))];
    expect(await Promise.all(builds.map(({ ended }) => ended))).toEqual([0, 0]);
    expect(folders()).toHaveLength(1);
  });

  it('is another one where it is private and in use', async () => {
    const first = start('first', `${cache('private')} touch /c/mine; echo in; sleep 4`);
    await first.says('in');
    const second = start('second', `${cache('private')} test ! -e /c/mine`);
    expect(await second.ended).toBe(0);
    expect(await first.ended).toBe(0);
    expect(folders()).toHaveLength(2);
    const third = start('third', `${cache('private')} test -e /c/mine`);
    expect(await third.ended).toBe(0);
    expect(folders()).toHaveLength(2);
  });

  it('is free, and as it was, after a kill of the build that had it locked', async () => {
    const first = start('first', `${cache('locked')} echo kept > /c/n; echo in; sleep 58.73`);
    await first.says('in');
    const waiting = start('second', `${cache('locked')} grep -q kept /c/n && echo got`);
    await sleep(800);
    expect(waiting.child.exitCode).toBeNull();
    first.child.kill('SIGKILL');
    await first.ended;
    await waiting.says('got');
    expect(await waiting.ended).toBe(0);
    // What the killed one had mounted goes with the next build.
    expect(await start('third', `${cache('locked')} true`).ended).toBe(0);
    expect(readdirSync(join(lab.dataRoot, 'layerlab/tmp'))).toEqual([]);
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(lab.home);
  });

  it('is waited for no longer than the build is wanted', async () => {
    const first = start('first', `${cache('locked')} echo in; sleep 5`);
    await first.says('in');
    const second = start('second', `${cache('locked')} true`);
    await sleep(1000);
    second.child.kill('SIGINT');
    expect(await second.ended).toBe(130);
    expect(first.child.exitCode).toBeNull();
    expect(await first.ended).toBe(0);
  });

  it('knows its id, when it was made and when it was used last', async () => {
    const before = Date.now() - 1000;
    expect(await start('first', `${cache('shared')} true`).ended).toBe(0);
    const [folder = ''] = folders();
    const made = readCacheMountRecord(folder);
    expect(made).toMatchObject({ id: 'c', namespace: '' });
    expect(made?.created).toBeGreaterThan(before);
    expect(await start('again', `${cache('shared')} true`).ended).toBe(0);
    const used = readCacheMountRecord(folder);
    expect(used?.created).toBe(made?.created);
    expect(used?.lastUsed).toBeGreaterThan(made?.lastUsed ?? Number.POSITIVE_INFINITY);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });
});
