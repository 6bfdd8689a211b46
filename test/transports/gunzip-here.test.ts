import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { gunzip } from '../../src/transports/decompress/gunzip.ts';
import { gunzipHere } from '../../src/transports/decompress/gunzip-here.ts';
import { decompress } from '../../src/transports/decompress.ts';

const TEXT = Buffer.from(Array.from({ length: 120_000 }, (_, at) => `${(at * 7919) % 10_007}\n`).join(''));
const PACKED = gzipSync(TEXT);

function* pieces(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield Buffer.from(bytes.subarray(at, at + size));
}

/** What came out, and how it ended. */
async function outcome(chunks: Iterable<Buffer> | AsyncIterable<Buffer>): Promise<{ bytes: string; end: string }> {
  const taken: Buffer[] = [];
  let end = 'whole';
  try {
    for await (const chunk of chunks) taken.push(Buffer.from(chunk));
  } catch (error) {
    end = (error as Error).message;
  }
  // What a stream had in its queue when it failed is lost.
  return { bytes: end === 'whole' ? Buffer.concat(taken).toString('base64') : '', end };
}

async function here(bytes: Buffer, size: number) {
  const chunks = gunzipHere(pieces(bytes, size));
  if (chunks === undefined) throw new Error('this Node is not known');
  return outcome(chunks);
}

const damaged = Buffer.from(PACKED);
damaged.fill(0x5a, 2000, 2040);
const wrongSum = Buffer.from(PACKED);
wrongSum[PACKED.length - 8] = (wrongSum[PACKED.length - 8] ?? 0) ^ 1;

const CASES: Readonly<Record<string, Buffer>> = {
  'one member': PACKED,
  'two members': Buffer.concat([PACKED, gzipSync(Buffer.from('more'))]),
  'an empty member': gzipSync(Buffer.alloc(0)),
  'zero bytes behind the end': Buffer.concat([PACKED, Buffer.alloc(700)]),
  'other bytes behind the end': Buffer.concat([PACKED, Buffer.from('something else')]),
  'a second member that breaks off': Buffer.concat([PACKED, PACKED.subarray(0, 3000)]),
  'a member that breaks off': PACKED.subarray(0, PACKED.length - 9),
  'a header alone': PACKED.subarray(0, 10),
  'half a header': PACKED.subarray(0, 5),
  nothing: Buffer.alloc(0),
  'damaged data': damaged,
  'a wrong sum': wrongSum,
};

describe('gunzipHere', () => {
  for (const [what, bytes] of Object.entries(CASES)) {
    for (const size of [1 << 20, 4096, 331]) {
      it(`does with ${what}, in pieces of ${size}, what Node's stream does`, async () => {
        expect(await here(bytes, size)).toEqual(await outcome(gunzip(pieces(bytes, size))));
      });
    }
  }

  it('does the same at any place where data is cut, spoiled or read', async () => {
    const whole = Buffer.concat([
      gzipSync(TEXT.subarray(0, 3000)),
      gzipSync(TEXT.subarray(3000, 5000)),
      Buffer.alloc(3),
    ]);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length),
        fc.nat(whole.length - 1),
        fc.nat(255),
        fc.integer({ min: 1, max: 900 }),
        async (end, at, change, size) => {
          const bytes = Buffer.from(whole);
          bytes[at] = (bytes[at] ?? 0) ^ change;
          const cut = bytes.subarray(0, end);
          expect(await here(cut, size)).toEqual(await outcome(gunzip(pieces(cut, size))));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('stops at a bomb', async () => {
    const bomb = gzipSync(Buffer.alloc(1 << 22));
    const { chunks } = decompress([bomb], { here: true, allowance: 1 << 20, maxRatio: 2 });
    await expect(outcome(chunks)).resolves.toMatchObject({
      end: 'compressed data unpacks to more than 2 times its size',
    });
  });
});
