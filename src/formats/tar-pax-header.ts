import { posix } from 'node:path';
import { LayerlabError } from '../errors/layerlab-error.ts';
import type { ByteString } from './bytestring.ts';
import { BLOCK, blockOf, putOctal, putString, seal } from './tar-block.ts';

/** The most bytes of records that Go's reader and writer accept in one extended header. */
export const MAX_PAX_SIZE = 1 << 20;

/**
 * The blocks of a PAX extended header as Go's archive/tar writes them: a header named after the file, and the records in the
 * order given, padded to whole blocks. Throws LL_LIMIT above 1 MiB of records.
 */
export function encodePaxBlocks(
  name: ByteString,
  records: readonly (readonly [key: ByteString, value: ByteString])[],
): Buffer {
  const data = Buffer.from(records.map(([key, value]) => formatRecord(key, value)).join(''), 'latin1');
  if (data.length > MAX_PAX_SIZE) {
    throw new LayerlabError(
      'LL_LIMIT',
      `the extended tar header of ${JSON.stringify(name.slice(0, 200))} is over 1 MiB`,
    );
  }
  const padding = Buffer.alloc(-data.length & (BLOCK - 1));
  return Buffer.concat([xBlock(name, data.length), data, padding]);
}

// Unlike the header of a file, this one leaves the device numbers unset.
function xBlock(name: ByteString, size: number): Buffer {
  const slash = name.lastIndexOf('/') + 1;
  const path = posix.join(name.slice(0, slash), 'PaxHeaders.0', name.slice(slash));
  const block = blockOf('x');
  const ascii = path.replace(/[\0\u0080-\uffff]/g, '').slice(0, 100);
  putString(block, 0, 100, ascii.replace(/\/+$/, ''));
  for (const offset of [100, 108, 116]) putOctal(block, offset, 8, 0);
  putOctal(block, 124, 12, size);
  putOctal(block, 136, 12, 0);
  return seal(block);
}

function formatRecord(key: ByteString, value: ByteString): string {
  const body = key.length + value.length + 3;
  let size = body + String(body).length;
  // One digit more may tip the length over into yet another digit.
  if (String(size).length + body !== size) size = body + String(size).length;
  return `${size} ${key}=${value}\n`;
}
