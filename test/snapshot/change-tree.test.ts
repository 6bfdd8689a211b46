import { describe, expect, it } from '@jest/globals';
import { attributes, changeOn, listing, memoryTree } from './memory-tree.ts';

describe('ChangeTree', () => {
  it('copies folders up with their own time, and moves the time of the folder that changes', () => {
    const tree = changeOn(memoryTree(['a/b/old'], 1000n), 2000n);
    tree.put(['a', 'b', 'new'], attributes('file', 5n));
    expect(listing(tree)).toEqual(['a/', 'a/b/', 'a/b/new']);
    expect(tree.lookup(['a'])?.mtime).toBe(1000n);
    expect(tree.lookup(['a', 'b'])?.mtime).toBe(2000n);
  });

  it('marks a deleted name of the layers below by a whiteout, and forgets one of its own', () => {
    const tree = changeOn(memoryTree(['a/f', 'a/g']), 2000n);
    tree.put(['a', 'own'], attributes('file', 1n));
    tree.remove(['a', 'own']);
    tree.remove(['a', 'f']);
    expect(listing(tree)).toEqual(['a/', 'a/f!']);
    expect(tree.names(tree.lookup(['a']) as never)).toEqual(['g']);
    expect(tree.lookup(['a', 'f'])).toBeUndefined();
  });

  it('makes a folder opaque where a deleted one of the layers below had the name', () => {
    const tree = changeOn(memoryTree(['d/inside', 'file']), 2000n);
    tree.remove(['d']);
    tree.makeDir(['d'], attributes('dir', 1n));
    tree.makeDir(['fresh'], attributes('dir', 1n));
    expect(listing(tree)).toEqual(['d/*', 'fresh/']);
    expect(tree.names(tree.lookup(['d']) as never)).toEqual([]);
  });

  it('shows the layers below through the change', () => {
    const tree = changeOn(memoryTree(['a/f', 'b/']), 2000n);
    tree.put(['a', 'n'], attributes('file', 1n));
    expect(tree.names(tree.root)).toEqual(['a', 'b']);
    expect(tree.names(tree.lookup(['a']) as never)).toEqual(['f', 'n']);
  });

  it('refuses names that would be deletions in the layer', () => {
    const tree = changeOn(memoryTree(['a/']), 2000n);
    expect(() => tree.put(['a', '.wh.x'], attributes('file', 1n))).toThrow('.wh.');
    expect(() => tree.makeDir(['.wh..wh..opq'], attributes('dir', 1n))).toThrow('.wh.');
  });

  it('gives both names of a linked file one inode, copying a file of the layers below up', () => {
    const tree = changeOn(memoryTree(['f']), 2000n);
    tree.link(['g'], ['f']);
    expect(listing(tree)).toEqual(['f', 'g']);
    expect(tree.lookup(['f'])?.inode).not.toBe('');
    expect(tree.lookup(['f'])?.inode).toBe(tree.lookup(['g'])?.inode);
  });
});
