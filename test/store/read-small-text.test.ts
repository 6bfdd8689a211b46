import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toByteString } from '../../src/formats/bytestring.ts';
import { libcHas } from '../../src/host/libc.ts';
import { readSeldomText, readSmallText } from '../../src/store/read-small-file.ts';

let folder: string;
const at = (name: string): string => toByteString(join(folder, name));

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerlab-small-text-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each([
  ['readSmallText', readSmallText, false],
  ['readSeldomText', readSeldomText, false],
  ['readSmallText, when the calls of the host are loaded', readSmallText, true],
  ['readSeldomText, when the calls of the host are loaded', readSeldomText, true],
])('%s', (_name, read, loaded) => {
  beforeAll(() => {
    if (loaded) libcHas('statx');
  });

  it.each([
    ['of nothing', 0],
    ['of some bytes', 71],
    ['as large as the limit', 100],
    ['of the largest', 1024],
  ])('reads a file %s', (title, size) => {
    writeFileSync(join(folder, title), Buffer.alloc(size, 0xe9));
    expect(read(at(title), Math.max(size, 100))).toBe('\xe9'.repeat(size));
  });

  it('reads through a link to a file', () => {
    writeFileSync(join(folder, 'target'), 'text');
    rmSync(join(folder, 'link'), { force: true });
    symlinkSync('target', join(folder, 'link'));
    expect(read(at('link'), 100)).toBe('text');
  });

  it('knows what is absent', () => {
    writeFileSync(join(folder, 'file'), '');
    expect([read(at('none'), 100), read(at('file/below'), 100)]).toEqual([undefined, undefined]);
  });

  it.each([
    [101, 100],
    [1025, 1024],
    [5000, 1024],
  ])('refuses %d bytes where %d are the limit', (size, limit) => {
    writeFileSync(join(folder, 'large'), Buffer.alloc(size));
    expect(() => read(at('large'), limit)).toThrow(expect.objectContaining({ code: 'LL_LIMIT' }));
  });

  it('takes nothing but a file, and waits for no writer', () => {
    mkdirSync(join(folder, 'dir'), { recursive: true });
    rmSync(join(folder, 'fifo'), { force: true });
    expect(spawnSync('mkfifo', [join(folder, 'fifo')]).status).toBe(0);
    rmSync(join(folder, 'device'), { force: true });
    symlinkSync('/dev/zero', join(folder, 'device'));
    for (const name of ['dir', 'fifo', 'device']) {
      expect(() => read(at(name), 100)).toThrow(expect.objectContaining({ code: 'LL_CORRUPT' }));
    }
  });
});
