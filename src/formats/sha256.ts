import { createHash, hash } from 'node:crypto';
import { smallSha256 } from './small-sha256.ts';

/** Bytes that come one after the other through SHA-256. */
export interface Sha256Stream {
  /** Takes what the bytes are now: they may be others as soon as it has returned. */
  update(bytes: Uint8Array): void;
  /** 64 hexadecimal digits. Nothing more can be done with it. */
  digest(): string;
}

/** A way to SHA-256 (FIPS 180-4). */
export interface Sha256 {
  /** 64 hexadecimal digits. */
  of(bytes: Uint8Array): string;
  open(): Sha256Stream;
}

let offered: (() => Sha256 | undefined) | undefined;
let chosen: Sha256 | undefined;
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
 * Offers a way that is nearer than node:crypto; it is asked for when the next bytes are there, and gives undefined if there is none. Offered
 * once more, it is not asked for again.
 */
export function offerSha256(find: () => Sha256 | undefined): void {
  if (offered !== find) chosen = undefined;
  offered = find;
}

/** SHA-256 as 64 hexadecimal digits; of a text: of its UTF-8 bytes. */
export function sha256(bytes: Uint8Array | string): string {
  const size = bytes.length;
  const whole = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
  if (size <= sparing) {
    sparing -= size;
    return smallSha256(whole);
  }
  return sha256Way().of(whole);
}

/** SHA-256 of bytes that are not there all at once. */
export function openSha256(): Sha256Stream {
  return sha256Way().open();
}

function sha256Way(): Sha256 {
  chosen ??= offered?.() ?? byNode();
  return chosen;
}

function byNode(): Sha256 {
  // Node before 20.12 has it not. Without an object for each it takes half the time.
  const inOneGo: typeof hash | undefined = hash;
  return {
    of: (bytes) =>
      inOneGo === undefined ? createHash('sha256').update(bytes).digest('hex') : inOneGo('sha256', bytes, 'hex'),
    open: () => {
      const running = createHash('sha256');
      return { update: (bytes) => void running.update(bytes), digest: () => running.digest('hex') };
    },
  };
}
