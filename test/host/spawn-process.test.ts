import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { endOfProcess, spawnProcess } from '../../src/host/spawn-process.ts';

const O_CLOEXEC = 0o2000000;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerlab-spawn-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What a shell's script writes to its standard output, once it has said that it is done. */
async function said(script: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const [out, end] = [join(folder, 'out'), join(folder, 'end')];
  const [outFd, endFd] = [openSync(out, 'w'), openSync(end, 'w')];
  const files = [null, outFd, null, endFd];
  const pid = spawnProcess({ command: '/bin/sh', args: ['-c', `${script}\necho done >&3`], env, files });
  closeSync(outFd);
  closeSync(endFd);
  while (readFileSync(end, 'utf8') === '') await new Promise((resolve) => setTimeout(resolve, 5));
  endOfProcess(pid);
  return readFileSync(out, 'utf8').trim();
}

describe('spawnProcess', () => {
  it('gives a program its words, its variables and nothing else of ours', async () => {
    process.env.LAYERLAB_SPAWN_TEST = 'ours';
    expect(await said(`printf '%s\\n' "$A" "$LAYERLAB_SPAWN_TEST-" "h\u00e9"`, { A: 'b c=d' })).toBe('b c=d\n-\nhé');
    delete process.env.LAYERLAB_SPAWN_TEST;
  });

  it('opens what it is told to, and no other file', async () => {
    const inherited = readdirSync('/proc/self/fdinfo').filter((fd) => {
      try {
        const flags = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '';
        return Number(fd) > 3 && (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
      } catch {
        return false;
      }
    });
    const listed = await said('cd /proc/self/fd && for f in *; do [ -e "$f" ] && echo "$f"; done');
    expect(listed.split('\n').sort()).toEqual(['0', '1', '2', '3', ...inherited].sort());
    expect(await said('read -r a && echo read || readlink /proc/self/fd/0')).toBe('/dev/null');
  });

  it('leaves its signals as a shell has them, in a session of its own', async () => {
    // Node itself ignores SIGPIPE, and a program would inherit that.
    const status = await said(
      'while read -r a b; do case $a in SigIgn:|SigBlk:) echo $a $b;; esac; done </proc/self/status',
    );
    expect(status.split('\n')).toEqual(['SigBlk: 0000000000000000', 'SigIgn: 0000000000000000']);
    const [pid, session] = (await said('read -r a b c d e f g </proc/self/stat; echo $$ $f')).split(' ');
    expect(session).toBe(pid);
  });

  it('throws what the host says where there is no such program', () => {
    const start = (): unknown => spawnProcess({ command: join(folder, 'none'), args: [], env: {}, files: [null] });
    expect(start).toThrow(/ENOENT/);
  });

  it('leaves no process behind', async () => {
    const pid = spawnProcess({ command: '/bin/sleep', args: ['1000'], env: {}, files: [null, null, null] });
    expect(spawnSync('ps', ['-o', 'pid=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim()).toBe(String(pid));
    endOfProcess(pid);
    expect(spawnSync('ps', ['-o', 'pid=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim()).toBe('');
  });
});
