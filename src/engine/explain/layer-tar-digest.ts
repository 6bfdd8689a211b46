import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { Digest } from '../../formats/digest.ts';
import { openSha256 } from '../../formats/sha256.ts';
import { layerTar } from '../../store/layer-tar.ts';
import type { Store } from '../../store/store.ts';

/** The digest of a layer's tar as it can be put together today; undefined where a file of it is missing or has changed. */
export async function layerTarDigest(store: Store, chain: Digest): Promise<Digest | undefined> {
  try {
    const hash = openSha256();
    for (const chunk of await layerTar(store, chain)) hash.update(chunk);
    return `sha256:${hash.digest()}`;
  } catch (error) {
    if (error instanceof LayerlabError && (error.code === 'LL_CORRUPT' || error.code === 'LL_BREAKOUT'))
      return undefined;
    throw error;
  }
}
