import { describe, expect, it } from '@jest/globals';
import { findSources } from '../../../src/executor/copy/find-sources.ts';
import { memoryTree } from '../../snapshot/memory-tree.ts';

const tree = memoryTree([
  'a.txt',
  'b.txt',
  'd/x.txt',
  'd/sub/y.txt',
  'e/x.txt',
  'to-d -> d',
  'out -> ../../etc/passwd',
  '[odd]',
]);
const paths = (word: string) => findSources(tree, word).map(({ path }) => path);

describe('findSources', () => {
  it('finds plain paths, from the root of the context however they are written', () => {
    expect(paths('a.txt')).toEqual(['a.txt']);
    expect(paths('/d/../a.txt')).toEqual(['a.txt']);
    expect(paths('../../a.txt')).toEqual(['a.txt']);
    expect(paths('.')).toEqual(['']);
  });

  it('follows a link at the top, and keeps the name asked for', () => {
    const [found] = findSources(tree, 'to-d');
    expect(found?.node.kind).toBe('dir');
    expect(found?.name).toBe('to-d');
  });

  it('matches patterns in bytewise order, a folder as a whole', () => {
    expect(paths('*.txt')).toEqual(['a.txt', 'b.txt']);
    expect(paths('?/x.txt')).toEqual(['d/x.txt', 'e/x.txt']);
    expect(paths('d/*')).toEqual(['d/sub', 'd/x.txt']);
    expect(paths('nothing*')).toEqual([]);
  });

  it('takes escaped characters of a pattern as they are, and a backslash in a plain path too', () => {
    expect(paths('\\[od[d]\\]')).toEqual(['[odd]']);
    expect(() => paths('\\[odd\\]')).toThrow('"/\\\\[odd\\\\]": not found');
  });

  it('follows no link and ignores malformed patterns, as classic', () => {
    const classic = (word: string) => findSources(tree, word, 'classic').map(({ path }) => path);
    expect(classic('to-d/*')).toEqual([]);
    expect(paths('to-d/*')).toEqual(['d/sub', 'd/x.txt']);
    expect(classic('[a-')).toEqual([]);
    expect(() => paths('a[')).toThrow('syntax error in pattern');
  });

  // The words are those of Docker 28.5.
  it('says what is missing in docker words', () => {
    expect(() => paths('missing.txt')).toThrow('"/missing.txt": not found');
    expect(() => paths('no/sub/*')).toThrow(/^lstat \/no\/sub: no such file or directory$/);
    expect(() => paths('to-d/no/x*/y')).toThrow(/^lstat \/d\/no: no such file or directory$/);
    expect(() => paths('a.txt/x/y/*')).toThrow(/^lstat \/a.txt\/x: not a directory$/);
    expect(paths('a.txt/*')).toEqual([]);
  });

  it('CVE-2018-15664: a link that leads out of the context is resolved inside it', () => {
    expect(() => paths('out')).toThrow('"/out": not found');
  });
});
