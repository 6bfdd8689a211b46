import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createInitLayer } from '../../../src/executor/run/init-layer.ts';
import { keeperSlot } from '../../../src/executor/run/keeper.ts';
import { runCommand } from '../../../src/executor/run/run-command.ts';
import { runOnCopy } from '../../../src/executor/run/run-on-copy.ts';
import type { RunResult, RunSpec } from '../../../src/executor/run/run-spec.ts';
import { mountPointsBelow, unmountBelow } from '../../../src/host/overlay-mount.ts';
import { DiskLayer } from '../../../src/snapshot/disk-layer.ts';
import { MergedView } from '../../../src/snapshot/merged-view.ts';
import { freshFolder, listing, makeRootfs, runSpec } from './rootfs.ts';

let folder = '';
beforeEach(() => {
  folder = freshFolder();
});
afterEach(() => {
  unmountBelow(folder);
  rmSync(folder, { recursive: true, force: true });
});

const WAYS = ['crun', 'runc', 'kept crun', 'kept runc', 'chroot', 'copy'] as const;
type Way = (typeof WAYS)[number];

async function run(way: Way, spec: RunSpec): Promise<RunResult> {
  if (way === 'kept crun' || way === 'kept runc') return await runKept(way === 'kept crun' ? 'crun' : 'runc', spec);
  if (way !== 'copy') return await runCommand({ ...spec, runtime: way });
  const scratch = join(folder, 'copy');
  mkdirSync(scratch);
  return runOnCopy(spec, scratch).finally(() => rmSync(scratch, { recursive: true }));
}

/** By a shell that starts containers, for this one. */
async function runKept(runtime: 'crun' | 'runc', spec: RunSpec): Promise<RunResult> {
  const slot = keeperSlot(folder, runtime);
  try {
    const keeper = await slot.open();
    expect(keeper?.runtime.name).toBe(runtime);
    if (keeper === undefined) throw new Error('there is no keeper');
    return await runCommand({ ...spec, runtime, keeper, merged: `${keeper.folder}/merged` });
  } finally {
    await slot.close();
    expect(existsSync(join(folder, 'keeper'))).toBe(false);
  }
}

/** Nothing is mounted, nothing left to clean. */
function expectClean(): void {
  expect(mountPointsBelow(folder)).toEqual([]);
  expect(existsSync(join(folder, 'merged'))).toBe(false);
  const scratch = join(folder, 'scratch');
  expect(existsSync(scratch) ? readdirSync(scratch) : []).toEqual([]);
}

/** What BuildKit leaves of its mount points on an image without them, as dockerd 28.5 does. */
const STUBS = { dev: 'dev 40755 new', etc: 'etc 40755 new', proc: 'proc 40755 new', sys: 'sys 40755 new' };

/** Each with what dockerd 28.5 had in the upper folder for the same command on the same image. */
const CHANGES: readonly (readonly [command: string, upper: readonly string[]])[] = [
  ['true', [STUBS.dev, STUBS.etc, STUBS.proc, STUBS.sys]],
  [
    'echo x > /new; mkdir -p /n1/n2; ln -s a /n1/l; mkfifo /n1/p; mknod /n1/c c 1 3',
    [
      STUBS.dev,
      STUBS.etc,
      'n1 40755 new',
      'n1/c 20644 new',
      'n1/l 120777 new -> a',
      'n1/n2 40755 new',
      'n1/p 10644 new',
      'new 100644 new "x\\n"',
      STUBS.proc,
      STUBS.sys,
    ],
  ],
  [
    'rm -r /home; mkdir /home; touch /home/x; mkdir /home/u',
    [STUBS.dev, STUBS.etc, 'home 40755 new opaque', 'home/u 40755 new', 'home/x 100644 new ""', STUBS.proc, STUBS.sys],
  ],
  ['chmod 711 /home', [STUBS.dev, STUBS.etc, 'home 40711 old', STUBS.proc, STUBS.sys]],
  [
    'touch /etc/group; touch /newfile; rm /newfile',
    [STUBS.dev, STUBS.etc, 'etc/group 100644 new "root:x:0:\\n"', STUBS.proc, STUBS.sys],
  ],
  [
    'ln /etc/passwd /etc/p2; mv /etc/group /etc/g2; rm -r /var/log',
    [
      STUBS.dev,
      STUBS.etc,
      'etc/g2 100644 old "root:x:0:\\n"',
      'etc/group whiteout new',
      'etc/p2 100644 old "root:x:0:0:root:/root:/bin/sh\\n"',
      'etc/passwd 100644 old "root:x:0:0:root:/root:/bin/sh\\n"',
      STUBS.proc,
      STUBS.sys,
      'var 40755 new',
      'var/log whiteout new',
    ],
  ],
  [
    'chown 5:6 /home/u/deep/b',
    [
      STUBS.dev,
      STUBS.etc,
      'home 40755 old',
      'home/u 40755 old',
      'home/u/deep 40755 old',
      'home/u/deep/b 100644 5:6 old "b\\n"',
      STUBS.proc,
      STUBS.sys,
    ],
  ],
  ['rm -r /home && echo f > /home', [STUBS.dev, STUBS.etc, 'home 100644 new "f\\n"', STUBS.proc, STUBS.sys]],
  [
    'touch /dev/foo; mkdir /dev/shm/x; sleep 300 & echo a > /etc/zz',
    [STUBS.dev, STUBS.etc, 'etc/zz 100644 new "a\\n"', STUBS.proc, STUBS.sys],
  ],
];

