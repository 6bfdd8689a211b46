import { randomBytes as nodeRandomBytes } from 'node:crypto';

/** Fills the bytes with random ones that nobody can foretell; false where it cannot. */
export type FillRandom = (bytes: Buffer) => boolean;

let offered: (() => FillRandom | undefined) | undefined;
let fill: FillRandom | undefined;

/** Offers a way to random bytes that is nearer than node:crypto; it is asked for once, when the next ones are needed, and gives undefined if there is none. */
export function offerRandom(find: () => FillRandom | undefined): void {
  if (offered !== find) fill = undefined;
  offered = find;
}

/** So many random bytes (256 at the most), fit for names that nobody must foretell. */
export function randomBytes(size: number): Buffer {
  fill ??= offered?.() ?? (() => false);
  const bytes = Buffer.allocUnsafeSlow(size);
  return fill(bytes) ? bytes : nodeRandomBytes(size);
}

/** So many random bytes as two lower-case hexadecimal digits each. */
export function randomHex(size: number): string {
  return randomBytes(size).toString('hex');
}
