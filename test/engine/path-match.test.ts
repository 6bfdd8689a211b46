import { describe, expect, it } from '@jest/globals';
import { pathMatch } from '../../src/engine/path-match.ts';

describe('pathMatch', () => {
  // The table of Go's path/match_test.go.
  for (const [pattern, text, matches] of [
    ['abc', 'abc', true],
    ['*', 'abc', true],
    ['*c', 'abc', true],
    ['a*', 'a', true],
    ['a*', 'ab/c', false],
    ['a*/b', 'abc/b', true],
    ['a*/b', 'a/c/b', false],
    ['a*b*c*d*e*/f', 'axbxcxdxe/f', true],
    ['a*b*c*d*e*/f', 'axbxcxdxexxx/f', true],
    ['a*b*c*d*e*/f', 'axbxcxdxe/xxx/f', false],
    ['a*b?c*x', 'abxbbxdbxebxczzx', true],
    ['a*b?c*x', 'abxbbxdbxebxczzy', false],
    ['ab[c]', 'abc', true],
    ['ab[b-d]', 'abc', true],
    ['ab[e-g]', 'abc', false],
    ['ab[^c]', 'abc', false],
    ['ab[^e-g]', 'abc', true],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'ab', false],
    ['a?b', 'a☺b', true],
    ['a[^a]b', 'a☺b', true],
    ['a???b', 'a☺b', false],
    ['[a-ζ]*', 'α', true],
    ['*[a-ζ]', 'A', false],
    ['a?b', 'a/b', false],
    ['a*b', 'a/b', false],
    ['[\\]a]', ']', true],
    ['[\\-x]', '-', true],
    ['[x\\-]', 'z', false],
    ['*x', 'xxx', true],
  ] as const) {
    it(`${pattern} on ${text}`, () => expect(pathMatch(pattern, text)).toBe(matches));
  }

  for (const pattern of ['[]a]', '[-]', '[x-]', '[-x]', '[', '[^', '[^bc', 'a[', '\\']) {
    it(`refuses ${pattern}`, () => expect(() => pathMatch(pattern, 'a')).toThrow('syntax error in pattern'));
  }

  it('does not slow down on many stars', () => {
    expect(pathMatch(`${'a*'.repeat(200)}b`, 'a'.repeat(5000))).toBe(false);
  });
});
