import { describe, expect, it } from '@jest/globals';
import { copyBuildkit } from '../../../src/executor/copy/copy-buildkit.ts';
import { copies28 } from '../../../src/profiles/copy-format.ts';
import type { ChangeTree } from '../../../src/snapshot/change-tree.ts';
import { changeOn, listing, memoryTree } from '../../snapshot/memory-tree.ts';

/** The folders of BuildKit's own test of `--parents` with pivots, below /test. */
const source = memoryTree([
  'test/a/b/c/d/foo',
  'test/a/b/c/d/e/bay',
  'test/a/b2/c/d/e/bar',
  'test/a/b/c2/d/e/baz',
  'test/a/b/c2/d/e2/baz',
  'test/link -> a',
]);

interface Asked {
  readonly sources: readonly string[];
  readonly excludes?: readonly string[];
  readonly parents?: boolean;
  readonly there?: readonly string[];
}

async function copied({ sources, excludes = [], parents = true, there = [] }: Asked): Promise<ChangeTree> {
  const tree = changeOn(memoryTree(there), 5000n);
  await copyBuildkit(tree, {
    source,
    sources,
    excludes,
    parents,
    fetched: new Map(),
    unpacksFetched: false,
    documents: [],
    destination: '/out/',
    owner: undefined,
    mode: undefined,
    archives: undefined,
    madeTime: undefined,
    now: () => 5000n,
    format: copies28,
  });
  return tree;
}

async function files(...sources: readonly string[]): Promise<readonly string[]> {
  const all = listing(await copied({ sources }));
  return all.filter((path) => !path.endsWith('/')).map((path) => path.replace(/^out\//, ''));
}

describe('COPY --parents', () => {
  // What moby/buildkit's own tests of the frontend expect (dockerfile_parents_test.go).
  it('keeps the folders behind the pivot alone', async () => {
    expect(await files('/test/a/b/./c/d')).toEqual(['c/d/e/bay', 'c/d/foo']);
    expect(await files('/test/a/./b/./c')).toEqual(['b/c/d/e/bay', 'b/c/d/foo']);
  });

  it('keeps the whole path where there is no pivot', async () => {
    const whole = ['test/a/b/c/d/e/bay', 'test/a/b/c/d/foo'];
    expect(await files('/test/a/b/c/d/.')).toEqual(whole);
    expect(await files('./test/a/b/c/d')).toEqual(whole);
  });

  it('takes wildcards on both sides of the pivot', async () => {
    expect(await files('/test/a/./*/c')).toEqual(['b/c/d/e/bay', 'b/c/d/foo', 'b2/c/d/e/bar']);
    expect(await files('/test/a/b*/./c/**/e')).toEqual(['c/d/e/bar', 'c/d/e/bay']);
    expect(await files('/test/a/b/c*/./d/**/baz', '/test/a/b*/./c/**/bar')).toEqual([
      'c/d/e/bar',
      'd/e/baz',
      'd/e2/baz',
    ]);
  });

  it('makes no folder that nothing is taken of', async () => {
    expect(listing(await copied({ sources: ['test/*/nothing*'] }))).toEqual(['out/']);
  });

  it('leaves out what --exclude names, from the root of the source', async () => {
    const tree = await copied({ sources: ['test/a/./b'], excludes: ['b/c2', '**/e'] });
    expect(listing(tree)).toEqual(['out/', 'out/b/', 'out/b/c/', 'out/b/c/d/', 'out/b/c/d/foo']);
  });

  it('copies a link as it is, and looks for nothing behind it', async () => {
    expect(await files('test/link')).toEqual(['test/link']);
    expect(await files('test/link/b/**')).toEqual([]);
  });

  it.each(['test/missing', 'test/a/./missing'])('%s has to be there', async (word) => {
    const clean = word.replace('/./', '/');
    await expect(copied({ sources: [word] })).rejects.toThrow(`"/${clean}": not found`);
  });

  it('makes folders as they are in the source, their times moved by what is copied into them', async () => {
    const tree = await copied({ sources: ['test/a/./b/c'], there: ['out/b/x'] });
    // memoryTree dates everything 1000; what was there stays, and only takes the mode.
    expect(tree.lookup(['out', 'b'])?.mtime).toBe(5000n);
    expect(tree.lookup(['out', 'b', 'c'])?.mtime).toBe(1000n);
    expect(listing(tree)).toContain('out/b/c/d/foo');
  });
});

describe('COPY --exclude', () => {
  it('never leaves out a source that is a file itself', async () => {
    const tree = await copied({ sources: ['test/a/b/c/d/foo'], excludes: ['*', 'foo'], parents: false });
    expect(listing(tree)).toEqual(['out/', 'out/foo']);
  });

  it('makes only the folders on the way to what a ! takes in again', async () => {
    const tree = await copied({
      sources: ['test/a/b'],
      excludes: ['*', '!c/d/foo'],
      parents: false,
      there: ['out/c/old'],
    });
    expect(listing(tree)).toEqual(['out/', 'out/c/', 'out/c/d/', 'out/c/d/foo']);
  });

  it('says lstat of a source that is not there, as the daemon does', async () => {
    await expect(copied({ sources: ['nothere'], excludes: ['x'], parents: false })).rejects.toThrow(
      'lstat /nothere: no such file or directory',
    );
  });
});
