import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { applyTar } from '../../../src/committer/apply-tar.ts';
import { fsPath } from '../../../src/formats/bytestring.ts';
import { splitDevice } from '../../../src/host/syscalls.ts';
import { lgetxattr, llistxattr } from '../../../src/host/xattrs.ts';
import type { LayerRecord } from '../../../src/store/layerdb.ts';
import { openStore, type Store } from '../../../src/store/store.ts';
import { tempFolder } from '../../temp-root.ts';
import type { DaemonFile } from './daemon-cases.ts';

export interface Applied {
  readonly store: Store;
  readonly layer: LayerRecord;
  readonly diff: string;
}

/** Applies a tar to a fresh data-root, in pieces of `chunk` bytes. */
export async function applyToFresh(tar: Buffer, chunk = tar.length): Promise<Applied> {
  const store = openStore(tempFolder(), { mode: 'write' });
  const layer = await applyTar({ store, chunks: pieces(tar, chunk) });
  return { store, layer, diff: store.overlay.diffPath(layer.cacheId) };
}

export function* pieces(bytes: Buffer, size: number): Generator<Buffer> {
  // One buffer for all pieces: who keeps one longer than allowed is found out.
  const buffer = Buffer.alloc(Math.max(1, size));
  for (let at = 0; at < bytes.length; at += size) {
    const length = bytes.copy(buffer, 0, at, Math.min(bytes.length, at + size));
    yield buffer.subarray(0, length);
  }
}

const KINDS: ReadonlyMap<number, DaemonFile['kind']> = new Map([
  [0o100000, 'file'],
  [0o040000, 'dir'],
  [0o120000, 'symlink'],
  [0o020000, 'char'],
  [0o060000, 'block'],
  [0o010000, 'fifo'],
] as const);

/** The files below a folder in the form of the daemon's cases; times of `timed` paths only. */
export function listTree(root: string, timed: ReadonlySet<string>): DaemonFile[] {
  const names = walk(root, '').sort((a, b) => (a < b ? -1 : 1));
  return names.map((path): DaemonFile => {
    const full = `${root}/${path}`;
    const stat = lstatSync(fsPath(full), { bigint: true });
    const kind = KINDS.get(Number(stat.mode) & 0o170000) ?? 'file';
    const { major, minor } = splitDevice(stat.rdev);
    const xattrs = xattrsOf(full);
    return {
      path,
      kind,
      mode: Number(stat.mode) & 0o7777,
      uid: Number(stat.uid),
      gid: Number(stat.gid),
      ...(timed.has(path) ? { mtime: String(stat.mtimeNs) } : {}),
      ...(kind === 'dir' ? {} : { size: Number(stat.size), links: Number(stat.nlink) }),
      ...(kind === 'symlink' ? { target: readlinkSync(fsPath(full), { encoding: 'latin1' }) } : {}),
      ...(kind === 'char' || kind === 'block' ? { device: [major, minor] as const } : {}),
      ...(Object.keys(xattrs).length === 0 ? {} : { xattrs }),
    };
  });
}

function walk(root: string, folder: string): string[] {
  return readdirSync(fsPath(`${root}/${folder}`), { encoding: 'latin1', withFileTypes: true }).flatMap((entry) => {
    const path = folder + entry.name;
    return entry.isDirectory() ? [path, ...walk(root, `${path}/`)] : [path];
  });
}

export function xattrsOf(path: string): Record<string, string> {
  return Object.fromEntries(llistxattr(path).map((name) => [name, lgetxattr(path, name)?.toString('base64') ?? '']));
}
