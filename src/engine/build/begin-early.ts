import { warmWriters } from '../../committer/ahead/open-writers.ts';
import { warmHash } from '../../committer/hash-thread/stream-hash.ts';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { haveSomeFiles, isOneOfMany } from '../../executor/copy/weigh-sources.ts';
import { bootEarlyArchive } from '../../executor/steps/early-layer.ts';
import { toByteString } from '../../formats/bytestring.ts';
import type { Dockerfile } from '../../parser/parse-dockerfile.ts';
import type { FileNode, FileTree } from '../../snapshot/file-tree.ts';
import { resolvePath } from '../../snapshot/resolve-path.ts';

/** As many words as are looked at: each costs a few `lstat`. */
const MOST_WORDS = 20;
/** So many copies of some files each are first asked for layers that are there. */
const SOME_COPIES = 3;
/** What only the planner can read (variables, escapes), what names several files, what has to be fetched. */
const NOT_PLAIN = /[$\\*?[]|:\/\//;

/**
 * Begins the threads that a large archive is unpacked and large files are hashed in, or those that copy many files, before anything else of
 * a build is done, where the Dockerfile names such files of the context. A guess: whatever is wrong with a source is said where it
 * is copied.
 *
 * @param hasLayers whether earlier builds kept layers, which copies may turn out to be
 */
export function beginEarly({ stages }: Dockerfile, context: FileTree, hasLayers: boolean): void {
  const copies: (readonly string[])[] = [];
  const unpacked = new Set<string>();
  let left = MOST_WORDS;
  for (const one of stages.flatMap(({ instructions }) => instructions)) {
    if (one.kind !== 'ADD' && (one.kind !== 'COPY' || one.from !== '')) continue;
    const words = one.sources.filter((word) => !NOT_PLAIN.test(word)).slice(0, left);
    left -= words.length;
    copies.push(words);
    if (one.kind === 'ADD' && one.unpack !== false) for (const word of words) unpacked.add(word);
  }
  const archives: FileNode[] = [];
  let largest = 0;
  try {
    for (const word of copies.flat()) {
      const { node } = resolvePath(context, toByteString(word), true);
      if (node?.kind !== 'file') continue;
      largest = Math.max(largest, node.size);
      if (unpacked.has(word)) archives.push(node);
    }
    // It has the most to do.
    for (const archive of archives) bootEarlyArchive(archive);
  } catch (error) {
    if (!(error instanceof LayerlabError)) throw error;
  }
  warmHash(largest);
  // Several copies of some files may be layers that are there; else they share two threads, which begin when it is known that they are needed.
  const mayBeThere = hasLayers && copies.length >= SOME_COPIES && haveSomeFiles(context, copies[0] ?? []);
  if (!mayBeThere && isOneOfMany(context, copies)) warmWriters();
}
