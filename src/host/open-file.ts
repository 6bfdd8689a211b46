import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { type ByteString, fromByteString, fsPath } from '../formats/bytestring.ts';
import { ioError } from './io-error.ts';

/** A name that was looked at before may be another file by now: no link is followed, and a fifo does not hold us up. */
export const READS_FILE = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * Opens a file for reading whose name is known to be no symbolic link; one that has become a link since is refused. The
 * caller closes the descriptor. Throws LL_NO_RIGHT, LL_IO.
 */
export function openFile(path: ByteString): number {
  try {
    return openSync(fsPath(path), READS_FILE);
  } catch (error) {
    throw ioError(error, `opening ${fromByteString(path)}`);
  }
}

/** The text of a file, of whatever size; nothing where a fifo has been put in its place. Throws as `node:fs` does, also where that is a link. */
export function readText(path: ByteString): string {
  const fd = openSync(fsPath(path), READS_FILE);
  try {
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}
