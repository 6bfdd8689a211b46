import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ArchiveParts } from '../../../src/executor/copy/archive-parts.ts';
import {
  beginInflating,
  bootInflating,
  endBegunInflating,
  takeBegunInflating,
} from '../../../src/executor/copy/inflate-thread/begun-inflating.ts';
import { MOST_HELD } from '../../../src/executor/copy/inflate-thread/inflate-thread.ts';

const BUILT = fileURLToPath(new URL('../../../dist/inflate-worker.cjs', import.meta.url));

let folder: string;
let archive: string;
let early: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerlab-begun-'));
  archive = join(folder, 'archive');
  early = join(folder, 'early');
});
afterEach(async () => {
  await endBegunInflating();
  rmSync(folder, { recursive: true, force: true });
});

/** Both steps at once. */
function begin(): void {
  bootInflating(archive, BUILT);
  beginInflating(early);
}

/** What the parts of an archive hold when all is there. */
async function read(bytes: Buffer): Promise<{ parts: ArchiveParts; plain: Buffer | string }> {
  const parts = new ArchiveParts(archive, join(folder, 'spool'), false);
  parts.decompressed();
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of (parts.isBegun ? parts.unpackAside() : undefined) ?? [bytes])
      chunks.push(Buffer.from(chunk));
    return { parts, plain: Buffer.concat(chunks) };
  } catch (error) {
    return { parts, plain: String(error) };
  }
}

describe('an archive that is decompressed before anybody has asked for it', () => {
  const content = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * at) >> 9));

  it('is taken over, together with what is there', async () => {
    writeFileSync(archive, gzipSync(content));
    begin();
    const { parts, plain } = await read(Buffer.alloc(0));
    expect(parts.isBegun).toBe(true);
    expect(plain).toEqual(content);
    expect(existsSync(early)).toBe(false);
    expect(readFileSync(join(folder, 'spool'))).toEqual(content);
    await parts.close();
  });

  it('waits with the most of a large one until it is taken', async () => {
    const large = Buffer.alloc(MOST_HELD + (24 << 20), 'large ');
    writeFileSync(archive, gzipSync(large, { level: 1 }));
    begin();
    let size = -1;
    for (let same = 0; same < 10; ) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const now = statSync(early).size;
      same = now === size && now > 0 ? same + 1 : 0;
      size = now;
    }
    expect(size).toBeGreaterThan(MOST_HELD);
    expect(size).toBeLessThan(MOST_HELD + (1 << 20));
    const { parts, plain } = await read(Buffer.alloc(0));
    expect(Buffer.compare(Buffer.from(plain), large)).toBe(0);
    await parts.close();
  });

  it('is ended where nobody takes it, also while it waits', async () => {
    writeFileSync(archive, gzipSync(Buffer.alloc(MOST_HELD * 2), { level: 1 }));
    begin();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await endBegunInflating();
    const parts = new ArchiveParts(archive, join(folder, 'spool'), false);
    parts.decompressed();
    expect(parts.isBegun).toBe(false);
    await parts.close();
  });

  it('is begun once more where the archive is another one by then', async () => {
    writeFileSync(archive, gzipSync(content));
    utimesSync(archive, 1, 1);
    begin();
    writeFileSync(archive, gzipSync(Buffer.from('another')));
    const { parts } = await read(Buffer.alloc(0));
    expect(parts.isBegun).toBe(false);
    await parts.close();
  });

  it('is not taken for another archive', () => {
    writeFileSync(archive, gzipSync(content));
    begin();
    const { dev, ino, size, mtimeNs } = statSync(archive, { bigint: true });
    const stamp = `${dev}:${ino}:${size}:${mtimeNs}`;
    expect(takeBegunInflating(`${archive}2`, stamp, join(folder, 'spool'))).toBeUndefined();
  });

  it('says what is wrong with it to who takes it', async () => {
    writeFileSync(archive, gzipSync(content).subarray(0, 2000));
    begin();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { parts, plain } = await read(Buffer.alloc(0));
    expect(plain).toMatch(/gzip data is damaged: unexpected end of file/);
    await parts.close();
  });

  it('comes up before there is a place for it', async () => {
    writeFileSync(archive, gzipSync(content));
    bootInflating(archive, BUILT);
    await new Promise((resolve) => setTimeout(resolve, 200));
    beginInflating(early);
    const { parts, plain } = await read(Buffer.alloc(0));
    expect(parts.isBegun).toBe(true);
    expect(plain).toEqual(content);
    await parts.close();
  });

  it('is ended where no place was found for it', async () => {
    writeFileSync(archive, gzipSync(content));
    bootInflating(archive, BUILT);
    await endBegunInflating();
    beginInflating(early);
    expect(existsSync(early)).toBe(false);
  });

  it('is unpacked anew where its place is taken', async () => {
    writeFileSync(archive, gzipSync(content));
    writeFileSync(early, 'of another');
    begin();
    const parts = new ArchiveParts(archive, join(folder, 'spool'), false);
    parts.decompressed();
    expect(parts.isBegun).toBe(false);
    expect(readFileSync(early, 'utf8')).toBe('of another');
    await parts.close();
  });

  it('is no concern of who begins it where there is none', () => {
    expect(() => begin()).not.toThrow();
    expect(existsSync(early)).toBe(false);
  });
});
