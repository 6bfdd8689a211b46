import { describe, expect, it } from '@jest/globals';
import { LATER, type NamesInOrder, namesInOrder } from '../../src/snapshot/names-in-order.ts';
import { attributes, memoryTree } from './memory-tree.ts';

describe('the names in a folder of a change, as they come', () => {
  const met = (names: NamesInOrder): string[] => {
    const found: string[] = [];
    for (;;) {
      const next = names.next();
      if (next === undefined) return [...found, 'undefined'];
      if (next === LATER) return [...found, 'later'];
      found.push(next);
    }
  };

  it('are sorted bytewise where all are there', () => {
    const tree = memoryTree(['b', 'a\xff', 'a', 'B/']);
    expect(met(namesInOrder(tree.root))).toEqual(['B', 'a', 'a\xff', 'b', 'undefined']);
  });

  it('come one after the other while the folder is open, whose time stays what it is', () => {
    const tree = memoryTree(['d/a'], 5n);
    const dir = tree.copyUp(['d']);
    dir.mtime = 7n;
    dir.isOpen = true;
    const names = namesInOrder(dir);
    expect(met(names)).toEqual(['a', 'later']);
    expect(met(names)).toEqual(['later']);
    for (const name of ['b', 'c']) tree.put(['d', name], attributes('file', 5n));
    expect(met(names)).toEqual(['b', 'c', 'later']);
    tree.put(['d', 'd'], attributes('file', 5n));
    dir.isOpen = false;
    expect(met(names)).toEqual(['d', 'undefined']);
    expect(dir.mtime).toBe(7n);
  });
});
