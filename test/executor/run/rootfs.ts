import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunSpec } from '../../../src/executor/run/run-spec.ts';
import { setTimes } from '../../../src/host/syscalls.ts';
import { lgetxattr, llistxattr } from '../../../src/host/xattrs.ts';

/** 2020-01-02T03:04:05.123456789Z, in nanoseconds. */
export const OLD = 1_577_934_245_123_456_789n;

const APPLETS = [
  'cat',
  'chmod',
  'chown',
  'cp',
  'echo',
  'env',
  'head',
  'hostname',
  'id',
  'ln',
  'ls',
  'mkdir',
  'mkfifo',
  'mknod',
  'mv',
  'ps',
  'pwd',
  'rm',
  'rmdir',
  'sh',
  'sleep',
  'touch',
  'true',
  'unshare',
];

/** A folder of its own for a test. */
export function freshFolder(): string {
  return mkdtempSync(join(tmpdir(), 'layerlab-run-'));
}

function age(path: string): void {
  if (lstatSync(path).isDirectory()) for (const name of readdirSync(path)) age(join(path, name));
  setTimes(path, OLD, OLD);
}

/** A root file system like the one that the daemon was asked with: a static busybox, users, some folders, all of it old. */
export function makeRootfs(root: string, extend: (root: string) => void = () => {}): string {
  for (const name of ['bin', 'etc', 'home/u/deep', 'root', 'usr/bin', 'var/log'])
    mkdirSync(join(root, name), { recursive: true });
  const busybox = execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim();
  copyFileSync(busybox, join(root, 'bin/busybox'));
  for (const name of APPLETS) symlinkSync('busybox', join(root, 'bin', name));
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\n');
  writeFileSync(join(root, 'home/u/a'), 'a\n');
  writeFileSync(join(root, 'home/u/deep/b'), 'b\n');
  extend(root);
  age(root);
  return root;
}

export interface Run {
  readonly spec: RunSpec;
  readonly output: () => string;
  readonly errors: () => string;
}

/** A RUN on fresh folders below `folder`. */
export function runSpec(folder: string, command: string, changes: Partial<RunSpec> = {}): Run {
  const at = (name: string): string => join(folder, name);
  for (const name of ['upper', 'work']) mkdirSync(at(name), { recursive: true });
  const texts = { 1: '', 2: '' };
  const spec: RunSpec = {
    builder: 'buildkit',
    lowers: [at('base')],
    upper: at('upper'),
    work: at('work'),
    merged: at('merged'),
    scratchDir: at('scratch'),
    args: ['/bin/sh', '-c', command],
    env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    user: '',
    workingDir: '/',
    hostname: 'buildkitsandbox',
    network: 'none',
    volumes: [],
    runtime: 'auto',
    onOutput: (stream, data) => {
      texts[stream] += data.toString();
    },
    ...changes,
  };
  return { spec, output: () => texts[1], errors: () => texts[2] };
}

/**
 * What an upper folder holds, a line for each file: path, type and mode, owner, whether its time is old or new, and where
 * there is one its content, target or opaque marker.
 */
export function listing(upper: string, opaques: ReadonlySet<string> = new Set(), path = ''): string[] {
  return readdirSync(join(upper, path))
    .sort()
    .flatMap((name) => {
      const at = path === '' ? name : `${path}/${name}`;
      const full = join(upper, at);
      const stats = lstatSync(full, { bigint: true });
      const opaque = opaques.has(at) || lgetxattr(full, 'trusted.overlay.opaque')?.toString() === 'y';
      const others = llistxattr(full).filter((xattr) => !xattr.startsWith('trusted.overlay.'));
      const words = [
        at,
        stats.isCharacterDevice() && stats.rdev === 0n ? 'whiteout' : stats.mode.toString(8),
        ...(stats.uid === 0n && stats.gid === 0n ? [] : [`${stats.uid}:${stats.gid}`]),
        stats.mtimeNs === OLD ? 'old' : 'new',
        ...(stats.isFile() && stats.size < 100n ? [JSON.stringify(readFileSync(full, 'utf8'))] : []),
        ...(stats.isSymbolicLink() ? [`-> ${readlinkSync(full)}`] : []),
        ...(opaque ? ['opaque'] : []),
        ...others,
      ];
      return [words.join(' '), ...(stats.isDirectory() ? listing(upper, opaques, at) : [])];
    });
}
