import { closeSync, openSync, renameSync } from 'node:fs';
import { fileStamp } from '../../../committer/part-reader.ts';
import { type ByteString, fromByteString, fsPath } from '../../../formats/bytestring.ts';
import { openFile } from '../../../host/open-file.ts';
import { type InflateThread, startInflateThread } from './inflate-thread.ts';

/** An archive that is being decompressed before anybody has asked for it. */
export interface BegunInflating {
  /** The file that it goes into, open for reading and writing; it is the taker's now. */
  readonly spool: number;
  readonly thread: InflateThread;
}

interface Begun extends BegunInflating {
  readonly path: ByteString;
  readonly stamp: string;
  readonly source: number;
  readonly spoolPath: ByteString;
}

let begun: Begun | undefined;

/**
 * Begins to decompress an archive that an ADD will probably unpack; some megabytes of it, until it is taken. Whatever goes wrong is
 * said to who takes it, or when it is done then. `endBegunInflating` ends what nobody took.
 *
 * @param spoolPath a file that is not there yet, on the file system of the snapshots
 * @param script the file of the thread, if not the one beside this bundle
 */
export function beginInflating(path: ByteString, spoolPath: ByteString, script?: string): void {
  if (begun !== undefined) return;
  const opened: number[] = [];
  try {
    const source = openFile(path);
    opened.push(source);
    const stamp = fileStamp(source);
    const spool = openSync(fsPath(spoolPath), 'wx+', 0o600);
    opened.push(spool);
    const files = { source, target: spool, name: fromByteString(path) };
    const thread = startInflateThread(files, { isHeld: true, ...(script === undefined ? {} : { script }) });
    if (thread !== undefined) {
      begun = { path, stamp, source, spool, spoolPath, thread };
      return;
    }
  } catch {
    // Who unpacks it meets the same.
  }
  for (const file of opened) closeSync(file);
}

/**
 * The archive that was begun, if it is this one as it lies there now; its file is renamed. The thread reads on by a number of its
 * own, which is closed when the thread is.
 *
 * @param stamp of the archive that is open (see fileStamp)
 */
export function takeBegunInflating(path: ByteString, stamp: string, spoolPath: ByteString): BegunInflating | undefined {
  const own = begun;
  if (own === undefined || own.path !== path || own.stamp !== stamp) return undefined;
  try {
    renameSync(fsPath(own.spoolPath), fsPath(spoolPath));
  } catch {
    // Then it is unpacked as if nobody had begun.
    return undefined;
  }
  begun = undefined;
  own.thread.release();
  return {
    spool: own.spool,
    thread: {
      ...own.thread,
      close: async () => {
        await own.thread.close();
        closeSync(own.source);
      },
    },
  };
}

/** Returns when nothing is decompressed any more that nobody took. Its file is left to who removes the folder. */
export async function endBegunInflating(): Promise<void> {
  const unused = begun;
  begun = undefined;
  if (unused === undefined) return;
  await unused.thread.close();
  closeSync(unused.source);
  closeSync(unused.spool);
}
