import { describe, expect, it } from '@jest/globals';
import { makeDirs } from '../../../src/executor/copy/make-dirs.ts';
import { memoryTree } from '../../snapshot/memory-tree.ts';

describe('makeDirs in a set-group folder', () => {
  const made = (keepsGroup: boolean) => {
    const tree = memoryTree(['plain/']);
    tree.makeDir(['s'], { kind: 'dir', mode: 0o2775, uid: 0, gid: 50, mtime: 0n });
    makeDirs(tree, 's/a/b', { mode: 0o755, uid: 7, gid: 8, time: 0n, keepsGroup }, () => 0n);
    makeDirs(tree, 'plain/a', { mode: 0o755, uid: 7, gid: 8, time: 0n, keepsGroup }, () => 0n);
    return ['s/a', 's/a/b', 'plain/a'].map((path) => {
      const node = tree.lookup(path.split('/'));
      return `${path} ${node?.mode.toString(8)} ${node?.gid}`;
    });
  };

  it('makes folders of the same kind', () => {
    expect(made(false)).toEqual(['s/a 2755 8', 's/a/b 2755 8', 'plain/a 755 8']);
  });

  it('leaves them the group where nobody gives them an owner', () => {
    expect(made(true)).toEqual(['s/a 2755 50', 's/a/b 2755 50', 'plain/a 755 8']);
  });
});
