import { readdirSync } from 'node:fs';
import { type ByteString, compareBytes, fsPath } from '../formats/bytestring.ts';
import type { Crc64 } from '../formats/crc64.ts';
import { isWhiteout, lstatNode } from '../snapshot/disk-node.ts';
import type { FileNode } from '../snapshot/file-tree.ts';
import { isOpaqueDir } from '../snapshot/read-xattrs.ts';
import { readBytes } from './copy-bytes.ts';
import type { LayerResult } from './layer-result.ts';
import { LayerWriter } from './layer-writer.ts';
import type { TarDialect } from './tar-dialect.ts';
import { opaqueEntry, tarEntryOf, whiteoutEntry } from './tar-entry-of.ts';

export interface ScanUpperOptions {
  readonly dialect: TarDialect;
  readonly crc: Crc64;
  /** Folders, relative to the upper one, that are opaque though the host could not mark them so. */
  readonly opaques?: ReadonlySet<ByteString> | undefined;
}

/**
 * Hashes the layer tar of a change that lies on the disk in overlay's form, as an overlay mount leaves its upper folder
 * (moby daemon/graphdriver/overlay2 Diff, moby/go-archive TarWithOptions). Sockets are left out.
 *
 * All whiteouts of one mount are names of one device file. Docker states the first name it met as the link target in the
 * headers of the others, although it writes them as regular files: kept, it is part of the layer's bytes.
 */
export function scanUpper(upper: ByteString, options: ScanUpperOptions): LayerResult {
  const layer = new LayerWriter(options.crc, options.dialect);
  const seen = new Map<string, ByteString>();
  let diskSize = 0;
  let entries = 0;

  const walk = (dir: ByteString, prefix: ByteString): void => {
    for (const name of readdirSync(fsPath(dir), { encoding: 'latin1' }).sort(compareBytes)) {
      const path = `${dir}/${name}`;
      const node = lstatNode(path);
      if (node === undefined || node.kind === 'socket') continue;
      entries += 1;
      if (node.kind === 'dir') folder(node, path, `${prefix}${name}/`);
      else leaf(node, prefix, name);
    }
  };

  const folder = (node: FileNode, path: ByteString, name: ByteString): void => {
    layer.add(tarEntryOf(node, name, undefined, options.dialect));
    if (options.opaques?.has(name.slice(0, -1)) || isOpaqueDir(path))
      layer.add(opaqueEntry(node, name, options.dialect));
    walk(path, name);
  };

  const leaf = (node: FileNode, prefix: ByteString, name: ByteString): void => {
    const first = node.inode === '' ? undefined : seen.get(node.inode);
    if (node.inode !== '' && first === undefined) seen.set(node.inode, prefix + name);
    if (isWhiteout(node)) {
      layer.add({ ...whiteoutEntry(node, prefix, name, options.dialect), linkname: first ?? '' });
      return;
    }
    const entry = tarEntryOf(node, prefix + name, first, options.dialect);
    if (first === undefined) diskSize += node.kind === 'file' ? node.size : node.target.length;
    if (entry.type === '0') layer.addFile(entry, (sink) => readBytes(node.path, node.size, sink));
    else layer.add(entry);
  };

  walk(upper, '');
  return { ...layer.finish(), diskSize, empty: entries === 0 };
}
