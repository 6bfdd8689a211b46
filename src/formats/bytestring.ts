/**
 * File names on Linux are bytes, not text. Inside the layer code every name is a **byte string**: a JavaScript string
 * whose UTF-16 units are the bytes 0-255 (what Node calls latin1). Two things follow for free: any name survives a round
 * trip, UTF-8 or not, and comparing two byte strings with `<` is the bytewise order in which Docker walks a folder.
 */
export type ByteString = string;

const NON_ASCII = /[\u0080-\uffff]/;

/** The byte string of a text (its UTF-8 bytes). */
export function toByteString(text: string): ByteString {
  return NON_ASCII.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}

/** The text of a byte string; bytes that are no UTF-8 become U+FFFD. For showing, never for opening. */
export function fromByteString(name: ByteString): string {
  return NON_ASCII.test(name) ? Buffer.from(name, 'latin1').toString('utf8') : name;
}

/** What `node:fs` wants to open this very name: the string itself where it is ASCII, else its bytes. */
export function fsPath(path: ByteString): string | Buffer {
  return NON_ASCII.test(path) ? Buffer.from(path, 'latin1') : path;
}

/** Bytewise order, for `Array.prototype.sort`. */
export function compareBytes(a: ByteString, b: ByteString): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What Node's own `toString` and `write` call when they have looked at the name of an encoding, which takes longer than a short name. */
interface Latin1Buffer extends Buffer {
  latin1Slice(start: number, end: number): string;
  latin1Write(text: string, at: number): number;
}

const IS_QUICK = 'latin1Slice' in Buffer.prototype && 'latin1Write' in Buffer.prototype;

/** The byte string that stands in memory from `start` up to `end`, for who reads thousands of names. */
export function byteStringAt(bytes: Buffer, start: number, end: number): ByteString {
  return IS_QUICK ? (bytes as Latin1Buffer).latin1Slice(start, end) : bytes.toString('latin1', start, end);
}

/** Writes a byte string to memory, as much of it as there is room for, and returns how many bytes that are. */
export function putByteString(bytes: Buffer, text: ByteString, at: number): number {
  return IS_QUICK ? (bytes as Latin1Buffer).latin1Write(text, at) : bytes.write(text, at, 'latin1');
}
