import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';

const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

describe('SHA-256', () => {
  let sha256: typeof import('../../src/formats/sha256.ts');
  beforeEach(async () => {
    jest.resetModules();
    sha256 = await import('../../src/formats/sha256.ts');
  });

  it('is what the standard says, of bytes and of texts, whole and in pieces', () => {
    expect(sha256.sha256('abc')).toBe(ABC);
    expect(sha256.sha256(Uint8Array.of(0x61, 0x62, 0x63))).toBe(ABC);
    const stream = sha256.openSha256();
    const piece = Buffer.from('a');
    stream.update(piece);
    // It may be overwritten at once.
    piece.write('b');
    stream.update(piece);
    stream.update(Buffer.from('c'));
    expect(stream.digest()).toBe(ABC);
  });

  it('comes from who offers it, who is asked once, when there are bytes', () => {
    const asked: string[] = [];
    sha256.offerSha256(() => {
      asked.push('which');
      return { of: (bytes) => `of ${bytes.length}`, open: () => ({ update: () => {}, digest: () => 'a stream' }) };
    });
    expect(asked).toEqual([]);
    expect(sha256.sha256('ä')).toBe('of 2');
    expect(sha256.openSha256().digest()).toBe('a stream');
    expect(asked).toEqual(['which']);
  });

  it('comes from the latest who offers it, also when others have given some', () => {
    expect(sha256.sha256('abc')).toBe(ABC);
    let asked = 0;
    const find = () => {
      asked += 1;
      return { of: () => 'another', open: sha256.openSha256 };
    };
    sha256.offerSha256(find);
    expect(sha256.sha256('abc')).toBe('another');
    sha256.offerSha256(find);
    expect([sha256.sha256('abc'), asked]).toEqual(['another', 1]);
  });

  it("is Node's where who offers has it not", () => {
    sha256.offerSha256(() => undefined);
    const bytes = Buffer.alloc(100_000, 7);
    const expected = createHash('sha256').update(bytes).digest('hex');
    expect(sha256.sha256(bytes)).toBe(expected);
    const stream = sha256.openSha256();
    for (let at = 0; at < bytes.length; at += 999) stream.update(bytes.subarray(at, at + 999));
    expect(stream.digest()).toBe(expected);
  });
});
