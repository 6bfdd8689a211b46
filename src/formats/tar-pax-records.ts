import { LayerlabError } from '../errors/layerlab-error.ts';
import type { ByteString } from './bytestring.ts';

const NUL_FREE = new Set(['path', 'linkpath', 'uname', 'gname']);

/**
 * Reads the records of a PAX extended header, `"<length> <key>=<value>\n"` one after the other; the last of two equal keys
 * counts. Keys and values are byte strings. Throws LL_TAR for malformed records, LL_TAR_UNSUPPORTED for sparse files.
 */
export function parsePaxRecords(data: Buffer): ReadonlyMap<ByteString, ByteString> {
  const records = new Map<ByteString, ByteString>();
  for (let at = 0; at < data.length; ) {
    const space = data.indexOf(0x20, at);
    const length = space < 0 ? Number.NaN : parseLength(data.toString('latin1', at, Math.min(space, at + 12)));
    const end = at + length;
    // NaN compares false with everything.
    if (!(length >= 5 && end <= data.length && end > space + 1)) throw malformed();
    if (data[end - 1] !== 0x0a) throw malformed();
    const record = data.toString('latin1', space + 1, end - 1);
    const equals = record.indexOf('=');
    const key = record.slice(0, equals);
    const value = record.slice(equals + 1);
    if (equals <= 0 || (NUL_FREE.has(key) ? value : key).includes('\0')) throw malformed();
    if (key.startsWith('GNU.sparse.')) throw sparse();
    records.set(key, value);
    at = end;
  }
  return records;
}

/** The error for a sparse file, whichever way it is marked. */
export function sparse(): LayerlabError {
  return new LayerlabError('LL_TAR_UNSUPPORTED', 'the tar archive holds a sparse file', {
    hint: 'Write the archive without sparse files (GNU tar: leave --sparse out).',
  });
}

function parseLength(text: string): number {
  return /^\+?[0-9]+$/.test(text) ? Number(text) : Number.NaN;
}

function malformed(): LayerlabError {
  return new LayerlabError('LL_TAR', 'a PAX record of the tar archive is malformed');
}
