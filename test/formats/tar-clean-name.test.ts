import { describe, expect, it } from '@jest/globals';
import { cleanName } from '../../src/formats/tar-clean-name.ts';

describe('a name in an archive', () => {
  // What Go's filepath.Clean gives.
  it.each([
    ['', '.'],
    ['.', '.'],
    ['./', '.'],
    ['./.', '.'],
    ['./..', '..'],
    ['./../a', '../a'],
    ['./a', 'a'],
    ['./a/', 'a'],
    ['././a', 'a'],
    ['.//a', 'a'],
    ['./a//b/./c', 'a/b/c'],
    ['./a/../../b', '../b'],
    ['./.a', '.a'],
    ['./..a/b', '..a/b'],
    ['/./a', '/a'],
    ['/', '/'],
    ['//', '/'],
    ['a/b', 'a/b'],
  ])('%j is cleaned to %j', (name, clean) => {
    expect(cleanName(name)).toBe(clean);
  });
});
