import { normalize } from 'node:path/posix';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { CopyAction } from '../../planner/step.ts';
import type { FileTree } from '../../snapshot/file-tree.ts';
import { type FoundSource, findSources } from './find-sources.ts';

/** What a word of the classic builder's COPY or ADD stands for. Throws in its words: LL_CONTEXT, LL_SOURCE_NOT_FOUND. */
export function findClassicSources(tree: FileTree, word: string, action: CopyAction): FoundSource[] {
  const instruction = action.kind.toUpperCase();
  if (/^\/*\.\.(\/|$)/.test(normalize(word))) {
    throw outside(instruction, word);
  }
  try {
    return findSources(tree, word, 'classic');
  } catch (error) {
    if (error instanceof LayerlabError && error.code === 'LL_BREAKOUT') throw outside(instruction, word);
    if (!(error instanceof LayerlabError) || error.code !== 'LL_SOURCE_NOT_FOUND') throw error;
    const path = word.replace(/^\/+/, '');
    throw new LayerlabError(
      'LL_SOURCE_NOT_FOUND',
      action.from.kind === 'context'
        ? `${instruction} failed: file not found in build context or excluded by .dockerignore: stat ${path}: file does not exist`
        : `${instruction} failed: stat ${path}: file does not exist`,
      error.hint === undefined ? {} : { hint: error.hint },
    );
  }
}

/** Docker says so of links that run in a circle too. */
function outside(instruction: string, word: string): LayerlabError {
  return new LayerlabError('LL_CONTEXT', `${instruction} failed: forbidden path outside the build context: ${word} ()`);
}
