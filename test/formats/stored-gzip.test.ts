import { execFileSync } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { MOST_STORED, storedGzip } from '../../src/formats/stored-gzip.ts';

describe('a gzip member that is not compressed', () => {
  it.each([0, 1, 9, 2200, MOST_STORED])('of %d bytes is unpacked by zlib and by gzip', (size) => {
    const bytes = Buffer.from(Array.from({ length: size }, (_, i) => (i * 31) ^ (i >> 5)));
    const member = storedGzip(bytes);
    expect(gunzipSync(member)).toEqual(bytes);
    // Both look at the sums.
    expect(execFileSync('gzip', ['-dc'], { input: member })).toEqual(bytes);
  });

  it('is of the bytes that the standards say', () => {
    // RFC 1952 and 1951; the check value of CRC-32 in the catalogue of CRC algorithms is cbf43926.
    const header = '1f8b08000000000000ff';
    expect(storedGzip(Buffer.from('123456789')).toString('hex')).toBe(
      `${header}010900f6ff3132333435363738392639f4cb09000000`,
    );
  });

  it('may be followed by another', () => {
    const two = Buffer.concat([storedGzip(Buffer.from('a line\n')), storedGzip(Buffer.from('another\n'))]);
    expect(gunzipSync(two).toString()).toBe('a line\nanother\n');
  });
});
