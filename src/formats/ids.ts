import { randomBytes, randomHex } from './random.ts';

const CACHE_ID = /^(?:[0-9a-f]{64}(?:-init)?|[0-9a-z]{25})$/;
const LINK_ID = /^[A-Z2-7]{26}$/;
const CONTAINER_ID = /^[0-9a-f]{64}$/;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Whether the text names a folder of `overlay2/`: 64 hex digits (`-init` behind a container's), or BuildKit's 25 base-36 ones. */
export function isCacheId(text: string): boolean {
  return CACHE_ID.test(text);
}

/** Whether the text names a symbolic link of `overlay2/l/`: 26 letters of base 32. */
export function isLinkId(text: string): boolean {
  return LINK_ID.test(text);
}

/** Whether the text is a whole container id: 64 lower-case hexadecimal digits. */
export function isContainerId(text: string): boolean {
  return CONTAINER_ID.test(text);
}

/**
 * A random id of 64 hexadecimal digits. One whose short form (12 characters) is all decimal digits is drawn again, since it
 * could be taken for a number (moby pkg/stringid GenerateRandomID).
 */
export function newStringId(): string {
  for (;;) {
    const id = randomHex(32);
    if (!/^[0-9]{12}/.test(id)) return id;
  }
}

/** A random id of 25 base-36 digits, as BuildKit names a snapshot (buildkit identity.NewID). */
export function newIdentityId(): string {
  const bytes = randomBytes(17);
  // The top bit makes the number long enough for 26 digits; the first, which is not uniform, is dropped.
  bytes.writeUInt8(bytes.readUInt8(0) | 0x80, 0);
  return BigInt(`0x${bytes.toString('hex')}`)
    .toString(36)
    .slice(1, 26);
}

/** A random name for `overlay2/l/` (moby daemon/graphdriver/overlay2/overlayutils GenerateID). */
export function newLinkId(): string {
  let id = '';
  for (const byte of randomBytes(26)) id += BASE32.charAt(byte & 31);
  return id;
}
