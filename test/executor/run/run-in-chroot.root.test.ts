import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import koffi from 'koffi';
import { leashPrefix } from '../../../src/executor/run/host-tools.ts';
import { prepareRoot } from '../../../src/executor/run/prepare-root.ts';
import { runInChroot } from '../../../src/executor/run/run-in-chroot.ts';
import { mountOverlay, unmountBelow } from '../../../src/host/overlay-mount.ts';
import { freshFolder, makeRootfs, runSpec } from './rootfs.ts';

let folder = '';
beforeEach(() => {
  folder = freshFolder();
  makeRootfs(join(folder, 'base'));
});
afterEach(() => {
  unmountBelow(folder);
  rmSync(folder, { recursive: true, force: true });
});

const LEASHES = [
  ['in a pid namespace', leashPrefix],
  ['where there is no pid namespace', async () => []],
] as const;

async function runHere(command: string, leash: () => Promise<readonly string[]>): Promise<string> {
  const { spec, output } = runSpec(folder, command);
  const { upper, work, merged, lowers } = spec;
  const scratch = join(folder, 'scratch');
  for (const path of [merged, scratch]) mkdirSync(path, { recursive: true });
  mountOverlay({ lowers, upper, work, merged });
  try {
    expect(await runInChroot(spec, merged, prepareRoot(merged, spec, scratch), scratch, true, leash)).toBe(0);
  } finally {
    unmountBelow(folder);
  }
  return output();
}

/** The command lines of all processes of this host. */
function running(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim()];
      } catch {
        return [];
      }
    });
}

describe.each(LEASHES)('runInChroot %s', (_, leash) => {
  it('ends what the command left, also what hid in sessions and roots of its own', async () => {
    const nap = `sleep ${6000 + (process.pid % 1000)}`;
    await runHere(`${nap} & busybox setsid ${nap} & busybox chroot / ${nap} & echo`, leash);
    expect(running().filter((line) => line.includes(nap))).toEqual([]);
  });

  it('CVE-2024-21626: leaves the command no descriptor but the standard three', async () => {
    // One that is inherited, as from a shell; Node's own are not.
    const fd = openSync('/', 'r');
    koffi.load(null).func('fcntl', 'int', ['int', 'int', 'int'])(fd, 2, 0);
    try {
      expect(await runHere('ls /proc/self/fd', leash)).toMatch(/^0\n1\n2\n3\n$/);
    } finally {
      closeSync(fd);
    }
  });

  it("ends nobody else's processes: numbers of namespaces are used again", async () => {
    const others = Array.from({ length: 4 }, () => {
      const child = spawn('sh', ['-c', 'while :; do unshare -m sleep 0.01 || echo killed; done'], {
        stdio: ['ignore', 'pipe', 'ignore'],
        detached: true,
      });
      const said: Buffer[] = [];
      child.stdout.on('data', (data: Buffer) => said.push(data));
      return { child, said };
    });
    try {
      for (let round = 0; round < 8; round++) await runHere('true', leash);
      expect(others.map(({ said }) => Buffer.concat(said).toString())).toEqual(['', '', '', '']);
    } finally {
      for (const { child } of others) if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }
  });
});