describe.each(WAYS)('a RUN by %s', (way) => {
  it.each(CHANGES)('leaves what dockerd leaves: %s', async (command, upper) => {
    makeRootfs(join(folder, 'base'));
    const { spec } = runSpec(folder, command);
    const result = await run(way, spec);
    expect(result.exitCode).toBe(0);
    expect(listing(spec.upper, result.opaques)).toEqual(upper);
    expectClean();
  });

  it('leaves nothing where everything to mount on is there', async () => {
    makeRootfs(join(folder, 'base'), (root) => {
      for (const name of ['dev', 'proc/x', 'sys']) mkdirSync(join(root, name), { recursive: true });
      for (const name of ['hosts', 'resolv.conf']) writeFileSync(join(root, 'etc', name), 'x\n');
    });
    const { spec } = runSpec(folder, 'true');
    const result = await run(way, spec);
    expect(listing(spec.upper, result.opaques)).toEqual([]);
  });

  it('takes its stubs away behind links', async () => {
    makeRootfs(join(folder, 'base'), (root) => {
      for (const name of ['dev', 'proc', 'sys']) mkdirSync(join(root, name));
      symlinkSync('../run/systemd/stub.conf', join(root, 'etc/resolv.conf'));
      symlinkSync('/nowhere/deep/hosts', join(root, 'etc/hosts'));
    });
    const { spec } = runSpec(folder, 'true');
    const result = await run(way, spec);
    expect(result.exitCode).toBe(0);
    expect(listing(spec.upper, result.opaques)).toEqual([]);
  });

  it('takes an /etc away that was not there', async () => {
    makeRootfs(join(folder, 'base'), (root) => {
      for (const name of ['dev', 'proc', 'sys']) mkdirSync(join(root, name));
      rmSync(join(root, 'etc'), { recursive: true });
    });
    const { spec } = runSpec(folder, 'true');
    const result = await run(way, spec);
    expect(listing(spec.upper, result.opaques)).toEqual([]);
  });

  it('takes only the files away where it is to be as Docker 20.10', async () => {
    makeRootfs(join(folder, 'base'), (root) => {
      for (const name of ['dev', 'proc', 'sys']) mkdirSync(join(root, name));
      symlinkSync('../run/systemd/stub.conf', join(root, 'etc/resolv.conf'));
      symlinkSync('/nowhere/deep/hosts', join(root, 'etc/hosts'));
    });
    const { spec } = runSpec(folder, 'true', { stubCleaning: 'files' });
    const result = await run(way, spec);
    expect(listing(spec.upper, result.opaques)).toEqual([
      'nowhere 40755 new',
      'nowhere/deep 40755 new',
      'run 40755 new',
      'run/systemd 40755 new',
    ]);
  });

  it('copies the real /etc up where /etc is a link', async () => {
    makeRootfs(join(folder, 'base'), (root) => {
      for (const name of ['dev', 'proc', 'sys']) mkdirSync(join(root, name));
      renameSync(join(root, 'etc'), join(root, 'usr/etc'));
      symlinkSync('usr/etc', join(root, 'etc'));
    });
    const { spec } = runSpec(folder, 'true');
    const result = await run(way, spec);
    expect(listing(spec.upper, result.opaques)).toEqual(['usr 40755 old', 'usr/etc 40755 new']);
  });

  it('gives the command what a builder gives it', async () => {
    makeRootfs(join(folder, 'base'));
    const { spec, output, errors } = runSpec(
      folder,
      'pwd; id -u; id -g; echo $HOME; umask; cat /etc/hosts; echo bad > /dev/null; cat; echo err >&2; exit 42',
      { workingDir: '/w/x', user: '12:13' },
    );
    const result = await run(way, spec);
    expect(result.exitCode).toBe(42);
    expect(output()).toBe(
      '/w/x\n12\n13\n/\n0022\n127.0.0.1\tlocalhost buildkitsandbox\n::1\tlocalhost ip6-localhost ip6-loopback\n',
    );
    expect(errors()).toBe('err\n');
    expect(listing(spec.upper, result.opaques)).toContain('w/x 40755 12:13 new');
  });

  it('shows classic its volumes and throws their changes away', async () => {
    const base = makeRootfs(join(folder, 'base'));
    const init = join(folder, 'init');
    mkdirSync(init);
    createInitLayer(init, new MergedView([new DiskLayer(base)]));
    const { spec, output } = runSpec(
      folder,
      'cat /home/u/a /etc/hostname; rm /home/u/a; echo > /home/u/c; echo > /vol/f; echo > /z',
      {
        builder: 'classic',
        hostname: '0123456789ab',
        lowers: [init, base],
        volumes: ['/home/u', '/vol'],
      },
    );
    const result = await run(way, spec);
    expect(output()).toBe('a\n0123456789ab\n');
    expect(listing(spec.upper, result.opaques)).toEqual(['vol 40755 new', 'z 100644 new "\\n"']);
  });

  it.each([
    ['nosuch', 'exec: "nosuch": executable file not found in $PATH', 127],
    ['/no/x', 'exec: "/no/x": stat /no/x: no such file or directory', 127],
    ['/etc/passwd', 'exec: "/etc/passwd": permission denied', 126],
    ['/etc', 'exec: "/etc": is a directory', 126],
  ])('says as runc that %s cannot be started', async (program, why, exitCode) => {
    const base = makeRootfs(join(folder, 'base'));
    const text = `unable to start container process: error during container init: ${why}`;
    const { spec, errors } = runSpec(folder, '', { args: [program] });
    expect(await run(way, spec)).toMatchObject({ exitCode: 1 });
    expect(errors()).toBe(`runc run failed: ${text}\n`);
    const other = join(folder, 'classic');
    const classic = runSpec(other, '', { args: [program], builder: 'classic', lowers: [base] });
    const result = await run(way, classic.spec);
    expect(result.exitCode).toBe(exitCode);
    expect(result.startError).toContain(`OCI runtime create failed: runc create failed: ${text}`);
    expect(classic.errors()).toBe('');
    expectClean();
  });

  it.each([
    ['hello\n', 'exec /x: exec format error'],
    ['#!/no/interpreter\n', 'exec /x: no such file or directory'],
  ])('says as runc that %j cannot be executed', async (content, why) => {
    makeRootfs(join(folder, 'base'), (root) => writeFileSync(join(root, 'x'), content, { mode: 0o755 }));
    const { spec, errors } = runSpec(folder, '', { args: ['/x'] });
    expect(await run(way, spec)).toMatchObject({ exitCode: 255 });
    expect(errors()).toBe(`${why}\n`);
  });

  it('says that a user is not there', async () => {
    makeRootfs(join(folder, 'base'));
    const { spec } = runSpec(folder, 'true', { user: 'nosuch' });
    expect(await run(way, spec)).toMatchObject({
      startError: 'unable to find user nosuch: no matching entries in passwd file',
    });
    expectClean();
  });

  it('has an exit code for a signal', async () => {
    makeRootfs(join(folder, 'base'));
    const { spec } = runSpec(folder, 'sh -c "kill -9 \\$\\$"; exit $?');
    expect(await run(way, spec)).toMatchObject({ exitCode: 137 });
  });

  it('opens /dev/stdout for a user who is not root', async () => {
    makeRootfs(join(folder, 'base'));
    const { spec, output } = runSpec(folder, 'echo a > /proc/self/fd/1', { user: '1000:1000' });
    await run(way, spec);
    // Without mounts there is no /proc.
    expect(output()).toBe(way === 'copy' ? '' : 'a\n');
  });
});

