import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Entry, tarOf, unpackBothWays } from './unpack-both-ways.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerlab-early-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, content = `content of ${name}`): Entry => ({ name, content });
const dir = (name: string, mode = 0o755): Entry => ({ name: `${name}/`, type: '5', mode });
const link = (name: string, linkname: string): Entry => ({ name, type: '2', linkname });
const again = (name: string, linkname: string): Entry => ({ name, type: '1', linkname });
const large = 'large '.repeat(100_000);

describe('files of an archive that are placed while it is read', () => {
  // Each with the files that stay where they were placed; undefined: everything is done again.
  it.each<[string, readonly Entry[], readonly string[] | undefined]>([
    [
      'in any order',
      [dir('b'), file('b/2'), file('b/1'), dir('a'), file('a/x', large), file('top')],
      ['a/x', 'b/1', 'b/2', 'top'],
    ],
    [
      'in folders that are named later, or never',
      [file('a/b/c'), file('d/e'), dir('a/b', 0o700), dir('a', 0o711)],
      ['a/b/c', 'd/e'],
    ],
    ['that have a further name', [file('z'), again('a', 'z'), file('other')], ['other']],
    ['that have several', [file('m'), again('z', 'm'), again('a', 'z'), file('other')], ['other']],
    ['that are empty', [file('a', ''), dir('d'), file('d/b', ''), file('c')], ['c']],
    ['beside links', [link('l', 'f'), file('f'), link('d', 'e'), dir('e'), link('e/up', '../f')], ['f']],
    [
      'through a link to a folder',
      [dir('real'), link('short', 'real'), file('short/a'), file('real/b')],
      ['real/a', 'real/b'],
    ],
    ['through a link to nowhere', [link('short', 'made/there'), file('short/a')], ['made/there/a']],
    [
      'through a link in its own folder that a file replaces',
      [dir('a'), link('a/b', '.'), file('a/b/c'), file('a/b')],
      ['a/b', 'a/c'],
    ],
    ['twice', [file('a', 'first'), file('b'), file('a', 'second')], undefined],
    ['twice, the second time empty', [file('a', 'first'), file('b'), file('a', '')], ['b']],
    ['and replaced by a link', [file('a'), file('b'), link('a', 'b')], ['b']],
    ['and replaced by a folder', [file('a'), file('b'), dir('a'), file('c')], ['b', 'c']],
    ['and replaced by a folder that files are in', [file('a'), dir('a'), file('a/b')], undefined],
    ['in a folder that a file replaces', [dir('a'), file('a/b'), file('a'), file('c')], undefined],
    ['in a folder that an empty file replaces', [dir('a'), file('a/b'), file('a', ''), file('c')], undefined],
    ['in a folder that a link replaces', [file('a/b'), link('a', 'c'), file('a/d')], undefined],
    ['and linked to, then replaced', [file('a'), again('b', 'a'), file('a', 'new')], undefined],
    ['where a link was replaced by a folder', [link('a', 'b'), dir('a'), file('a/c')], ['a/c']],
  ])('%s give the layer and the files that two passes give', async (_, entries, kept) => {
    for (const gzip of [false, true]) {
      const both = await unpackBothWays(folder, tarOf(entries), { faithful: false, gzip });
      expect(both.early).toEqual(both.twoPasses);
      expect(both.early.files).toBeDefined();
      expect(both.kept).toEqual(kept);
    }
  });

  it.each<[string, Buffer, RegExp]>([
    ['breaks off in a content', tarOf([file('a'), file('b', large)]).subarray(0, 100_000), /unexpected end of the tar/],
    ['breaks off in a header', tarOf([file('a'), file('b')]).subarray(0, 1300), /unexpected end of the tar/],
    ['leaves its folder', tarOf([file('a'), file('../b')]), /would leave its folder/],
    ['links to what is not there', tarOf([file('a'), again('b', 'c')]), /its target is not there/],
    ['holds a mark of a deletion', tarOf([file('a'), file('d/.wh.b')]), /names that begin with .wh./],
    ['goes through a file', tarOf([file('a'), file('a/b')]), /not a directory/],
  ])('are refused in the same words where the archive %s', async (_, tar, words) => {
    const { early, twoPasses } = await unpackBothWays(folder, tar, { faithful: false });
    expect(early).toEqual(twoPasses);
    expect(early.layer).toMatch(words);
  });

  it('are those of the tar that comes first, whatever follows it', async () => {
    const tar = Buffer.concat([tarOf([file('a'), file('b')]), tarOf([file('c')]), Buffer.from('rest')]);
    const { early, twoPasses, kept } = await unpackBothWays(folder, tar, { faithful: false });
    expect(early).toEqual(twoPasses);
    expect(kept).toEqual(['a', 'b']);
  });

  it.each([
    ['bounded', { latestTime: 1_000_000_000n * 1_000_000_000n }],
    ['whole seconds', { asFromTar: true }],
  ])('have times that are %s as in two passes', async (_, form) => {
    const { early, twoPasses, kept } = await unpackBothWays(folder, tarOf([dir('a'), file('a/b'), file('c')]), {
      faithful: false,
      ...form,
    });
    expect(early).toEqual(twoPasses);
    expect(kept).toEqual(['a/b', 'c']);
  });

  it('give the same for any archive', async () => {
    const name = fc
      .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 })
      .map((names) => names.join('/'));
    const entry = fc.oneof(
      {
        arbitrary: fc.tuple(name, fc.constantFrom('', 'x', 'y'.repeat(600))).map(([n, text]) => file(n, text)),
        weight: 4,
      },
      { arbitrary: name.map((n) => dir(n)), weight: 2 },
      { arbitrary: fc.tuple(name, name).map(([n, to]) => link(n, to)), weight: 1 },
      { arbitrary: fc.tuple(name, name).map(([n, to]) => again(n, to)), weight: 1 },
    );
    let stayed = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 8 }), async (entries) => {
        const { early, twoPasses, kept } = await unpackBothWays(folder, tarOf(entries), { faithful: false });
        expect(early).toEqual(twoPasses);
        stayed += kept?.length ?? 0;
      }),
      { numRuns: 150 },
    );
    expect(stayed).toBeGreaterThan(10);
  });
});
