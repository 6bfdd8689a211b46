import { describe, expect, it } from '@jest/globals';
import { matchName } from '../../../src/executor/copy/match-name.ts';
import { cpuTime } from '../../cpu-time.ts';

// Rows of Go's own path/filepath match_test.go, those without a slash.
const rows: readonly (readonly [pattern: string, name: string, matches: boolean])[] = [
  ['abc', 'abc', true],
  ['*', 'abc', true],
  ['*c', 'abc', true],
  ['a*', 'a', true],
  ['a*', 'abc', true],
  ['a*b?c*x', 'abxbbxdbxebxczzx', true],
  ['a*b?c*x', 'abxbbxdbxebxczzy', false],
  ['ab[c]', 'abc', true],
  ['ab[b-d]', 'abc', true],
  ['ab[e-g]', 'abc', false],
  ['ab[^c]', 'abc', false],
  ['ab[^b-d]', 'abc', false],
  ['ab[^e-g]', 'abc', true],
  ['a\\*b', 'a*b', true],
  ['a\\*b', 'ab', false],
  ['[a-ζ]*', 'α', true],
  ['*[a-ζ]', 'A', false],
  ['a?b', 'a☺b', true],
  ['a[^a]b', 'a☺b', true],
  ['a???b', 'a☺b', false],
  ['[\\]a]', ']', true],
  ['[\\-]', '-', true],
  ['[x\\-]', 'x', true],
  ['[\\-x]', 'a', false],
  ['*x', 'xxx', true],
];

const bytes = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

describe('matchName', () => {
  it.each(rows)('%s against %s: %s', (pattern, name, matches) => {
    expect(matchName(bytes(pattern), bytes(name))).toBe(matches);
  });

  it.each(['[]a]', '[-]', '[x-]', '[-x]', '[a-b-c]', '[', '[^', '[^bc', 'ab[', 'zz\\'])(
    'refuses the malformed %s',
    (pattern) => {
      expect(() => matchName(pattern, 'a')).toThrow('syntax error in pattern');
    },
  );

  it('does not backtrack over many stars', () => {
    const start = cpuTime();
    expect(matchName(`${'a*'.repeat(200)}b`, 'a'.repeat(5000))).toBe(false);
    expect(cpuTime() - start).toBeLessThan(5000);
  });
});
