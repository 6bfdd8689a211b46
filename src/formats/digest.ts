import { createHash, hash } from 'node:crypto';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { smallSha256 } from './small-sha256.ts';

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

function sha256(bytes: Uint8Array | string): string {
  const size = bytes.length;
  if (size <= sparing) {
    sparing -= size;
    return smallSha256(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
  }
  // Node before 20.12 has it not. Without an object for each it takes half the time.
  const inOneGo: typeof hash | undefined = hash;
  return inOneGo === undefined ? createHash('sha256').update(bytes).digest('hex') : inOneGo('sha256', bytes, 'hex');
}

/** Bytes that are still to be hashed without node:crypto. */
let sparing = 0;
/** As long as node:crypto takes to load, the other way takes for some ten times as many. */
const FEW = 16 * 1024;

/** Says that a short command begins, which will perhaps hash one config: node:crypto is loaded when it turns out to be more. */
export function expectFewDigests(): void {
  sparing = FEW;
}

/** Says that it will be more. */
export function expectManyDigests(): void {
  sparing = 0;
}

/**
 * The chain id of a layer on top of `parent`; a base layer's is its diff id (image-spec identity.ChainID,
 * moby layer.CreateChainID).
 */
export function chainId(parent: Digest | undefined, diffId: Digest): Digest {
  return parent === undefined ? diffId : digestOf(`${parent} ${diffId}`);
}
