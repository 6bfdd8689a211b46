import type { ByteString } from '../../formats/bytestring.ts';
import { type FileContent, FileTable, type HiddenContent } from '../image-files/file-table.ts';
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
  /** Those of the paths of hidden copies at which containers see a regular file. */
  readonly seen: ReadonlySet<ByteString>;
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
    let known: ReadonlyMap<string, ByteString> | undefined;
    // Only for what is gone: most of what is hidden has been written over.
    const written = (): ReadonlyMap<string, ByteString> => {
      known ??= writtenIn(all);
      return known;
    };
    for (const one of hidden) copies.push(describe(one, table.get(one.path)?.content, written));
    layerBytes.push(all.reduce((sum, { kind, size }) => sum + (kind === 'file' ? size : 0), 0));
  }
  const seen = new Set(copies.map(({ path }) => path).filter((path) => table.get(path)?.content !== undefined));
  return { copies, layerBytes, totalBytes: layerBytes.reduce((sum, bytes) => sum + bytes, 0), seen };
}

/** `now`: what the layer left at the path. An opaque folder hides the file first and may have it again after. */
function describe(
  { content, path, by }: HiddenContent,
  now: FileContent | undefined,
  written: () => ReadonlyMap<string, ByteString>,
): HiddenCopy {
  // Field by field: there may be one for every file of every layer.
  const { size: bytes, layer } = content;
  if (now !== undefined) {
    const cause = now.size === content.size && now.crc === content.crc ? 'rewritten' : 'replaced';
    return { path, bytes, layer, by, cause };
  }
  const movedTo = written().get(keyOf(bytes, content.crc));
  return movedTo === undefined
    ? { path, bytes, layer, by, cause: 'deleted' }
    : { path, bytes, layer, by, cause: 'moved', movedTo };
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
