import { closeSync, readSync } from 'node:fs';
import { EarlyFiles } from '../../committer/ahead/early-files.ts';
import { openWriters, type Writers } from '../../committer/ahead/open-writers.ts';
import { type ByteString, fromByteString } from '../../formats/bytestring.ts';
import { idleProcessors } from '../../host/idle-processors.ts';
import { ioError } from '../../host/io-error.ts';
import { openFile } from '../../host/open-file.ts';
import type { ChangeTree } from '../../snapshot/change-tree.ts';
import type { FileNode } from '../../snapshot/file-tree.ts';
import type { Snapshot } from '../../store/overlay2.ts';
import { detectCompression, MAGIC_LENGTH } from '../../transports/decompress/detect-compression.ts';
import type { BuildEnv, LayerStack } from '../build-env.ts';
import { makeSnapshot } from '../commit-layer.ts';
import { bootInflating } from '../copy/inflate-thread/begun-inflating.ts';

/** Archives of so many bytes mostly hold more files than one thread should copy; threads come up while it is read. */
export const LARGE_ARCHIVE = 16 * 1024 * 1024;
/** Decompressing takes two processors of its own. */
const MOST_BESIDE_INFLATING = 2;

/** A snapshot that is filled while the change that it is to hold is still being planned. */
export interface BegunLayer {
  readonly snapshot: Snapshot;
  /** They may still be on the way: see `EarlyFiles.settled`. */
  readonly files: EarlyFiles;
}

/** One thread has enough to do while the archive is read; each file takes more work where it is placed before. */
const LEAST_DEPTH = 4;

/** Threads for the archives of an ADD, and the layer that they begin with. */
export interface EarlyLayer {
  readonly writers: Writers;
  /** Takes the files of the archives; undefined where that would not pay. */
  readonly files: EarlyFiles | undefined;
  /** The layer, when the change is planned; it is the caller's from then on. Undefined where nothing can be kept of it. */
  take(tree: ChangeTree): Promise<BegunLayer | undefined>;
  /** Ends the threads, and removes a layer that nobody took. */
  close(): Promise<void>;
}

/**
 * Begins threads for an ADD that unpacks these archives; undefined where they are small or no processor is idle. The layer begins
 * with it where an archive is compressed: of a plain one the headers are known in so short a time that to handle each file twice
 * costs more than it saves.
 */
export function beginEarlyLayer(
  env: BuildEnv,
  stack: LayerStack,
  archives: readonly FileNode[],
): EarlyLayer | undefined {
  const large = archives.filter(({ size }) => size >= LARGE_ARCHIVE);
  if (large.length === 0) return undefined;
  const compressed = large.some(({ path }) => isCompressed(path));
  const writers = openWriters(0, compressed ? MOST_BESIDE_INFLATING : undefined);
  if (writers === undefined) return undefined;
  if (!compressed || writers.depth < LEAST_DEPTH) {
    return { writers, files: undefined, take: async () => undefined, close: () => writers.close() };
  }
  const { overlay, projected } = env.store;
  let snapshot: Snapshot | undefined;
  try {
    snapshot = makeSnapshot(env, stack[stack.length - 1]?.cacheId);
  } catch (error) {
    void writers.close();
    throw error;
  }
  const files = new EarlyFiles(writers, {
    diff: snapshot.diff,
    faithful: !projected,
    latestTime: env.timestamp,
    asFromTar: env.builder === 'classic',
  });
  const discard = (): void => {
    if (snapshot !== undefined) overlay.removeSnapshot(snapshot.cacheId);
    snapshot = undefined;
  };
  return {
    writers,
    files,
    take: async (tree) => {
      const own = snapshot;
      if (own === undefined) return undefined;
      if (!files.fits(tree)) {
        await files.stopped();
        discard();
        return undefined;
      }
      snapshot = undefined;
      return { snapshot: own, files };
    },
    close: async () => {
      await writers.close();
      discard();
    },
  };
}

/** Starts the thread that decompresses an archive that an ADD names, if it is one that threads would be begun for. */
export function bootEarlyArchive({ path, size }: FileNode): void {
  if (size < LARGE_ARCHIVE || idleProcessors(MOST_BESIDE_INFLATING) < MOST_BESIDE_INFLATING || !isCompressed(path))
    return;
  bootInflating(path);
}

function isCompressed(path: ByteString): boolean {
  const head = Buffer.alloc(MAGIC_LENGTH);
  const fd = openFile(path);
  try {
    return detectCompression(head.subarray(0, readSync(fd, head, 0, head.length, 0))) !== 'plain';
  } catch (error) {
    throw ioError(error, `reading ${fromByteString(path)}`);
  } finally {
    closeSync(fd);
  }
}
