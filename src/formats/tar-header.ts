import { LayerlabError } from '../errors/layerlab-error.ts';
import type { ByteString } from './bytestring.ts';
import { BLOCK, blockOf, fitsOctal, paddingOf, putBlock, putOctal, putString, seal } from './tar-block.ts';
import type { TarEntry } from './tar-entry.ts';
import { encodePaxBlocks } from './tar-pax-header.ts';

export { NO_XATTRS, type TarEntry, type TarType } from './tar-entry.ts';

/** The two zero blocks that end a tar. */
export const TAR_END: Buffer = Buffer.alloc(1024);

const ZEROS = Buffer.alloc(BLOCK);
const NOT_ASCII = /[\0\u0080-\uffff]/;

/** The zero bytes between the end of a content of `size` bytes and the next block. */
export function tarPadding(size: number): Buffer {
  return ZEROS.subarray(0, paddingOf(size));
}

/**
 * The header of an entry, byte for byte as Go's archive/tar writes it for moby's layer tars (moby/go-archive archive.go, which
 * asks for the PAX format): one USTAR block where everything fits, else a PAX extended header in front of it. A multiple of
 * 512 bytes. Throws LL_TAR for what no header can hold, such as a regular file whose name ends with a slash.
 */
export function encodeTarHeader(entry: TarEntry): Buffer {
  check(entry);
  const split = entry.name.length > 100 ? splitName(entry.name) : undefined;
  const records = paxRecords(entry, split !== undefined);
  if (records === undefined) return mainBlock(entry, split?.suffix ?? entry.name, split?.prefix ?? '');
  const main = mainBlock(entry, toAscii(entry.name), '', toAscii(entry.linkname));
  return Buffer.concat([encodePaxBlocks(entry.name, records), main]);
}

/** What the header of most regular files holds: no link, no names of owners, no extended attributes. */
export type PlainFile = Pick<TarEntry, 'name' | 'mode' | 'uid' | 'gid' | 'size' | 'mtime'>;

/**
 * Makes the header of a regular file in the 512 bytes where it is to stand, as `encodeTarHeader` makes it elsewhere. False where it is
 * not so simple; what the bytes are then does not matter.
 */
export function putPlainHeader(block: Buffer, { name, mode, uid, gid, size, mtime }: PlainFile): boolean {
  if (name.length > 100 || NOT_ASCII.test(name) || name.endsWith('/') || !fitsOctal(8, mode)) return false;
  if (!fitsOctal(8, uid) || !fitsOctal(8, gid) || !fitsOctal(12, size) || !fitsOctal(12, mtime)) return false;
  putBlock(block, '0');
  block.write(name, 0, 'latin1');
  putOctal(block, 100, 8, mode);
  putOctal(block, 108, 8, uid);
  putOctal(block, 116, 8, gid);
  putOctal(block, 124, 12, size);
  putOctal(block, 136, 12, mtime);
  putOctal(block, 329, 8, 0);
  putOctal(block, 337, 8, 0);
  seal(block, true);
  return true;
}

/** The records that the entry needs beside its USTAR block, sorted by key; undefined where it needs none. */
function paxRecords(entry: TarEntry, splittable: boolean): readonly (readonly [ByteString, ByteString])[] | undefined {
  const records: [ByteString, ByteString][] = [];
  if (!splittable && needsText(entry.name, 100)) records.push(['path', entry.name]);
  if (needsText(entry.linkname, 100)) records.push(['linkpath', entry.linkname]);
  if (needsText(entry.uname, 32)) records.push(['uname', entry.uname]);
  if (needsText(entry.gname, 32)) records.push(['gname', entry.gname]);
  if (!fitsOctal(8, entry.uid)) records.push(['uid', String(entry.uid)]);
  if (!fitsOctal(8, entry.gid)) records.push(['gid', String(entry.gid)]);
  if (!fitsOctal(12, entry.size)) records.push(['size', String(entry.size)]);
  if (!fitsOctal(12, entry.mtime)) records.push(['mtime', String(entry.mtime)]);
  for (const [key, value] of entry.xattrs) records.push([`SCHILY.xattr.${key}`, value.toString('latin1')]);
  if (records.length === 0) return undefined;
  // Once the header is PAX for another reason, a long name gets its record too, whether USTAR could split it or not.
  if (splittable) records.push(['path', entry.name]);
  return records.sort(([a], [b]) => (a < b ? -1 : 1));
}

function mainBlock(entry: TarEntry, name: ByteString, prefix: ByteString, link = entry.linkname): Buffer {
  const block = blockOf(entry.type);
  putString(block, 0, 100, name);
  putOctal(block, 100, 8, entry.mode);
  putOctal(block, 108, 8, entry.uid);
  putOctal(block, 116, 8, entry.gid);
  putOctal(block, 124, 12, entry.size);
  putOctal(block, 136, 12, entry.mtime);
  if (link !== '') putString(block, 157, 100, link);
  if (entry.uname !== '') putString(block, 265, 32, toAscii(entry.uname));
  if (entry.gname !== '') putString(block, 297, 32, toAscii(entry.gname));
  putOctal(block, 329, 8, entry.devmajor);
  putOctal(block, 337, 8, entry.devminor);
  if (prefix !== '') putString(block, 345, 155, prefix);
  return seal(block, link === '' && prefix === '' && entry.uname === '' && entry.gname === '');
}

function check(entry: TarEntry): void {
  const { name, type } = entry;
  const bad = (what: string): never => {
    throw new LayerlabError('LL_TAR', `no tar header can hold ${JSON.stringify(name.slice(0, 200))}: ${what}`);
  };
  if ((type === '0' || type === '3' || type === '4' || type === '6') && name.endsWith('/')) bad('the name ends with /');
  if (name.includes('\0') || entry.linkname.includes('\0')) bad('a name holds a zero byte');
  if (!fitsOctal(8, entry.mode)) bad('the mode is out of range');
  if (!fitsOctal(8, entry.devmajor) || !fitsOctal(8, entry.devminor)) bad('the device number is out of range');
  for (const key of entry.xattrs.keys()) {
    if (key.includes('=') || key.includes('\0')) bad('the name of an extended attribute is out of grammar');
  }
}

/** Cuts a long name at a slash into USTAR's prefix and name (archive/tar splitUSTARPath). */
function splitName(name: ByteString): { readonly prefix: ByteString; readonly suffix: ByteString } | undefined {
  if (NOT_ASCII.test(name)) return undefined;
  let length = name.length;
  if (length > 156) length = 156;
  else if (name.endsWith('/')) length--;
  const at = name.lastIndexOf('/', length - 1);
  const rest = name.length - at - 1;
  if (at <= 0 || rest > 100 || rest === 0 || at > 155) return undefined;
  return { prefix: name.slice(0, at), suffix: name.slice(at + 1) };
}

function needsText(text: ByteString, size: number): boolean {
  return text.length > size || (text !== '' && NOT_ASCII.test(text));
}

function toAscii(text: ByteString): ByteString {
  return NOT_ASCII.test(text) ? text.replace(/[\0\u0080-\uffff]/g, '') : text;
}
