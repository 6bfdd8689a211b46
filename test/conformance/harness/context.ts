import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ContextEntry, EntryMeta } from './case.ts';

/** Every entry that names no time has this one: its nanoseconds show who cuts them off and where. */
export const DEFAULT_MTIME = '1700000000.123456789';

/**
 * Writes the entries below `root`, parents made as needed, so that both tools read the very same files. Times are set
 * last, deepest first, so that no later write moves them.
 */
export function materialise(root: string, entries: readonly ContextEntry[]): void {
  fs.mkdirSync(root, { recursive: true });
  const times = new Map<string, string>();
  for (const entry of entries) {
    const target = path.join(root, entry.path);
    for (let parent = path.dirname(target); parent.length >= root.length; parent = path.dirname(parent)) {
      times.set(parent, times.get(parent) ?? DEFAULT_MTIME);
    }
    fs.mkdirSync(path.dirname(target), { recursive: true });
    write(target, root, entry);
    times.set(target, ('mtime' in entry ? entry.mtime : undefined) ?? DEFAULT_MTIME);
  }
  times.set(root, times.get(root) ?? DEFAULT_MTIME);
  touchAll(times);
}

function write(target: string, root: string, entry: ContextEntry): void {
  switch (entry.kind) {
    case 'file':
      fs.writeFileSync(target, entry.content ?? `${entry.path} of ${path.basename(root)}\n`);
      break;
    case 'sparse':
      writeSparse(target, entry.size, entry.tail);
      break;
    case 'dir':
      fs.mkdirSync(target, { recursive: true });
      break;
    case 'fifo':
      execFileSync('mkfifo', [target]);
      break;
    case 'device':
      execFileSync('mknod', [target, entry.type, String(entry.major), String(entry.minor)]);
      break;
    case 'socket':
      makeSocket(target);
      break;
    case 'symlink':
      fs.symlinkSync(entry.target, target);
      break;
    case 'hardlink':
      fs.linkSync(path.join(root, entry.target), target);
      break;
    case 'archive':
      writeArchive(target, entry);
      break;
  }
  if (entry.kind === 'dir') applyMeta(target, entry, 0o755);
  else if (!HAS_NO_META.has(entry.kind)) applyMeta(target, entry as EntryMeta, 0o644);
}

const HAS_NO_META: ReadonlySet<ContextEntry['kind']> = new Set(['symlink', 'hardlink', 'archive']);

/** A socket stays on the disk only where whoever listens on it has no time to tidy up. */
function makeSocket(target: string): void {
  const script = "require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))";
  spawnSync(process.execPath, ['-e', script, path.basename(target)], { cwd: path.dirname(target) });
  fs.lstatSync(target);
}

function writeSparse(target: string, size: number, tail: string): void {
  const fd = fs.openSync(target, 'w');
  fs.writeSync(fd, tail, size - tail.length);
  fs.closeSync(fd);
}

function applyMeta(target: string, meta: EntryMeta, mode: number): void {
  if (meta.uid !== undefined || meta.gid !== undefined) fs.lchownSync(target, meta.uid ?? 0, meta.gid ?? 0);
  fs.chmodSync(target, meta.mode ?? mode);
  for (const [name, value] of Object.entries(meta.xattrs ?? {})) {
    execFileSync('setfattr', ['-h', '-n', name, '-v', `0x${value}`, target]);
  }
}

export const COMPRESSORS = {
  gzip: ['gzip', '-9n'],
  bzip2: ['bzip2', '-9'],
  xz: ['xz', '-6'],
  zstd: ['zstd', '-q', '-19'],
};

function writeArchive(target: string, entry: Extract<ContextEntry, { kind: 'archive' }>): void {
  const tree = fs.mkdtempSync(path.join(os.tmpdir(), 'layerlab-archive-'));
  try {
    materialise(tree, entry.entries);
    const names = fs.readdirSync(tree).sort();
    const tar = execFileSync('tar', [
      '--format=posix',
      '--sort=name',
      '--xattrs',
      '--xattrs-include=*',
      '-C',
      tree,
      '-cf',
      '-',
      '--',
      ...names,
    ]);
    const [command, ...options] = entry.compression === 'none' ? [] : COMPRESSORS[entry.compression];
    fs.writeFileSync(target, command === undefined ? tar : execFileSync(command, options, { input: tar }));
    fs.chmodSync(target, 0o644);
  } finally {
    fs.rmSync(tree, { recursive: true, force: true });
  }
}

function touchAll(times: ReadonlyMap<string, string>): void {
  const byTime = new Map<string, string[]>();
  for (const [target, time] of times) byTime.set(time, [...(byTime.get(time) ?? []), target]);
  for (const [time, targets] of byTime) execFileSync('touch', ['-h', '-d', `@${time}`, '--', ...targets]);
}
