import { describe, expect, it } from '@jest/globals';
import { isGitUrl, parseGitUrl } from '../../src/formats/git-url.ts';

/** What Docker 28.5 took each of them for. */
describe('parseGitUrl', () => {
  it.each([
    ['git://h/x.git', { remote: 'git://h/x.git', scheme: 'git', ref: '', subdir: '' }],
    ['git://h/x', { remote: 'git://h/x', scheme: 'git' }],
    ['https://h/x.git#br/x:d/e', { remote: 'https://h/x.git', ref: 'br/x', subdir: 'd/e' }],
    ['https://u:p@h:8/x.git#:d', { remote: 'https://u:p@h:8/x.git', ref: '', subdir: 'd' }],
    ['git@h:a/b.git#v1', { remote: 'git@h:a/b.git', scheme: 'ssh', ref: 'v1' }],
    ['user@h:x', { remote: 'user@h:x', scheme: 'ssh' }],
    ['ssh://git@h/x.git', { remote: 'ssh://git@h/x.git', scheme: 'ssh' }],
    ['git://h/x.git#main?subdir=d', { ref: 'main?subdir=d', subdir: '' }],
    ['git://h/x.git##ref=main', { ref: '#ref=main' }],
    ['git://h/x.git#a%20b', { ref: 'a b' }],
    ['git://h/x.git?branch=b&subdir=d', { remote: 'git://h/x.git', ref: 'refs/heads/b', subdir: 'd' }],
    ['git://h/x.git?tag=t', { ref: 'refs/tags/t' }],
    ['git://h/x.git?tag=refs/tags/t', { ref: 'refs/tags/t' }],
    ['git://h/x.git?ref=r', { ref: 'r' }],
    ['git://h/x.git?commit=abc', { ref: 'abc', checksum: 'abc' }],
    ['git://h/x.git?ref=m&checksum=abc', { ref: 'm', checksum: 'abc' }],
    ['git://h/x.git?submodules=false&keep-git-dir', { submodules: false, keepGitDir: true }],
    ['github.com/a/b#c', { remote: 'https://github.com/a/b', ref: 'c', looksLocal: true }],
  ])('%s', (text, fields) => {
    expect(parseGitUrl(text)).toMatchObject(fields);
  });

  it.each([
    'https://h/x',
    'https://h/x.tar.git.gz',
    'https://h/x#y.git',
    'https://x.git',
    './git@h:x',
    '../x.git',
    'ftp://h/x.git',
    'file:///tmp/x.git',
    'ext::sh -c id',
    'a/b.git',
    'x',
  ])('%s is no repository', (text) => {
    expect(parseGitUrl(text)).toBeUndefined();
    expect(isGitUrl(text)).toBe(false);
  });

  it.each([
    ['foo=bar', 'unexpected query "foo"'],
    ['mtime=commit', 'unexpected query "mtime"'],
    ['ref=a&ref=b', 'query "ref" has multiple values'],
    ['ref=', 'query "ref" has no value'],
    ['tag=a&branch=b', 'branch conflicts with tag'],
    ['submodules=maybe', 'invalid submodules value: "maybe"'],
  ])('?%s is refused, and is a repository all the same', (query, message) => {
    expect(() => parseGitUrl(`git://h/x.git?${query}`)).toThrow(expect.objectContaining({ code: 'LL_PARSE', message }));
    expect(isGitUrl(`git://h/x.git?${query}`)).toBe(true);
  });
});
