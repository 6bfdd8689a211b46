import { describe, expect, it } from '@jest/globals';
import { cleanPath } from '../../src/parser/clean-path.ts';

// The table of Go's path package tests.
describe('cleanPath', () => {
  it.each([
    ['', '.'],
    ['abc', 'abc'],
    ['.', '.'],
    ['..', '..'],
    ['../../abc', '../../abc'],
    ['/abc', '/abc'],
    ['/', '/'],
    ['abc/', 'abc'],
    ['abc//def//ghi', 'abc/def/ghi'],
    ['//abc', '/abc'],
    ['./abc', 'abc'],
    ['abc/./../def', 'def'],
    ['abc/../../././../def', '../../def'],
    ['/abc/def/../../..', '/'],
    ['/../abc', '/abc'],
    ['abc/def/../../../ghi', '../ghi'],
  ])('%j is %j', (path, expected) => {
    expect(cleanPath(path)).toBe(expected);
  });
});
