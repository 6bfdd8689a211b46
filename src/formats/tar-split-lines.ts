import { isUtf8 } from 'node:buffer';
import { type ByteString, fromByteString } from './bytestring.ts';
import { encodeGoJson } from './go-json-encode.ts';

/** The line of tar-split for bytes of the tar that are no content; `position` counts lines. */
export function segmentLine(bytes: Buffer, position: number): string {
  return `{"type":2,"payload":"${bytes.toString('base64')}","position":${position}}\n`;
}

/** The line for a file: its name as in the header, its size, the CRC-64 of its content (undefined for size 0). */
export function fileLine(
  name: ByteString,
  size: number,
  crc: Buffer | undefined,
  position: number,
  longEscapes: boolean,
): string {
  const sizeField = size === 0 ? '' : `"size":${size},`;
  const payload = size === 0 || crc === undefined ? 'null' : `"${crc.toString('base64')}"`;
  return `{"type":1,${nameField(name, longEscapes)}${sizeField}"payload":${payload},"position":${position}}\n`;
}

function nameField(name: ByteString, longEscapes: boolean): string {
  if (name === '') return '';
  if (/[\u0080-\u00ff]/.test(name)) {
    const bytes = Buffer.from(name, 'latin1');
    if (!isUtf8(bytes)) return `"name_raw":"${bytes.toString('base64')}",`;
  }
  return `"name":${encodeGoJson(fromByteString(name), { longEscapes })},`;
}
