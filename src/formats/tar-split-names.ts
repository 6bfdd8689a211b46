import type { ByteString } from './bytestring.ts';
import { parseTarSplitLine } from './tar-split-reader.ts';

/** Of a tar header: its size, where in it the kind of file stands, and two of the kinds. */
const BLOCK = 512;
const TYPEFLAG = 156;
const FOLDER = 0x35;
const GLOBAL = 0x67;

/** Where a line lies in the text. */
interface Line {
  readonly start: number;
  readonly end: number;
}

/** How tar-split begins a line with raw bytes. */
const SEGMENT = Buffer.from('{"type":2,');

/**
 * The names in a layer, a folder's with a slash at the end, from the decompressed lines of its tar-split. Headers are looked at only
 * where a name alone does not tell: that takes a third of the time of reading them all. Throws LL_CORRUPT for malformed lines.
 */
export function tarSplitNames(text: Buffer): ByteString[] {
  const names: ByteString[] = [];
  let segment: Line | undefined;
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf(0x0a, start);
    const end = newline < 0 ? text.length : newline;
    const line: Line = { start, end };
    start = end + 1;
    if (beginsSegment(text, line)) {
      segment = line;
      continue;
    }
    const entry = parseTarSplitLine(text, line.start, line.end);
    // Written by somebody else, in another order.
    if (entry.kind === 'segment') segment = line;
    else if (entry.name.endsWith('/') || entry.size > 0) names.push(entry.name);
    else {
      const type = typeOf(text, segment);
      if (type !== GLOBAL) names.push(type === FOLDER ? `${entry.name}/` : entry.name);
    }
  }
  return names;
}

/** The kind of file in the header at the end of a segment, behind the padding and the extended headers. */
function typeOf(text: Buffer, line: Line | undefined): number | undefined {
  if (line === undefined) return undefined;
  const entry = parseTarSplitLine(text, line.start, line.end);
  return entry.kind === 'segment' ? entry.bytes[entry.bytes.length - BLOCK + TYPEFLAG] : undefined;
}

function beginsSegment(text: Buffer, { start, end }: Line): boolean {
  if (end - start < SEGMENT.length) return false;
  // Byte by byte: a call of Buffer.compare takes longer.
  for (let at = 0; at < SEGMENT.length; at++) if (text[start + at] !== SEGMENT[at]) return false;
  return true;
}
