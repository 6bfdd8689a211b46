import { closeSync, readSync } from 'node:fs';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fromByteString } from '../../formats/bytestring.ts';
import { ioError } from '../../host/io-error.ts';
import { openFile } from '../../host/open-file.ts';
import { mayHaveXattrs } from '../../host/xattrs.ts';

/** The tar of a layer, with the places of its contents in place of these. All of it can be cloned from thread to thread. */
export interface TarRecipe {
  /** Headers, paddings and the end: all that is no content, one behind the other. */
  readonly between: Uint8Array;
  /** The files that the contents are read from, with zero bytes between; one long text travels faster than many short ones. */
  readonly paths: ByteString;
  /** Numbers of each content. */
  readonly numbers: Float64Array;
}

/** Where in `between` a content stands, how many bytes it has, and 1 where its header holds good without extended attributes only. */
export const [AT, SIZE, BARE] = [0, 1, 2] as const;
export const RECIPE_NUMBERS = 3;

/** Bytes that go through sha256 at once: calls cost as much as some hundred bytes. */
const PIECE = 256 * 1024;

let shared: Buffer | undefined;

/**
 * Hands the bytes of a tar on, reading its contents.
 *
 * @param update takes the next bytes, which are overwritten once it is back
 * @param isStopped asked before each file; the rest is not done then
 * @param onBytes called with the bytes of content that were read so far
 * @returns false where a file has extended attributes that its header does not know of, or where it was stopped
 * @throws LL_CONTEXT where a file became shorter meanwhile, LL_NO_RIGHT, LL_IO
 */
export function readTar(
  { between, paths, numbers }: TarRecipe,
  update: (bytes: Uint8Array) => void,
  isStopped: () => boolean,
  onBytes?: (bytes: number) => void,
): boolean {
  shared ??= Buffer.allocUnsafeSlow(PIECE);
  const piece = shared;
  let [filled, at, bytes] = [0, 0, 0];
  const flush = (): void => {
    update(piece.subarray(0, filled));
    filled = 0;
  };
  const add = (end: number): void => {
    while (at < end) {
      if (filled === PIECE) flush();
      const count = Math.min(end - at, PIECE - filled);
      piece.set(between.subarray(at, at + count), filled);
      filled += count;
      at += count;
    }
  };
  const sources = paths.split('\0');
  for (let index = 0; index * RECIPE_NUMBERS < numbers.length; index++) {
    if (isStopped()) return false;
    const number = (which: number): number => numbers[index * RECIPE_NUMBERS + which] as number;
    const path = sources[index] as ByteString;
    const fd = openFile(path);
    try {
      // To ask the open file spares a look by its path: most have none.
      if (number(BARE) !== 0 && mayHaveXattrs(fd)) return false;
      add(number(AT));
      for (let left = number(SIZE); left > 0; ) {
        if (filled === PIECE) flush();
        const count = readSync(fd, piece, filled, Math.min(left, PIECE - filled), null);
        if (count === 0) {
          throw new LayerlabError('LL_CONTEXT', `${fromByteString(path)} became shorter while it was read`);
        }
        filled += count;
        left -= count;
      }
    } catch (error) {
      throw ioError(error, `reading ${fromByteString(path)}`);
    } finally {
      closeSync(fd);
    }
    bytes += number(SIZE);
    onBytes?.(bytes);
  }
  add(between.length);
  flush();
  return true;
}
