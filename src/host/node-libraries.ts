import { LayerlabError } from '../errors/layerlab-error.ts';
import { type Crc32, offerCrc32 } from '../formats/crc32.ts';
import { type FillRandom, offerRandom } from '../formats/random.ts';
import { offerSha256, type Sha256, type Sha256Stream } from '../formats/sha256.ts';
import { type LibcFunction, libcHas, libcIsNear, nativeCall } from './libc.ts';

const SHA256_FUNCTIONS: readonly LibcFunction[] = ['SHA256', 'SHA256_Init', 'SHA256_Update', 'SHA256_Final'];
/** Those that this was tried on. */
const KNOWN: ReadonlySet<string> = new Set(['x64', 'arm64']);

const DIGEST_SIZE = 32;
/** SHA256_CTX of OpenSSL (include/openssl/sha.h): 28 numbers of 32 bits, the same since version 0.9.8; with room to spare. */
const CONTEXT_SIZE = 256;
/** FIPS 180-4: the one-block message "abc". */
const SHA256_PROBE = { text: 'abc', digest: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' };
/** The check value of CRC-32 in the catalogue of CRC algorithms. */
const CRC32_PROBE = { text: '123456789', sum: 0xcbf43926 };

/**
 * Has sha256, CRC-32 and random bytes come from where Node itself takes them, its OpenSSL, its zlib and the kernel, called directly,
 * wherever that is possible: node:crypto takes 4 to 5 ms to load, as it loads all of Node's streams, and 2 µs more for each digest.
 */
export function useNodeLibraries(): void {
  offerSha256(nativeSha256);
  offerCrc32(nativeCrc32);
  offerRandom(nativeRandom);
}

/** Undefined where Node is not linked with an OpenSSL that gives these functions away, or they do not do what they should. */
export function nativeSha256(): Sha256 | undefined {
  if (!isUsable() || !SHA256_FUNCTIONS.every(libcHas)) return undefined;
  const inOneGo = nativeCall('SHA256');
  const result = Buffer.allocUnsafeSlow(DIGEST_SIZE);
  const of = (bytes: Uint8Array): string => {
    if (Number(inOneGo(bytes, bytes.length, result)) === 0) throw new LayerlabError('LL_IO', 'OpenSSL could not hash');
    return result.toString('hex');
  };
  const native = { of, open: openNative };
  return isRight(native) ? native : undefined;
}

function openNative(): Sha256Stream {
  const update = nativeCall('SHA256_Update');
  const context = Buffer.allocUnsafeSlow(CONTEXT_SIZE);
  nativeCall('SHA256_Init')(context);
  return {
    update: (bytes) => void update(context, bytes, bytes.length),
    digest: () => {
      const result = Buffer.allocUnsafeSlow(DIGEST_SIZE);
      nativeCall('SHA256_Final')(result, context);
      return result.toString('hex');
    },
  };
}

function isRight({ of, open }: Sha256): boolean {
  const text = Buffer.from(SHA256_PROBE.text);
  const stream = open();
  for (const byte of text) stream.update(Uint8Array.of(byte));
  try {
    return of(text) === SHA256_PROBE.digest && stream.digest() === SHA256_PROBE.digest;
  } catch {
    return false;
  }
}

/** Undefined where Node is not linked with a zlib that gives it away. */
export function nativeCrc32(): Crc32 | undefined {
  if (!isUsable() || !libcHas('crc32')) return undefined;
  const native = nativeCall('crc32');
  const sum = (bytes: Uint8Array): number => Number(native(0, bytes, bytes.length));
  return sum(Buffer.from(CRC32_PROBE.text)) >>> 0 === CRC32_PROBE.sum ? sum : undefined;
}

/** Undefined where the C library has no such call (glibc before 2.25). */
export function nativeRandom(): FillRandom | undefined {
  if (!isUsable() || !libcHas('getrandom')) return undefined;
  const getrandom = nativeCall('getrandom');
  return (bytes) => getrandom(bytes, bytes.length, 0) === bytes.length;
}

function isUsable(): boolean {
  return process.platform === 'linux' && KNOWN.has(process.arch) && libcIsNear(true);
}
