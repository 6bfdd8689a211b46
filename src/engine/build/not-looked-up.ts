import { LayerlabError } from '../../errors/layerlab-error.ts';

/**
 * Without a cache key to work out, BuildKit meets a source that is not in its stage or image only when it copies it; where the
 * stage that is copied to stands on `scratch` it works the key out all the same.
 */
export function asNotLookedUp(error: unknown): unknown {
  if (!(error instanceof LayerlabError) || error.code !== 'LL_SOURCE_NOT_FOUND') return error;
  // What stands in front of a pattern is not looked up before.
  if (error.message.startsWith('lstat ')) return error;
  const path = /"(.*)"/.exec(error.message)?.[1]?.replaceAll('\\\\', '\\') ?? '';
  return new LayerlabError('LL_SOURCE_NOT_FOUND', `lstat ${path}: no such file or directory`, {
    hint: 'Is it in the layers of that stage or image?',
  });
}