describe('an isolated RUN', () => {
  const HOSTILE = [
    'hostname; ps | head -n 3',
    'mknod /tmp-disk b 254 0; head -c 1 /tmp-disk',
    'unshare -U id',
    'echo x > /etc/hosts',
    'echo x > /proc/sys/kernel/domainname',
    'mount -t tmpfs none /home',
  ].join('\n');

  it.each(['crun', 'runc', 'kept crun', 'kept runc'] as const)('by %s keeps the command in', async (way) => {
    makeRootfs(join(folder, 'base'));
    const { spec, output, errors } = runSpec(folder, HOSTILE);
    const result = await run(way, spec);
    expect(result).toMatchObject({ ranWith: way.replace('kept ', '') });
    expect(output()).toMatch(/^buildkitsandbox\nPID .*\n +1 root .*\n/);
    const text = errors();
    expect(text).toMatch(/head: \/tmp-disk: Operation not permitted/);
    expect(text).toMatch(/unshare.*: Operation not permitted/);
    expect(text).toMatch(/can't create \/etc\/hosts: Read-only file system/);
    expect(text).toMatch(/mount: permission denied/);
    expect(text).toMatch(/can't create \/proc\/sys\/kernel\/domainname: Read-only file system/);
  });

  it.each(['crun', 'runc', 'kept crun', 'kept runc', 'chroot'] as const)(
    'by %s ends at once when it is aborted',
    async (way) => {
      makeRootfs(join(folder, 'base'));
      const abort = new AbortController();
      const { spec } = runSpec(folder, 'sleep 4242 & echo started; sleep 4242', {
        signal: abort.signal,
        onOutput: () => abort.abort(),
      });
      await expect(run(way, spec)).rejects.toMatchObject({ code: 'LL_INTERRUPTED' });
      expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toMatch(/^sleep 4242$/m);
      expectClean();
    },
  );

  it('keeps a stub cleaner inside the root, whatever the command left there', async () => {
    const outside = join(folder, 'victim');
    writeFileSync(outside, '');
    makeRootfs(join(folder, 'base'));
    const { spec } = runSpec(
      folder,
      `rm -rf /var; ln -s ${'../'.repeat(12)}${folder.slice(1)} /var; ln -s ${outside} /etc/hosts2`,
    );
    await runCommand(spec);
    expect(readFileSync(outside, 'utf8')).toBe('');
  });

  it('puts nothing back where a command without mounts laid a trap', async () => {
    const victim = join(folder, 'victim');
    mkdirSync(join(victim, 'dev'), { recursive: true });
    writeFileSync(join(victim, 'hosts'), 'mine\n');
    writeFileSync(join(victim, 'dev/null'), 'mine\n');
    makeRootfs(join(folder, 'base'), (root) => {
      writeFileSync(join(root, 'etc/hosts'), 'image\n');
      mkdirSync(join(root, 'usr/dev'));
      symlinkSync('usr/dev', join(root, 'dev'));
    });
    const { spec } = runSpec(folder, `mv /etc /etc2; ln -s ${victim} /etc; mv /usr /usr2; ln -s ${victim} /usr`);
    expect(await run('copy', spec)).toMatchObject({ exitCode: 0 });
    expect(readFileSync(join(victim, 'hosts'), 'utf8')).toBe('mine\n');
    expect(readFileSync(join(victim, 'dev/null'), 'utf8')).toBe('mine\n');
  });

  it('does nothing where it was aborted before', async () => {
    makeRootfs(join(folder, 'base'));
    const { spec } = runSpec(folder, 'true', { signal: AbortSignal.abort() });
    await expect(runCommand(spec)).rejects.toMatchObject({ code: 'LL_INTERRUPTED' });
    expectClean();
  });
});
