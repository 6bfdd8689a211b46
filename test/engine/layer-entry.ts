import type { LayerEntry } from '../../src/engine/image-files/layer-entries.ts';

/** A file as a layer's tar tells it; its content is told by its checksum. */
export function entry(path: string, more: Partial<LayerEntry> = {}): LayerEntry {
  return {
    ...{ path, kind: 'file', mode: 0o644, uid: 0, gid: 0, size: 0, mtime: 0, target: '', major: 0, minor: 0 },
    ...{ xattrs: new Map(), crc: '' },
    ...more,
  };
}

export const file = (path: string, size: number, crc: string): LayerEntry => entry(path, { size, crc });
export const dir = (path: string): LayerEntry => entry(path, { kind: 'dir', mode: 0o755 });
export const link = (path: string, target: string): LayerEntry => entry(path, { kind: 'link', target });
export const whiteout = (path: string): LayerEntry => entry(path, { kind: 'whiteout' });
export const opaque = (path: string): LayerEntry => entry(path, { kind: 'opaque' });
