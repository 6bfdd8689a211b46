import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findLine } from '../../../src/executor/cache/find-line.ts';

describe('a line of a file', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'layerlab-line-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const find = (text: string, begin: string, most = 5): string | undefined => {
    writeFileSync(join(root, 'file'), text, 'latin1');
    return findLine(join(root, 'file'), Buffer.from(begin, 'latin1'), most);
  };

  it('is found by what it begins with, be it the first, the last, or in between', () => {
    const text = 'one 1\ntwo 2\nthree 3';
    expect(find(text, 'one ')).toBe('1\ntwo');
    expect(find(text, 'two ')).toBe('2\nthr');
    expect(find(text, 'three ')).toBe('3');
    expect([find(text, 'wo '), find(text, 'four'), find('', 'a')]).toEqual([undefined, undefined, undefined]);
  });

  it('is none of a file that was looked through before', () => {
    expect(find(`${'x'.repeat(100_000)}\nline:value\n`, 'line:')).toBe('value');
    expect(find('short\n', 'line:')).toBeUndefined();
    expect(find('line:v', 'line:', 100_000)).toBe('v');
  });

  it('is found wherever the pieces end in which the file is read', () => {
    const line = 'begin-of-line:value\n';
    for (const shift of [-30, -20, -16, -15, -14, -10, -6, -5, -4, -1, 0, 1, 2, 5, 20]) {
      for (const piece of [32_768, 262_144, 294_912, 524_288, 557_056]) {
        const text = `${'x'.repeat(piece + shift)}\n${line}${'y'.repeat(300_000)}`;
        expect(find(text, 'begin-of-line:')).toBe('value');
        expect(find(text.slice(0, piece + shift + line.length), 'begin-of-line:', 50)).toBe('value');
      }
    }
  });
});
