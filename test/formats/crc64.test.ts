import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Crc64, loadCrc64 } from '../../src/formats/crc64.ts';

const sum = (crc: Crc64, ...chunks: readonly Uint8Array[]): string => {
  crc.init();
  for (const chunk of chunks) crc.update(chunk);
  return crc.digest().toString('hex');
};

describe('CRC-64', () => {
  it("has the check value of Go's ISO table", async () => {
    // The catalogue of CRC algorithms: CRC-64/GO-ISO.
    const crc = (await loadCrc64())();
    expect(sum(crc, Buffer.from('123456789'))).toBe('b90956c775a41001');
    expect(sum(crc)).toBe('0000000000000000');
  });

  it('has the value that Docker stored for a file of 40000 bytes', async () => {
    // From the tar-split.json.gz of a layer of Docker 28.5.
    const crc = (await loadCrc64())();
    const expected = Buffer.from('NwLzVxrZ4j4=', 'base64').toString('hex');
    expect(sum(crc, Buffer.alloc(40000, '1'))).toBe(expected);
  });

  it('does not depend on the chunks, nor on files read in between', async () => {
    const create = await loadCrc64();
    const [crc, other] = [create(), create()];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(600), fc.nat(600), (bytes, a, b) => {
        const [first, second] = [Math.min(a, b), Math.max(a, b)];
        const whole = sum(crc, bytes);
        crc.init();
        crc.update(bytes.subarray(0, first));
        other.init();
        other.update(Buffer.alloc(200, 1));
        crc.update(bytes.subarray(first, second));
        other.update(Buffer.alloc(200, 2));
        crc.update(bytes.subarray(second));
        expect(crc.digest().toString('hex')).toBe(whole);
        expect(other.digest().toString('hex')).toBe(sum(other, Buffer.alloc(200, 1), Buffer.alloc(200, 2)));
      }),
    );
  });

  it('gives up a file that was begun but not finished', async () => {
    const crc = (await loadCrc64())();
    crc.init();
    crc.update(Buffer.alloc(1000));
    expect(sum(crc, Buffer.from('123456789'))).toBe('b90956c775a41001');
  });
});
