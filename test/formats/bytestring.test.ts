import { describe, expect, it } from '@jest/globals';
import { byteStringAt, putByteString } from '../../src/formats/bytestring.ts';

const ALL = Array.from({ length: 256 }, (_, byte) => byte);

describe('byte strings in memory', () => {
  it('have a unit for each byte, whatever it is', () => {
    const memory = Buffer.from([7, ...ALL, 7]);
    const text = byteStringAt(memory, 1, 257);
    expect([...text].map((unit) => unit.charCodeAt(0))).toEqual(ALL);
    expect(byteStringAt(memory, 3, 3)).toBe('');
  });

  it('are written where they belong, and no further than there is room', () => {
    const memory = Buffer.alloc(260, 7);
    expect(putByteString(memory, String.fromCharCode(...ALL), 2)).toBe(256);
    expect([...memory]).toEqual([7, 7, ...ALL, 7, 7]);
    expect(putByteString(memory, 'abc', 258)).toBe(2);
    expect([...memory.subarray(256)]).toEqual([254, 255, 97, 98]);
  });
});
