import type { FileAspect, FileDifference } from '../compare-result.ts';
import type { FileTable, TableFile } from '../image-files/file-table.ts';
import type { LayerEntry } from '../image-files/layer-entries.ts';

/** Finds what differs between the merged files of two images, by path. Contents are compared by size and CRC-64. */
export function compareFiles(a: FileTable, b: FileTable, ignoreTimes: boolean): readonly FileDifference[] {
  const found: FileDifference[] = [];
  for (const file of a.files()) {
    const other = b.get(file.path);
    if (other === undefined) {
      found.push({ path: file.path, change: 'removed', aspects: [], sizeA: sizeOf(file), sizeB: undefined });
      continue;
    }
    const aspects = aspectsOf(file, other, ignoreTimes);
    if (aspects.length === 0) continue;
    found.push({ path: file.path, change: 'changed', aspects, sizeA: sizeOf(file), sizeB: sizeOf(other) });
  }
  for (const file of b.files()) {
    if (a.get(file.path) !== undefined) continue;
    found.push({ path: file.path, change: 'added', aspects: [], sizeA: undefined, sizeB: sizeOf(file) });
  }
  return found.sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** Whether two layers hold the same files, marks of deletion among them. */
export function sameLayer(a: Iterable<LayerEntry>, b: Iterable<LayerEntry>, ignoreTimes: boolean): boolean {
  const known = new Map<string, LayerEntry>();
  for (const entry of a) known.set(keyOf(entry), entry);
  for (const entry of b) {
    const other = known.get(keyOf(entry));
    if (other === undefined || entryAspects(other, entry, ignoreTimes).length > 0) return false;
    known.delete(keyOf(entry));
  }
  return known.size === 0;
}

function keyOf({ kind, path }: LayerEntry): string {
  return `${kind === 'whiteout' || kind === 'opaque' ? kind : ''}:${path}`;
}

function sizeOf({ content }: TableFile): number {
  return content?.size ?? 0;
}

function aspectsOf(a: TableFile, b: TableFile, ignoreTimes: boolean): readonly FileAspect[] {
  return entryAspects(a.entry, b.entry, ignoreTimes);
}

function entryAspects(a: LayerEntry, b: LayerEntry, ignoreTimes: boolean): readonly FileAspect[] {
  if (a.kind !== b.kind) return ['kind'];
  const differs: Readonly<Record<FileAspect, boolean>> = {
    kind: false,
    content: a.size !== b.size || a.crc !== b.crc,
    mode: a.mode !== b.mode,
    owner: a.uid !== b.uid || a.gid !== b.gid,
    time: !ignoreTimes && a.mtime !== b.mtime,
    target: a.target !== b.target,
    device: a.major !== b.major || a.minor !== b.minor,
    xattrs: !sameXattrs(a.xattrs, b.xattrs),
  };
  return ASPECTS.filter((aspect) => differs[aspect]);
}

const ASPECTS: readonly FileAspect[] = ['content', 'mode', 'owner', 'time', 'target', 'device', 'xattrs'];

function sameXattrs(a: ReadonlyMap<string, Buffer>, b: ReadonlyMap<string, Buffer>): boolean {
  return a.size === b.size && [...a].every(([name, value]) => b.get(name)?.equals(value) === true);
}
