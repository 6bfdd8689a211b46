import { LayerlabError } from '../errors/layerlab-error.ts';
import { bunzip } from './decompress/bzip2.ts';
import { type Compression, detectCompression, MAGIC_LENGTH } from './decompress/detect-compression.ts';
import { gunzip } from './decompress/gunzip.ts';
import { gunzipHere } from './decompress/gunzip-here.ts';
import { unxz } from './decompress/unxz.ts';
import { unzstd } from './decompress/unzstd.ts';

export { type Compression, detectCompression } from './decompress/detect-compression.ts';

export interface DecompressLimits {
  /** Bytes of output that are fine whatever the input; 1 GiB unless told. */
  readonly allowance?: number;
  /** Bytes of output for each byte of input beyond that; 1,100 unless told: just above what gzip can reach. */
  readonly maxRatio?: number;
  /** Decompress gzip in this thread, where nothing else waits for it; a piece may then be overwritten once the next is asked for. */
  readonly here?: boolean;
}

export interface Decompressed {
  readonly compression: Compression;
  /** Plain data comes as it is, synchronously. A chunk may be overwritten once the next is asked for. */
  readonly chunks: Iterable<Buffer> | AsyncIterable<Buffer>;
}

const DECODERS: Readonly<Record<Exclude<Compression, 'plain'>, (source: Iterable<Buffer>) => AsyncIterable<Buffer>>> = {
  gzip: gunzip,
  bzip2: bunzip,
  xz: unxz,
  zstd: unzstd,
};

/**
 * Finds out how a stream of bytes is compressed, by its first bytes, and gives its content as a stream. Runs no program. The
 * chunks throw LL_ARCHIVE for damaged data and LL_LIMIT for a bomb.
 */
export function decompress(source: Iterable<Buffer>, limits: DecompressLimits = {}): Decompressed {
  const chunks = source[Symbol.iterator]();
  const head = readHead(chunks);
  const compression = detectCompression(head);
  const whole = chain(head, chunks);
  if (compression === 'plain') return { compression, chunks: whole };
  const counted = { bytes: 0 };
  const bytes = counting(whole, counted);
  const here = compression === 'gzip' && limits.here === true ? gunzipHere(bytes) : undefined;
  return { compression, chunks: guarded(here ?? DECODERS[compression](copied(bytes)), counted, limits) };
}

function readHead(chunks: Iterator<Buffer>): Buffer {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < MAGIC_LENGTH) {
    const next = chunks.next();
    if (next.done === true) break;
    head = head.length === 0 ? Buffer.from(next.value) : Buffer.concat([head, next.value]);
  }
  return head;
}

function* chain(head: Buffer, rest: Iterator<Buffer>): Generator<Buffer> {
  try {
    if (head.length > 0) yield head;
    for (let next = rest.next(); next.done !== true; next = rest.next()) yield next.value;
  } finally {
    rest.return?.();
  }
}

function* counting(source: Iterable<Buffer>, counted: { bytes: number }): Generator<Buffer> {
  for (const chunk of source) {
    counted.bytes += chunk.length;
    yield chunk;
  }
}

/** Most decoders work ahead, in threads or queues, so they get buffers of their own. */
function* copied(source: Iterable<Buffer>): Generator<Buffer> {
  for (const chunk of source) yield Buffer.from(chunk);
}

async function* guarded(
  source: AsyncIterable<Buffer> | Iterable<Buffer>,
  input: { readonly bytes: number },
  { allowance = 2 ** 30, maxRatio = 1100 }: DecompressLimits,
): AsyncGenerator<Buffer> {
  let output = 0;
  for await (const chunk of source) {
    output += chunk.length;
    if (output > allowance + input.bytes * maxRatio) {
      throw new LayerlabError('LL_LIMIT', `compressed data unpacks to more than ${maxRatio} times its size`);
    }
    yield chunk;
  }
}
