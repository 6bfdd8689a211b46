import type { ByteString } from '../../../formats/bytestring.ts';
import { BLOCK } from '../../../formats/tar-block.ts';
import { putPlainHeader } from '../../../formats/tar-header.ts';

/** Where in a header its size and its checksum end, each in front of a zero byte. */
const [SIZE_END, SUM_START, SUM_END] = [134, 148, 153] as const;
const LONGEST_NAME = 100;
/** Sizes below this are numbers that need no division. */
const SMALL = 2 ** 31;
const DIGIT_0 = 0x30;

/**
 * Headers of the ordinary files of folders, as `putPlainHeader` makes them. Files of one folder mostly have the same mode and the same
 * time: then all but the name, the size and the checksum of a header is that of the one before.
 */
export class PlainHeaders {
  readonly #owner: { readonly uid: number; readonly gid: number };
  readonly #block = Buffer.alloc(BLOCK);
  #prefix: ByteString = '';
  #mode = -1;
  #mtime = -1;
  /** The sum of the block's bytes; negative where there can be no such block. */
  #sum = -1;

  constructor(owner: { readonly uid: number; readonly gid: number }) {
    this.#owner = owner;
  }

  /** Tells what stands in front of the names that come: empty, or with a slash at its end. */
  enter(prefix: ByteString): void {
    this.#prefix = prefix;
    this.#mode = -1;
  }

  /** Makes the header of a file where it is to stand. False where it is not so simple; what the bytes are then does not matter. */
  put(into: Uint8Array, at: number, name: ByteString, mode: number, size: number, mtime: number): boolean {
    if (mode !== this.#mode || mtime !== this.#mtime) this.#prepare(mode, mtime);
    const start = this.#prefix.length;
    const { length } = name;
    if (this.#sum < 0 || start + length > LONGEST_NAME || size >= SMALL) return false;
    into.set(this.#block, at);
    let sum = this.#sum;
    for (let index = 0, to = at + start; index < length; index++, to++) {
      const unit = name.charCodeAt(index);
      if (unit > 0x7f) return false;
      into[to] = unit;
      sum += unit;
    }
    for (let rest = size, to = at + SIZE_END; rest > 0; rest >>= 3, to--) {
      into[to] = DIGIT_0 + (rest & 7);
      sum += rest & 7;
    }
    for (let rest = sum, to = at + SUM_END; to >= at + SUM_START; rest >>= 3, to--) into[to] = DIGIT_0 + (rest & 7);
    return true;
  }

  #prepare(mode: number, mtime: number): void {
    this.#mode = mode;
    this.#mtime = mtime;
    this.#sum = -1;
    const { uid, gid } = this.#owner;
    const name = `${this.#prefix}x`;
    if (!putPlainHeader(this.#block, { name, mode, uid, gid, size: 0, mtime })) return;
    let sum = 0;
    for (let at = SUM_START; at <= SUM_END; at++) sum = sum * 8 + ((this.#block[at] as number) - DIGIT_0);
    this.#sum = sum - (this.#block[name.length - 1] as number);
    this.#block[name.length - 1] = 0;
  }
}
