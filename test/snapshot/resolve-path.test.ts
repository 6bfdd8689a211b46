import { describe, expect, it } from '@jest/globals';
import { resolvePath } from '../../src/snapshot/resolve-path.ts';
import { memoryTree } from './memory-tree.ts';

const tree = memoryTree([
  'usr/bin/tool',
  'bin -> usr/bin',
  'abs -> /usr/bin',
  'up -> ../../../usr',
  'chain -> abs',
  'loop -> loop2',
  'loop2 -> loop',
  'dangling -> usr/nowhere/x',
]);
const at = (path: string, last = true) => resolvePath(tree, path, last).components.join('/');

describe('resolvePath', () => {
  it('follows relative and absolute links inside the tree', () => {
    expect(at('/bin/tool')).toBe('usr/bin/tool');
    expect(at('abs/tool')).toBe('usr/bin/tool');
    expect(at('chain')).toBe('usr/bin');
    expect(at('chain', false)).toBe('chain');
  });

  it('stops at the root of the tree, whatever a path or a link says', () => {
    expect(at('../../../../etc/passwd')).toBe('etc/passwd');
    expect(at('up/bin/tool')).toBe('usr/bin/tool');
    expect(at('usr/../../../../usr/bin')).toBe('usr/bin');
  });

  it('takes what follows a missing name as written', () => {
    expect(at('dangling')).toBe('usr/nowhere/x');
    expect(at('nothing/here')).toBe('nothing/here');
    expect(resolvePath(tree, 'nothing/here', true).node).toBeUndefined();
  });

  it('ends in an error where links run in a circle', () => {
    expect(() => at('loop')).toThrow('too many links');
    expect(() => at('loop/x')).toThrow('too many links');
  });
});
