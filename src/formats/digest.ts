import { LayerlabError } from '../errors/layerlab-error.ts';
import { sha256 } from './sha256.ts';

/** A sha256 digest as Docker writes it: `sha256:` and 64 lower-case hexadecimal digits. */
export type Digest = `sha256:${string}`;

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** The diff_id of a layer that changes nothing: sha256 of 1024 zero bytes (moby layer.DigestSHA256EmptyTar). */
export const EMPTY_LAYER: Digest = 'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef';

/** Whether the text is a whole sha256 digest. */
export function isDigest(text: string): text is Digest {
  return DIGEST.test(text);
}

/** Takes a whole sha256 digest and nothing else, or throws LL_DIGEST. */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new LayerlabError('LL_DIGEST', `invalid digest ${JSON.stringify(text.slice(0, 100))}`, {
    hint: 'A digest is "sha256:" and 64 hexadecimal digits in lower case.',
  });
}

/** The 64 hexadecimal digits of a digest. */
export function hexOf(digest: Digest): string {
  return digest.slice(7);
}

/** The sha256 of some bytes (of a text: its UTF-8 bytes). */
export function digestOf(bytes: Uint8Array | string): Digest {
  return `sha256:${sha256(bytes)}`;
}

/**
 * The chain id of a layer on top of `parent`; a base layer's is its diff id (image-spec identity.ChainID,
 * moby layer.CreateChainID).
 */
export function chainId(parent: Digest | undefined, diffId: Digest): Digest {
  return parent === undefined ? diffId : digestOf(`${parent} ${diffId}`);
}
