import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { controlGroups } from '../../../src/executor/run/host-tools.ts';
import { type Keeper, type KeeperSlot, keeperSlot } from '../../../src/executor/run/keeper.ts';
import { runCommand } from '../../../src/executor/run/run-command.ts';
import { mountPointsBelow, unmountBelow } from '../../../src/host/overlay-mount.ts';
import { freshFolder, listing, makeRootfs, type Run, runSpec } from './rootfs.ts';

let folder = '';
let slot: KeeperSlot;
beforeEach(() => {
  folder = freshFolder();
  slot = keeperSlot(folder, 'auto');
  makeRootfs(join(folder, 'base'), (root) => {
    for (const name of ['dev', 'proc', 'sys']) mkdirSync(join(root, name));
  });
});
afterEach(async () => {
  await slot.close();
  unmountBelow(folder);
  rmSync(folder, { recursive: true, force: true });
});

async function openKeeper(): Promise<Keeper> {
  const keeper = await slot.open();
  if (keeper === undefined) throw new Error('there is no keeper');
  return keeper;
}

/** A RUN of its own folders, on the same base. */
function kept(keeper: Keeper, name: string, command: string, signal?: AbortSignal): Run {
  const own = join(folder, name);
  mkdirSync(own);
  return runSpec(own, command, {
    lowers: [join(folder, 'base')],
    merged: `${keeper.folder}/${name}`,
    keeper,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** The process ids of a waiting runtime and what started it, by the id of its container. */
function pidsOf(id: string): readonly number[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' });
  const lines = stdout.split('\n').filter((line) => line.includes(' run --bundle ') && line.endsWith(id));
  return lines.map((line) => Number.parseInt(line, 10));
}

/** Until a runtime waits for its config. */
async function waitForSpare(keeper: Keeper): Promise<string> {
  for (;;) {
    const id = readdirSync(keeper.folder).find((name) => existsSync(join(keeper.folder, name, 'gate')));
    if (id !== undefined && pidsOf(id).length > 0) return id;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** All of our control groups, of all versions. */
function listGroups(): readonly string[] {
  const folder = '/sys/fs/cgroup';
  return [folder, ...readdirSync(folder).map((name) => join(folder, name))]
    .map((hierarchy) => join(hierarchy, 'layerlab'))
    .filter((parent) => existsSync(parent))
    .flatMap((parent) => readdirSync(parent).map((name) => join(parent, name)));
}

/** The shell of the keeper that is open: as `unshare` started it. */
function shells(): readonly number[] {
  return readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')
    .split(' ')
    .filter((pid) => pid !== '' && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('unshare'))
    .map(Number);
}

describe('a keeper', () => {
  it('is gone for each of two who close it, with what is mounted for it', async () => {
    await openKeeper();
    expect(mountPointsBelow(folder)).not.toEqual([]);
    // As where an image cannot be recorded while the shell is cleared away: the build closes it once more and removes its folder.
    const first = slot.close();
    await new Promise((resolve) => setImmediate(resolve));
    await slot.close();
    expect(mountPointsBelow(folder)).toEqual([]);
    await first;
  });

  it('runs one command after the other, each with its own files and output', async () => {
    const keeper = await openKeeper();
    for (const name of ['one', 'two', 'three']) {
      const { spec, output, errors } = kept(keeper, name, `echo ${name} | tee /made; echo ${name} >&2; exit 7`);
      expect(await runCommand(spec)).toMatchObject({ exitCode: 7 });
      expect([output(), errors()]).toEqual([`${name}\n`, `${name}\n`]);
      expect(readFileSync(join(spec.upper, 'made'), 'utf8')).toBe(`${name}\n`);
    }
    expect(readdirSync(keeper.folder)).toEqual([]);
  });

  it('runs several at the same time', async () => {
    const keeper = await openKeeper();
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const runs = names.map((name) => kept(keeper, name, `echo ${name}; sleep 0.3; echo ${name} > /${name}; exit 3`));
    const started = Date.now();
    const results = await Promise.all(runs.map(({ spec }) => runCommand(spec)));
    expect(results.map(({ exitCode }) => exitCode)).toEqual([3, 3, 3, 3, 3, 3]);
    expect(runs.map(({ output }) => output())).toEqual(names.map((name) => `${name}\n`));
    for (const [i, { spec }] of runs.entries()) expect(existsSync(join(spec.upper, names[i] ?? ''))).toBe(true);
    // One after the other they would sleep for 1.8 seconds and take their own time in addition.
    expect(Date.now() - started).toBeLessThan(30_000);
  });

  it('loses no byte of a long output', async () => {
    const keeper = await openKeeper();
    const { spec, output } = kept(keeper, 'long', 'head -c 3000000 /dev/zero');
    expect(await runCommand(spec)).toMatchObject({ exitCode: 0 });
    expect(output()).toHaveLength(3_000_000);
  });

  it('loses no byte of what several say at the same time, for longer than their pipes are looked at', async () => {
    const keeper = await openKeeper();
    const say = 'for i in 1 2 3 4 5 6; do head -c 300000 /dev/zero | tr "\\0" $0; sleep 0.1; done; echo end';
    const runs = ['a', 'b', 'c', 'd'].map((name) => kept(keeper, name, `sh -c '${say}' ${name}`));
    const results = await Promise.all(runs.map(({ spec }) => runCommand(spec)));
    expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
    for (const [i, { output }] of runs.entries()) expect(output()).toBe(`${'abcd'.charAt(i).repeat(1_800_000)}end\n`);
  });

  it('gives a command neither its own descriptors nor its mounts', async () => {
    const keeper = await openKeeper();
    const { spec, output } = kept(keeper, 'look', 'ls /proc/self/fd; cat /proc/self/mountinfo; ls -l /proc/self/fd/1');
    await runCommand(spec);
    expect(output().split('\n').slice(0, 4)).toEqual(['0', '1', '2', '3']);
    expect(output()).not.toContain('keeper');
    expect(output()).toMatch(/\/proc\/self\/fd\/1 -> pipe:/);
  });

  it('ends all that it started when one of them is aborted, and starts no more', async () => {
    const keeper = await openKeeper();
    const abort = new AbortController();
    const runs = ['x', 'y'].map((name) => kept(keeper, name, 'echo up; sleep 4347', abort.signal));
    const ends = runs.map(({ spec }) => runCommand(spec));
    const up = async (): Promise<void> => {
      while (!runs.every(({ output }) => output() !== '')) await new Promise((resolve) => setTimeout(resolve, 10));
      abort.abort();
    };
    await Promise.all([up(), ...ends.map((end) => expect(end).rejects.toMatchObject({ code: 'LL_INTERRUPTED' }))]);
    expect(spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).stdout).not.toMatch(/sleep 4347$/m);
    expect(mountPointsBelow(folder)).toEqual([keeper.folder]);
    await slot.close();
    expect(mountPointsBelow(folder)).toEqual([]);
    expect(existsSync(join(folder, 'keeper'))).toBe(false);
  });

  it('holds what a command wrote exactly as without one', async () => {
    const keeper = await openKeeper();
    const command = 'echo x > /new; rm -r /home; mkdir /home; chmod 711 /usr';
    const { spec } = kept(keeper, 'same', command);
    await runCommand(spec);
    const own = join(folder, 'plain');
    mkdirSync(own);
    const plain = runSpec(own, command, { lowers: [join(folder, 'base')] }).spec;
    await runCommand(plain);
    expect(listing(spec.upper)).toEqual(listing(plain.upper));
  });

  it('is not missed once somebody has killed it', async () => {
    const keeper = await openKeeper();
    const { spec, output } = kept(keeper, 'first', 'echo first');
    await runCommand(spec);
    expect(shells()).toHaveLength(1);
    for (const pid of shells()) process.kill(pid, 'SIGKILL');
    while (!keeper.isOver()) await new Promise((resolve) => setTimeout(resolve, 5));
    const second = kept(keeper, 'second', 'echo second');
    expect(await runCommand(second.spec)).toMatchObject({ exitCode: 0, ranWith: keeper.runtime.name });
    expect([output(), second.output()]).toEqual(['first\n', 'second\n']);
  });

  it.each(['crun', 'runc'] as const)(
    'starts %s before it is known what for, where more is to come',
    async (runtime) => {
      slot = keeperSlot(folder, runtime);
      slot.expect(3);
      const keeper = await openKeeper();
      const seen: string[] = [];
      for (const name of ['one', 'two', 'three']) {
        if (name !== 'one') seen.push(await waitForSpare(keeper));
        const { spec, output } = kept(keeper, name, 'echo $LONG | wc -c; id -u; echo x > /made');
        // More than a pipe holds at once.
        const long = { ...spec, runtime, env: [...spec.env, `LONG=${'x'.repeat(100_000)}`] };
        expect(await runCommand(long)).toMatchObject({ exitCode: 0, ranWith: runtime });
        expect(output()).toBe('100001\n0\n');
        expect(listing(spec.upper).join()).toContain('made');
      }
      expect(new Set(seen).size).toBe(2);
      expect(readdirSync(keeper.folder)).toEqual([]);
    },
  );

  it('takes a runtime that nobody needed any more along with it', async () => {
    slot = keeperSlot(folder, 'crun');
    slot.expect(2);
    const keeper = await openKeeper();
    const { spec } = kept(keeper, 'first', 'true');
    await runCommand(spec);
    const id = await waitForSpare(keeper);
    // Nothing that a container does to the program that made it can reach the host's own.
    for (const pid of pidsOf(id)) expect(readlinkSync(`/proc/${pid}/exe`)).toMatch(/^\/memfd:layerlab/);
    await slot.close();
    expect(pidsOf(id)).toEqual([]);
    expect(mountPointsBelow(folder)).toEqual([]);
    expect(existsSync(join(folder, 'keeper'))).toBe(false);
  });

  it('holds devices back, also where one control group is around all containers, but not from what is insecure', async () => {
    slot = keeperSlot(folder, 'crun');
    slot.expect(3);
    const keeper = await openKeeper();
    const { layout, writable } = controlGroups();
    const firstVersion = writable && ['hybrid', 'legacy'].includes(layout);
    expect(keeper.grouped).toBe(firstVersion);
    // The kernel's log: it may be made, and not opened.
    const command = 'mknod /log c 1 11 && (: < /log) 2>&1; cat /proc/self/cgroup';
    const { spec, output } = kept(keeper, 'held', command);
    expect(await runCommand({ ...spec, runtime: 'crun' })).toMatchObject({ exitCode: 0, ranWith: 'crun' });
    expect(output()).toMatch(/^[^\n]*Operation not permitted\n/);
    expect(output()).toMatch(/^\d+:.*:\/layerlab\/layerlab-[0-9a-f]{16}$/m);
    const free = kept(keeper, 'free', 'mknod /log c 1 11 && : < /log && echo opened');
    await runCommand({ ...free.spec, runtime: 'crun', insecure: true });
    expect(free.output()).toBe('opened\n');
    const group = /:devices:(\/layerlab\/layerlab-[0-9a-f]{16})$/m.exec(output())?.[1];
    expect(group !== undefined && existsSync(`/sys/fs/cgroup/devices${group}`)).toBe(firstVersion);
    await slot.close();
    expect(existsSync(`/sys/fs/cgroup/devices${group ?? '/none'}`)).toBe(false);
  });

  it('takes the control groups of runc away after each command, however it ended', async () => {
    slot = keeperSlot(folder, 'runc');
    slot.expect(20);
    const keeper = await openKeeper();
    const ids: string[] = [];
    for (const [index, end] of ['true', 'exit 3', 'kill -9 $$', 'exec /none', 'sleep 0.2 & true', 'true'].entries()) {
      if (index > 0) ids.push(await waitForSpare(keeper));
      const { spec, output } = kept(keeper, `run-${index}`, `cat /proc/self/cgroup; ${end}`);
      await runCommand({ ...spec, runtime: 'runc' });
      expect(output()).toMatch(/\/layerlab\/layerlab-[0-9a-f]{16}$/m);
      expect(listGroups().filter((path) => ids.some((id) => path.endsWith(id)))).toEqual([]);
    }
    const { stdout } = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
    expect(stdout.split('\n').find((line) => line.includes(` run --bundle ${keeper.folder}/`))).toMatch(
      / --keep layerlab-/,
    );
    await slot.close();
    expect(new Set(ids).size).toBe(5);
  });

  it('does without a waiting runtime that somebody has killed', async () => {
    slot.expect(3);
    const keeper = await openKeeper();
    await runCommand(kept(keeper, 'first', 'true').spec);
    const id = await waitForSpare(keeper);
    for (const pid of pidsOf(id)) process.kill(pid, 'SIGKILL');
    while (pidsOf(id).length > 0);
    const { spec, output } = kept(keeper, 'second', 'echo second');
    expect(await runCommand(spec)).toMatchObject({ exitCode: 0 });
    expect(output()).toBe('second\n');
  });

  it('is none where nothing but chroot is wanted', async () => {
    expect(await keeperSlot(folder, 'chroot').open()).toBeUndefined();
  });
});
