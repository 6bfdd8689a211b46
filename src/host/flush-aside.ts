import { close, fsync, open } from 'node:fs';
import { type ByteString, fsPath } from '../formats/bytestring.ts';

/**
 * Begins to flush a small file beside this thread, which is to be flushed later anyway: what a journal holds of other files by now, as
 * thousands of new names, is then written together with it, and nobody waits for that. Promises nothing, and tells of no failure.
 */
export function flushAside(path: ByteString): void {
  open(fsPath(path), (error, file) => {
    if (error === null) fsync(file, () => close(file, () => undefined));
  });
}
