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

interface Begun {
  readonly path: ByteString;
  readonly stamp: string;
  readonly source: number;
  readonly thread: InflateThread;
  /** The file that takes what comes out, and where it is, as soon as there is a place for it. */
  spool?: { readonly file: number; readonly path: ByteString };
}

let begun: Begun | undefined;

/**
 * Starts the thread for an archive that an ADD will probably unpack. It takes as long to come up as it takes to find out where the
 * snapshots are, and to plan the build: `beginInflating` says where to. Whatever goes wrong is said to who takes the archive.
 * `endBegunInflating` ends what nobody took.
 *
 * @param script the file of the thread, if not the one beside this bundle
 */
export function bootInflating(path: ByteString, script?: string): void {
  if (begun !== undefined) return;
  let source: number | undefined;
  try {
    source = openFile(path);
    const stamp = fileStamp(source);
    const files = { source, target: undefined, name: fromByteString(path) };
    const thread = startInflateThread(files, { isHeld: true, ...(script === undefined ? {} : { script }) });
    if (thread !== undefined) {
      begun = { path, stamp, source, thread };
      return;
    }
  } catch {
    // Who unpacks it meets the same.
  }
  if (source !== undefined) closeSync(source);
}

/**
 * Lets the thread that was started decompress its archive; some megabytes of it, until it is taken.
 *
 * @param spoolPath a file that is not there yet, on the file system of the snapshots
 */
export function beginInflating(spoolPath: ByteString): void {
  if (begun === undefined || begun.spool !== undefined) return;
  try {
    begun.spool = { file: openSync(fsPath(spoolPath), 'wx+', 0o600), path: spoolPath };
  } catch {
    // Then it is unpacked as if nobody had begun.
    return;
  }
  begun.thread.into(begun.spool.file);
}

/**
 * The archive that was begun, if it is this one as it lies there now; its file is renamed. The thread reads on by a number of its
 * own, which is closed when the thread is.
 *
 * @param stamp of the archive that is open (see fileStamp)
 */
export function takeBegunInflating(path: ByteString, stamp: string, spoolPath: ByteString): BegunInflating | undefined {
  const own = begun;
  if (own?.spool === undefined || own.path !== path || own.stamp !== stamp) return undefined;
  try {
    renameSync(fsPath(own.spool.path), fsPath(spoolPath));
  } catch {
    // Then it is unpacked as if nobody had begun.
    return undefined;
  }
  begun = undefined;
  own.thread.release();
  return {
    spool: own.spool.file,
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
  if (unused.spool !== undefined) closeSync(unused.spool.file);
}
