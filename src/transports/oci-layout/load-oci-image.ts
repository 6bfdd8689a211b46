import { applyTar } from '../../committer/apply-tar.ts';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { ByteString } from '../../formats/bytestring.ts';
import { chainId, type Digest } from '../../formats/digest.ts';
import { type ImageConfig, parseImageConfig } from '../../formats/image-config.ts';
import type { Store } from '../../store/store.ts';
import { decompress } from '../decompress.ts';
import { findOciManifest, type OciChoice } from './find-manifest.ts';
import { openOciBlobs } from './oci-blobs.ts';
import { badLayout } from './oci-descriptor.ts';

/** An image whose layers are in the store, while the image itself is not: its id is that of its config. */
export interface OciImage {
  readonly id: Digest;
  readonly config: ImageConfig;
}

const CONFIG_LIMIT = 8 << 20;
const NOT_DISTRIBUTED = /nondistributable|foreign/;

/**
 * Brings the layers of an image of an OCI layout into a store (image-spec image-layout.md); they may be plain, gzip or zstd.
 * Every blob is checked by its digest, every layer by its diff_id too, and nothing is left of one that is wrong. The store's
 * lease holds the layers. Throws LL_ARCHIVE, LL_DIGEST, LL_JSON, LL_LIMIT and what `applyTar` does.
 */
export async function loadOciImage(store: Store, folder: ByteString, choice: OciChoice): Promise<OciImage> {
  const blobs = openOciBlobs(folder);
  const manifest = findOciManifest(blobs, choice);
  const config = parseImageConfig(blobs.read(manifest.config, CONFIG_LIMIT));
  if (config.os !== '' && config.os !== 'linux') throw badLayout(`its image is for ${config.os}`);
  if (config.diffIds.length !== manifest.layers.length) {
    throw badLayout(`its manifest has ${manifest.layers.length} layers, the config ${config.diffIds.length}`);
  }
  let parent: Digest | undefined;
  for (const [index, diffId] of config.diffIds.entries()) {
    const layer = manifest.layers[index];
    if (layer === undefined || NOT_DISTRIBUTED.test(layer.mediaType))
      throw badLayout(`layer ${index} is kept elsewhere`);
    await applyTar({
      store,
      parent,
      expectedDiffId: diffId,
      chunks: decompress(blobs.chunks(layer)).chunks,
      wrongDigest: (found) =>
        new LayerlabError('LL_DIGEST', `layer ${index} of the OCI image layout is ${found}, not ${diffId}`),
    });
    parent = chainId(parent, diffId);
  }
  return { id: manifest.config.digest, config };
}
