import { LayerlabError } from '../errors/layerlab-error.ts';
import type { ByteString } from './bytestring.ts';
import { NO_XATTRS } from './tar-entry.ts';
import type { RawTarHeader } from './tar-raw-header.ts';

const XATTR = 'SCHILY.xattr.';

/**
 * Applies the records of a PAX extended header (archive/tar mergePAX): an empty value leaves the field as it is. Fractions of
 * a second are dropped. Throws LL_TAR for malformed numbers.
 */
export function mergePax(header: RawTarHeader, records: ReadonlyMap<ByteString, ByteString>): RawTarHeader {
  const text = (key: string, field: ByteString): ByteString => records.get(key) || field;
  const number = (key: string, field: number): number => {
    const value = records.get(key);
    return value === undefined || value === '' ? field : parseInteger(key, value);
  };
  for (const key of ['atime', 'ctime']) parseTime(records.get(key) ?? '', 0);
  return {
    ...header,
    name: text('path', header.name),
    linkname: text('linkpath', header.linkname),
    uname: text('uname', header.uname),
    gname: text('gname', header.gname),
    uid: number('uid', header.uid),
    gid: number('gid', header.gid),
    size: number('size', header.size),
    mtime: parseTime(records.get('mtime') ?? '', header.mtime),
  };
}

/** The extended attributes among the records (`SCHILY.xattr.`), empty ones included. */
export function xattrsOf(records: ReadonlyMap<ByteString, ByteString>): ReadonlyMap<ByteString, Buffer> {
  let xattrs: Map<ByteString, Buffer> | undefined;
  for (const [key, value] of records) {
    if (!key.startsWith(XATTR)) continue;
    xattrs ??= new Map();
    xattrs.set(key.slice(XATTR.length), Buffer.from(value, 'latin1'));
  }
  return xattrs ?? NO_XATTRS;
}

function parseInteger(key: string, text: string): number {
  const value = /^[+-]?[0-9]{1,64}$/.test(text) ? BigInt(text.replace(/^\+/, '')) : undefined;
  if (value === undefined || BigInt.asIntN(64, value) !== value) throw malformed(key);
  return Number(value);
}

function parseTime(text: string, otherwise: number): number {
  if (text === '') return otherwise;
  const [, seconds = '', fraction = ''] = /^([^.]*)(?:\.([0-9]*))?$/.exec(text) ?? [];
  const whole = parseInteger('time', seconds);
  // -1.5 lies within the second that begins at -2.
  return seconds.startsWith('-') && /[1-9]/.test(fraction.slice(0, 9)) ? whole - 1 : whole;
}

function malformed(key: string): LayerlabError {
  return new LayerlabError('LL_TAR', `the PAX record ${JSON.stringify(key)} of the tar archive is malformed`);
}
