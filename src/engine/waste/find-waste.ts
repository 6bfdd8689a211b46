import type { ByteString } from '../../formats/bytestring.ts';
import { FileTable, type HiddenContent } from '../image-files/file-table.ts';
import type { LayerEntry } from '../image-files/layer-entries.ts';

/**
 * Why bytes are hidden: the file was deleted; it got other content; the same content was written again (a change of its mode,
 * owner or time alone copies it whole); it stands under another name in the layer that deleted it.
 */
export type WasteCause = 'deleted' | 'replaced' | 'rewritten' | 'moved';

/** A copy of a file that is stored and that no container ever sees. */
export interface HiddenCopy {
  readonly path: ByteString;
  readonly bytes: number;
  /** The layer that holds it, 0 is the lowest. */
  readonly layer: number;
  /** The layer that hides it. */
  readonly by: number;
  readonly cause: WasteCause;
  /** Where the content went, for `moved`. */
  readonly movedTo?: ByteString;
}

export interface FoundWaste {
  readonly copies: readonly HiddenCopy[];
  /** Bytes of content in all layers, hidden or not. */
  readonly totalBytes: number;
  /** Bytes of content of each layer. */
  readonly layerBytes: readonly number[];
}

/** Finds the content that later layers hide. `layers` are the files of each layer, lowest first. Empty files do not count. */
export function findWaste(layers: Iterable<Iterable<LayerEntry>>): FoundWaste {
  const table = new FileTable();
  const copies: HiddenCopy[] = [];
  const layerBytes: number[] = [];
  for (const entries of layers) {
    const all = [...entries];
    const by = layerBytes.length;
    const hidden = table.add(all).filter(({ content }) => content.size > 0 && content.layer < by);
    const written = hidden.length === 0 ? undefined : writtenIn(all);
    for (const one of hidden) copies.push(describe(one, written ?? new Map()));
    layerBytes.push(all.reduce((sum, { kind, size }) => sum + (kind === 'file' ? size : 0), 0));
  }
  return { copies, layerBytes, totalBytes: layerBytes.reduce((sum, bytes) => sum + bytes, 0) };
}

function describe(hidden: HiddenContent, written: ReadonlyMap<string, ByteString>): HiddenCopy {
  const { content, path, by, replacedBy } = hidden;
  const copy = { path, bytes: content.size, layer: content.layer, by };
  const now = replacedBy?.path === path ? replacedBy.content : undefined;
  if (now !== undefined) {
    return { ...copy, cause: now.size === content.size && now.crc === content.crc ? 'rewritten' : 'replaced' };
  }
  const movedTo = written.get(keyOf(content.size, content.crc));
  return movedTo === undefined ? { ...copy, cause: 'deleted' } : { ...copy, cause: 'moved', movedTo };
}

function writtenIn(entries: readonly LayerEntry[]): ReadonlyMap<string, ByteString> {
  const found = new Map<string, ByteString>();
  for (const { kind, size, crc, path } of entries) {
    if (kind === 'file' && size > 0 && !found.has(keyOf(size, crc))) found.set(keyOf(size, crc), path);
  }
  return found;
}

function keyOf(size: number, crc: string): string {
  return `${size}:${crc}`;
}
