import { warmWriters } from '../../committer/ahead/open-writers.ts';
import { warmHash } from '../../committer/hash-thread/stream-hash.ts';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { areMany } from '../../executor/copy/weigh-sources.ts';
import { toByteString } from '../../formats/bytestring.ts';
import type { Dockerfile } from '../../parser/parse-dockerfile.ts';
import type { FileTree } from '../../snapshot/file-tree.ts';
import { resolvePath } from '../../snapshot/resolve-path.ts';

/** As many words as are looked at: each costs a few `lstat`. */
const MOST_WORDS = 20;
/** What only the planner can read (variables, escapes), what names several files, what has to be fetched. */
const NOT_PLAIN = /[$\\*?[]|:\/\//;

/**
 * Begins the thread that large files are hashed in, or those that copy many files, while the build is still planned, where the
 * Dockerfile names such files of the context. A guess: whatever is wrong with a source is said where it is copied.
 */
export function beginEarly({ stages }: Dockerfile, context: FileTree): void {
  const named = stages
    .flatMap(({ instructions }) => instructions)
    .flatMap((one) => (one.kind === 'ADD' || (one.kind === 'COPY' && one.from === '') ? one.sources : []))
    .filter((word) => !NOT_PLAIN.test(word));
  const words = named.slice(0, MOST_WORDS);
  let largest = 0;
  try {
    for (const word of words) {
      const { node } = resolvePath(context, toByteString(word), true);
      if (node?.kind === 'file') largest = Math.max(largest, node.size);
    }
  } catch (error) {
    if (!(error instanceof LayerlabError)) throw error;
  }
  warmHash(largest);
  if (areMany(context, words)) warmWriters();
}
