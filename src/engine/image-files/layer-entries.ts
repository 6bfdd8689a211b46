import type { ByteString } from '../../formats/bytestring.ts';
import type { TarEntry, TarType } from '../../formats/tar-entry.ts';
import { tarSplitFiles } from '../../formats/tar-split-files.ts';

export type EntryKind = 'file' | 'link' | 'symlink' | 'char' | 'block' | 'dir' | 'fifo' | 'whiteout' | 'opaque';

/** One file of a layer, as its tar tells it. */
export interface LayerEntry {
  /** Relative to the root, clean; the hidden name for a whiteout, the folder for an opaque mark. '' is the root. */
  readonly path: ByteString;
  /** `link`: a further name of the file `target`. */
  readonly kind: EntryKind;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content. */
  readonly size: number;
  /** Whole seconds since 1970. */
  readonly mtime: number;
  /** A symbolic link's text; of a `link`, the path of the other name; else empty. */
  readonly target: ByteString;
  readonly major: number;
  readonly minor: number;
  readonly xattrs: ReadonlyMap<ByteString, Buffer>;
  /** CRC-64 of the content in hexadecimal digits; empty where there is none. */
  readonly crc: string;
}

const kinds: Readonly<Record<TarType, EntryKind>> = {
  '0': 'file',
  '1': 'link',
  '2': 'symlink',
  '3': 'char',
  '4': 'block',
  '5': 'dir',
  '6': 'fifo',
};
const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';

/**
 * The files of a layer from its tar-split alone, decompressed, in the order of its tar: nothing of `diff` is read. Throws
 * LL_CORRUPT where the tar-split is damaged.
 */
export function* layerEntries(tarSplit: Buffer): Generator<LayerEntry> {
  for (const { header, crc } of tarSplitFiles(tarSplit)) {
    const entry = fromHeader(header, crc);
    if (entry !== undefined) yield entry;
  }
}

function fromHeader(header: TarEntry, crc: string): LayerEntry | undefined {
  const path = cleanPath(header.name);
  const slash = path.lastIndexOf('/');
  const dir = slash < 0 ? '' : path.slice(0, slash);
  const name = path.slice(slash + 1);
  const { mode, uid, gid, size, mtime, linkname, devmajor, devminor, xattrs } = header;
  const kind = kinds[header.type];
  const entry: LayerEntry = {
    path,
    kind,
    mode,
    uid,
    gid,
    size,
    mtime,
    target: kind === 'link' ? cleanPath(linkname) : kind === 'symlink' ? linkname : '',
    major: devmajor,
    minor: devminor,
    xattrs,
    crc,
  };
  if (name === OPAQUE) return { ...entry, path: dir, kind: 'opaque', size: 0 };
  // Other names of this family are notes of aufs, which no driver takes for files.
  if (name.startsWith(`${WHITEOUT}${WHITEOUT}`)) return undefined;
  if (!name.startsWith(WHITEOUT)) return entry;
  const hidden = name.slice(WHITEOUT.length);
  return { ...entry, path: dir === '' ? hidden : `${dir}/${hidden}`, kind: 'whiteout', size: 0 };
}

const UNCLEAN = /(?:^|\/)\.?(?:\/|$)/;

function cleanPath(name: ByteString): ByteString {
  const bare = name.endsWith('/') ? name.slice(0, -1) : name;
  // Nearly every name is clean but for the slash of a folder.
  if (!UNCLEAN.test(bare)) return bare;
  return name
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}
