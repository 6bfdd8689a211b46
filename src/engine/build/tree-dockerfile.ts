import { closeSync, readFileSync } from 'node:fs';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { toByteString } from '../../formats/bytestring.ts';
import { openFile } from '../../host/open-file.ts';
import type { FileTree } from '../../snapshot/file-tree.ts';
import { resolvePath } from '../../snapshot/resolve-path.ts';
import { readBuildInput } from './read-input.ts';
import type { RemoteContext } from './remote-input.ts';

/** A Dockerfile is text that a person wrote; BuildKit stops at this size too. */
const MAX_FILE = 2 * 1024 * 1024;

/**
 * Finds the Dockerfile that a build of a context from elsewhere means: the text that came with it, a file of the context,
 * or (BuildKit) a file of this host whose path is absolute.
 *
 * @throws LL_CONTEXT in docker's words
 */
export function dockerfileIn(
  tree: FileTree,
  { options, builder }: Pick<RemoteContext, 'options' | 'builder'>,
): { readonly fileName: string; readonly text: Buffer } {
  const { dockerfileText, file } = options;
  if (dockerfileText !== undefined) return { fileName: 'Dockerfile', text: Buffer.from(dockerfileText) };
  if (builder === 'buildkit' && file?.startsWith('/')) return readBuildInput({ context: undefined, file });
  const name = file ?? 'Dockerfile';
  const lower = name.replace(/(^|\/)Dockerfile$/, '$1dockerfile');
  for (const fileName of new Set([name, lower])) {
    const text = readTreeFile(tree, fileName);
    if (text !== undefined) return checkText(fileName, text, builder);
  }
  throw new LayerlabError(
    'LL_CONTEXT',
    builder === 'classic'
      ? `Cannot locate specified Dockerfile: ${name}`
      : `failed to read dockerfile: open ${name}: no such file or directory`,
    { hint: 'The path of -f is relative to the root of the context that is fetched.' },
  );
}

/** The content of a file of a tree, links followed inside of it; undefined where there is none. Throws LL_LIMIT. */
export function readTreeFile(tree: FileTree, path: string): Buffer | undefined {
  const { node } = resolvePath(tree, toByteString(path), true);
  if (node?.kind !== 'file') return undefined;
  if (node.size > MAX_FILE) throw new LayerlabError('LL_LIMIT', `${path} is over ${MAX_FILE} bytes long`);
  const fd = openFile(node.path);
  try {
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

function checkText(
  fileName: string,
  text: Buffer,
  builder: RemoteContext['builder'],
): { fileName: string; text: Buffer } {
  if (text.length > 0) return { fileName, text };
  const which = builder === 'classic' ? ` (${fileName})` : '';
  throw new LayerlabError('LL_CONTEXT', `the Dockerfile${which} cannot be empty`);
}
