import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fromByteString } from '../../formats/bytestring.ts';
import { cleanName } from '../../formats/tar-clean-name.ts';

/** What an entry's name asks for (moby go-archive archive.Unpack, archive_linux.go overlayWhiteoutConverter). */
export type TarTarget =
  /** The root of the layer itself, whose attributes are not taken from a tar. */
  | { readonly kind: 'root' }
  | { readonly kind: 'file'; readonly folder: ByteString; readonly name: ByteString }
  /** `.wh.<name>`: the name is deleted here. */
  | { readonly kind: 'whiteout'; readonly folder: ByteString; readonly name: ByteString }
  /** `.wh..wh..opq`: the folder hides all that is below it. */
  | { readonly kind: 'opaque'; readonly folder: ByteString };

const PREFIX = '.wh.';
const OPAQUE = '.wh..wh..opq';
const NO_NAME = new Set(['', '.', '..']);

/**
 * Where an entry of a layer tar goes: a folder as a clean name relative to the root ('' for the root), and a name in it. Throws
 * LL_BREAKOUT for a name outside of the root, LL_TAR for a whiteout of nothing.
 */
export function tarTarget(entryName: ByteString): TarTarget {
  const clean = cleanName(entryName).replace(/^\/+/, '');
  if (clean === '' || clean === '.') return { kind: 'root' };
  if (clean === '..' || clean.startsWith('../')) {
    throw new LayerlabError('LL_BREAKOUT', `invalid entry name ${quoted(entryName)}`);
  }
  const slash = clean.lastIndexOf('/');
  const folder = slash < 0 ? '' : clean.slice(0, slash);
  const name = clean.slice(slash + 1);
  if (name === OPAQUE) return { kind: 'opaque', folder };
  if (!name.startsWith(PREFIX)) return { kind: 'file', folder, name };
  const hidden = name.slice(PREFIX.length);
  if (NO_NAME.has(hidden)) throw new LayerlabError('LL_TAR', `invalid whiteout entry ${quoted(name)}`);
  return { kind: 'whiteout', folder, name: hidden };
}

/** The same for the target of a hard link: a folder and a name in it. Absolute ones start at the root of the layer. */
export function hardLinkTarget(linkname: ByteString): { readonly folder: ByteString; readonly name: ByteString } {
  const clean = cleanName(linkname).replace(/^\/+/, '');
  if (clean === '' || clean === '.' || clean === '..' || clean.startsWith('../')) {
    throw new LayerlabError('LL_BREAKOUT', `invalid hardlink target ${quoted(linkname)}`);
  }
  const slash = clean.lastIndexOf('/');
  return { folder: slash < 0 ? '' : clean.slice(0, slash), name: clean.slice(slash + 1) };
}

function quoted(name: ByteString): string {
  return JSON.stringify(fromByteString(name));
}
