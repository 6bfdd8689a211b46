import { fromByteString } from '../../formats/bytestring.ts';
import { hexOf, parseDigest } from '../../formats/digest.ts';
import { imageLayers } from '../image-files/image-layers.ts';
import type { EntryKind, LayerEntry } from '../image-files/layer-entries.ts';
import { openForReading } from '../open-for-reading.ts';
import { noSuchImage, resolveImage } from '../resolve-image.ts';
import type { WasteResult } from '../waste-result.ts';

/** One file of a layer, as dive writes it. */
export interface DiveFile {
  readonly path: string;
  /** The typeflag of the tar header, as a number. */
  readonly typeFlag: number;
  readonly linkName: string;
  readonly size: number;
  /** Go's `fs.FileMode`. */
  readonly fileMode: number;
  readonly uid: number;
  readonly gid: number;
  readonly isDir: boolean;
}

/** What `dive --json` writes (wagoodman/dive runtime/export). */
export interface DiveReport {
  readonly layer: readonly {
    readonly index: number;
    readonly id: string;
    readonly digestId: string;
    readonly sizeBytes: number;
    readonly command: string;
    readonly fileList: readonly DiveFile[];
  }[];
  readonly image: {
    readonly sizeBytes: number;
    readonly inefficientBytes: number;
    readonly efficiencyScore: number;
    readonly fileReference: readonly { readonly count: number; readonly sizeBytes: number; readonly file: string }[];
  };
}

const typeFlags: Readonly<Record<EntryKind, string>> = {
  file: '0',
  link: '1',
  symlink: '2',
  char: '3',
  block: '4',
  dir: '5',
  fifo: '6',
  whiteout: '0',
  opaque: '0',
};

/** Go's bits for what is no regular file (io/fs FileMode). */
const typeBits: Readonly<Record<EntryKind, number>> = {
  file: 0,
  link: 0,
  symlink: 2 ** 27,
  char: 2 ** 26 + 2 ** 21,
  block: 2 ** 26,
  dir: 2 ** 31,
  fifo: 2 ** 25,
  whiteout: 0,
  opaque: 0,
};

/**
 * The findings in dive's schema, so that what reads dive's file reads ours. The bytes are those of the hidden copies alone:
 * the copy that is seen is no waste, though dive counts it. Throws as `waste` does.
 */
export function diveReport(dataRoot: string, result: WasteResult): DiveReport {
  const store = openForReading(dataRoot);
  const id = resolveImage(store, result.imageId);
  const image = store.images.config(id);
  if (image === undefined) throw noSuchImage(result.imageId);
  return {
    layer: imageLayers(store, image).map(({ index, diffId, size, entries }) => ({
      index,
      id: hexOf(parseDigest(diffId)),
      digestId: diffId,
      sizeBytes: size,
      command: result.layers[index]?.createdBy ?? '',
      fileList: [...entries()].map(diveFile),
    })),
    image: {
      sizeBytes: result.size,
      inefficientBytes: result.wastedBytes,
      efficiencyScore: result.efficiency,
      fileReference: result.paths.map(({ path, bytes, stored }) => ({
        count: stored,
        sizeBytes: bytes,
        file: `/${fromByteString(path)}`,
      })),
    },
  };
}

function diveFile(entry: LayerEntry): DiveFile {
  const { kind, path, target, size, mode, uid, gid } = entry;
  return {
    path: fromByteString(tarName(kind, path)),
    typeFlag: typeFlags[kind].charCodeAt(0),
    linkName: fromByteString(target),
    size,
    fileMode: (mode & 0o777) + typeBits[kind] + setBits(mode),
    uid,
    gid,
    isDir: kind === 'dir',
  };
}

function tarName(kind: EntryKind, path: string): string {
  if (kind === 'opaque') return path === '' ? '.wh..wh..opq' : `${path}/.wh..wh..opq`;
  return kind === 'whiteout' ? path.replace(/[^/]*$/, '.wh.$&') : path;
}

function setBits(mode: number): number {
  return (
    ((mode & 0o4000) !== 0 ? 2 ** 23 : 0) +
    ((mode & 0o2000) !== 0 ? 2 ** 22 : 0) +
    ((mode & 0o1000) !== 0 ? 2 ** 20 : 0)
  );
}
