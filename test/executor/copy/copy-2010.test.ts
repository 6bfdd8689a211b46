import { describe, expect, it } from '@jest/globals';
import { type CopyRequest, copyBuildkit } from '../../../src/executor/copy/copy-buildkit.ts';
import { type CopyFormat, copies28, copies2010 } from '../../../src/profiles/copy-format.ts';
import type { ChangeTree } from '../../../src/snapshot/change-tree.ts';
import { attributes, changeOn, memoryTree } from '../../snapshot/memory-tree.ts';

const NOW = 9000n;

function request(source: ChangeTree, format: CopyFormat, more: Partial<CopyRequest>): CopyRequest {
  return {
    source,
    sources: ['/'],
    excludes: [],
    parents: false,
    fetched: new Map(),
    unpacksFetched: false,
    documents: [],
    destination: '/to',
    owner: undefined,
    mode: undefined,
    archives: undefined,
    madeTime: undefined,
    now: () => NOW,
    format,
    ...more,
  };
}

// As a Docker 20.10.24 daemon copied from a stage.
describe('COPY of BuildKit in Docker 20.10', () => {
  it('leaves a destination folder that is there its own time', async () => {
    const times: bigint[] = [];
    for (const format of [copies28, copies2010]) {
      const tree = changeOn(memoryTree(['to/sub/'], 1000n), NOW);
      await copyBuildkit(tree, request(memoryTree(['sub/x'], 2000n), format, {}));
      times.push(tree.lookup(['to'])?.mtime ?? 0n, tree.lookup(['to', 'sub'])?.mtime ?? 0n);
    }
    expect(times).toEqual([2000n, 2000n, 1000n, 2000n]);
  });

  it('leaves fifos out and makes empty files of devices', async () => {
    const source = memoryTree(['x']);
    source.put(['c'], { ...attributes('char', 5n), mode: 0o640, major: 1, minor: 3 });
    source.put(['b'], { ...attributes('block', 5n), major: 7 });
    source.put(['p'], attributes('fifo', 5n));
    const tree = changeOn(memoryTree([]), NOW);
    await copyBuildkit(tree, request(source, copies2010, {}));
    const kinds = ['b', 'c', 'p', 'x'].map((name) => tree.lookup(['to', name])?.kind);
    expect(kinds).toEqual(['file', 'file', undefined, 'file']);
    expect(tree.lookup(['to', 'c'])).toMatchObject({ mode: 0o640, size: 0, major: 0, minor: 0, mtime: 5n });
  });

  it('says in its words that a source is not there', async () => {
    const tree = changeOn(memoryTree([]), NOW);
    await expect(copyBuildkit(tree, request(memoryTree([]), copies2010, { sources: ['nope'] }))).rejects.toThrow(
      new Error('failed to compute cache key: "/nope" not found: not found'),
    );
  });

  // As a Docker 28.5 daemon did.
  it('makes character devices of block devices with Docker 28', async () => {
    const source = memoryTree([]);
    source.put(['b'], { ...attributes('block', 5n), major: 7 });
    const tree = changeOn(memoryTree([]), NOW);
    await copyBuildkit(tree, request(source, copies28, {}));
    expect(tree.lookup(['to', 'b'])).toMatchObject({ kind: 'char', major: 7, minor: 0 });
  });
});
