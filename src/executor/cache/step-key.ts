import { createHash } from 'node:crypto';

export type KeyPart = string | number | boolean | null | undefined | readonly KeyPart[];

/**
 * The key of a step in the build cache: 64 hex digits. The parts are framed as JSON, so that no two different lists can
 * run into the same text; what is secret in them does not show.
 */
export function stepKey(parts: readonly KeyPart[]): string {
  return createHash('sha256')
    .update(JSON.stringify(['layerlab step 1', ...parts]))
    .digest('hex');
}
