import { digestOf, hexOf } from '../../formats/digest.ts';

export type KeyPart = string | number | boolean | null | undefined | readonly KeyPart[];

/**
 * The key of a step in the build cache: 64 hex digits. The parts are framed as JSON, so that no two different lists can
 * run into the same text; what is secret in them does not show.
 */
export function stepKey(parts: readonly KeyPart[]): string {
  const all = ['layerlab step 1', ...parts];
  // Asked of each value, JSON takes three times as long.
  const text = isPlain(all) ? JSON.stringify(all) : JSON.stringify(all, (_key, value: unknown) => framed(value));
  return hexOf(digestOf(text));
}

function isPlain(part: KeyPart): boolean {
  return Array.isArray(part) ? part.every(isPlain) : part !== undefined && typeof part !== 'number';
}

/** What JSON writes as something else (`null`, `0`) gets a form of its own: no part is an object. */
function framed(value: unknown): unknown {
  if (value === undefined) return { is: 'undefined' };
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))) return { is: String(1 / value) };
  return value;
}
