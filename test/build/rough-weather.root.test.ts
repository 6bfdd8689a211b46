import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Lab } from './lab.ts';

const launcher = resolve(import.meta.dirname, '../../bin/layerlab.js');
const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));

// Needs root: mounts, a small file system, locks of another process.
describe('builds in rough weather', () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
  });
  afterEach(() => {
    spawnSync('umount', ['-l', join(lab.home, 'small')]);
    lab.remove();
  });

  /** No name stands for an image that is not whole. */
  const everyNameResolves = (dataRoot: string): void => {
    const file = join(dataRoot, 'image/overlay2/repositories.json');
    const { Repositories } = JSON.parse(readFileSync(file, 'utf8')) as {
      Repositories: Record<string, Record<string, string>>;
    };
    for (const names of Object.values(Repositories)) {
      for (const name of Object.keys(names)) lab.ok(['save', '-o', '/dev/null', name], { dataRoot });
    }
  };

  it.each([5, 60, 120, 180, 250, 400, 700])('a kill after %d ms loses and half-writes nothing', async (delay) => {
    lab.ok(['base']);
    for (let n = 0; n < 300; n += 1) lab.write(`files/d${n % 10}/f${n}`, `${n}`.repeat(500));
    lab.write(
      'Dockerfile',
      'FROM layerlab/base\nCOPY files /files\nRUN sleep 0.4; touch /x\nRUN sleep 0.4; touch /y\n',
    );
    const child = spawn(process.execPath, [launcher, '--data-root', lab.dataRoot, 'build', '-t', 'x', lab.context], {
      stdio: 'ignore',
    });
    const ended = new Promise((done) => child.once('close', (_code, signal) => done(signal)));
    await sleep(delay);
    child.kill('SIGKILL');
    expect(await ended).toBe('SIGKILL');
    everyNameResolves(lab.dataRoot);
    lab.build(['-t', 'x']);
    everyNameResolves(lab.dataRoot);
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(lab.home);
    expect(readdirSync(join(lab.dataRoot, 'layerlab/leases'))).toEqual([]);
    expect(readdirSync(join(lab.dataRoot, 'image/overlay2/layerdb/tmp'))).toEqual([]);
  });

  it('an interrupted build ends its command and exits with 130', async () => {
    lab.ok(['base']);
    lab.write('Dockerfile', 'FROM layerlab/base\nRUN touch /started; sleep 61.25\n');
    const child = spawn(process.execPath, [launcher, '--data-root', lab.dataRoot, 'build', '-t', 'x', lab.context]);
    const ended = new Promise((done) => child.once('close', done));
    let seen = '';
    child.stderr.on('data', (data) => {
      seen += data;
    });
    while (!seen.includes('RUN touch')) await sleep(20);
    await sleep(300);
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(spawnSync('pgrep', ['-f', 'sleep 61.25']).status).toBe(1);
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(lab.home);
  });

  it('a full disk is said so, and the data-root stays whole', () => {
    const small = join(lab.home, 'small');
    mkdirSync(small);
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', small]).status).toBe(0);
    const dataRoot = join(small, 'root');
    lab.write('fits', 'x'.repeat(100_000));
    lab.write('Dockerfile', 'FROM scratch\nCOPY fits /fits\n');
    lab.build(['-t', 'fits'], { dataRoot });
    writeFileSync(join(lab.context, 'large'), Buffer.alloc(20_000_000, 7));
    lab.write('Dockerfile', 'FROM scratch\nCOPY fits /fits\nCOPY large /large\n');
    const full = lab.run(['build', '-t', 'large', lab.context], { dataRoot });
    expect(full.status).toBe(8);
    expect(full.stderr).toContain('LL_NO_SPACE');
    expect(full.stderr).toContain('ERROR: writing large to the layer: ENOSPC: no space left on device');
    everyNameResolves(dataRoot);
    expect(lab.ok(['images', '--format', '{{.Repository}}'], { dataRoot })).toBe('fits');
    lab.write('Dockerfile', 'FROM scratch\nCOPY fits /again\n');
    lab.build(['-t', 'again'], { dataRoot });
  });

  it('several builds and removals at once leave a whole data-root', async () => {
    for (const name of ['a', 'b', 'c']) lab.write(name, name.repeat(1000));
    for (const name of ['a', 'b', 'c']) {
      lab.write(
        `Dockerfile.${name}`,
        `FROM scratch\nCOPY a /shared\nCOPY b /shared2\nCOPY ${name} /own\nENV N=${name}\n`,
      );
    }
    const start = (args: readonly string[]) =>
      new Promise<string>((done) => {
        const child = spawn(process.execPath, [launcher, '--data-root', lab.dataRoot, ...args]);
        let said = '';
        child.stderr.on('data', (data) => {
          said += data;
        });
        child.once('close', (code) => done(code === 0 ? 'done' : `exit ${code}: ${said}`));
      });
    for (let round = 0; round < 4; round += 1) {
      const builds = ['a', 'b', 'c'].map((name) =>
        start(['build', '-t', name, '-f', join(lab.context, `Dockerfile.${name}`), lab.context]),
      );
      const removal = start(['rmi', '-f', 'a', 'b', 'c']);
      expect(await Promise.all(builds)).toEqual(['done', 'done', 'done']);
      await removal;
      everyNameResolves(lab.dataRoot);
    }
  });

  it('a data-root that a running dockerd holds is refused', async () => {
    const database = join(lab.dataRoot, 'volumes/metadata.db');
    lab.write('Dockerfile', 'FROM scratch\nENV A=1\n');
    lab.build();
    mkdirSync(join(lab.dataRoot, 'volumes'), { recursive: true });
    writeFileSync(database, '');
    const holder = spawn('flock', ['-x', database, 'sh', '-c', 'echo held; sleep 30'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await new Promise((done) => holder.stdout.once('data', done));
    const refused = lab.run(['build', lab.context]);
    expect(refused.status).toBe(7);
    expect(refused.stderr).toContain('LL_DATA_ROOT_IN_USE');
    expect(lab.run(['images']).status).toBe(0);
    spawnSync('pkill', ['-P', String(holder.pid)]);
    holder.kill('SIGKILL');
    holder.stdout.destroy();
    expect(existsSync(database)).toBe(true);
  });
});
