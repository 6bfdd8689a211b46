import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ContextTree } from '../../../src/executor/context/context-tree.ts';
import { areMany, isOneOfMany, weighSources } from '../../../src/executor/copy/weigh-sources.ts';

describe('weighSources', () => {
  let root: string;
  let tree: ContextTree;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'layerlab-weigh-'));
    tree = new ContextTree(root, undefined, 0n, 'buildkit');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  /** Files in folders of fifty. */
  const files = (folder: string, count: number): void => {
    for (let index = 0; index < count; index += 1) {
      const home = join(root, folder, `d${Math.floor(index / 50)}`);
      mkdirSync(home, { recursive: true });
      writeFileSync(join(home, `f${index}`), '');
    }
  };

  it('goes by the number of files, wherever they lie', () => {
    files('few', 100);
    files('some', 400);
    files('many', 1500);
    symlinkSync('many', join(root, 'link'));
    expect(['few', 'some', 'many', 'link'].map((word) => weighSources(tree, [word]))).toEqual([
      'light',
      'medium',
      'heavy',
      'heavy',
    ]);
    expect(weighSources(tree, ['few', 'some'])).toBe('medium');
    expect(weighSources(tree, ['s*'])).toBe('medium');
  });

  it('goes by bytes where there are few files: the largest may be the last', () => {
    files('few', 100);
    writeFileSync(join(root, 'few/d1/zz'), Buffer.alloc(9 << 20));
    expect(weighSources(tree, ['few'])).toBe('heavy');
    expect(weighSources(tree, ['few/d1/zz'])).toBe('heavy');
    expect(weighSources(tree, ['few/d0'])).toBe('light');
  });

  it('counts many, and gives up where something cannot be looked at', () => {
    files('some', 1400);
    files('more', 100);
    expect(areMany(tree, ['some'])).toBe(false);
    expect(areMany(tree, ['some', 'more'])).toBe(true);
    expect(areMany(tree, ['missing', 'some', 'more'])).toBe(false);
    expect(isOneOfMany(tree, [['some'], ['more']])).toBe(false);
    expect(isOneOfMany(tree, [['some'], ['missing'], ['some', 'more']])).toBe(true);
    // As for a user who may not read one of the folders.
    const closed = new ContextTree(root, undefined, 0n, 'buildkit');
    closed.listing = () => {
      throw Object.assign(new Error('EACCES: permission denied, scandir'), { code: 'EACCES' });
    };
    expect(areMany(closed, ['some', 'more'])).toBe(false);
  });

  it('leaves it to the copy to say what is wrong', () => {
    expect(weighSources(tree, ['missing'])).toBe('light');
    expect(weighSources(tree, ['[a'])).toBe('light');
  });
});
