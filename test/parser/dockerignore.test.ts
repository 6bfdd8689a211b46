import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { LayerlabError } from '../../src/errors/layerlab-error.ts';
import { toByteString } from '../../src/formats/bytestring.ts';
import { type IgnoreMatcher, parseDockerignore } from '../../src/parser/dockerignore.ts';
import { cpuTime } from '../cpu-time.ts';

type Builder = 'classic' | 'buildkit';

interface Golden {
  readonly files: readonly string[];
  readonly cases: readonly {
    readonly ignore: string;
    /** The files in the image, or the last line of the failure. */
    readonly buildkit: readonly string[] | string;
    readonly classic: readonly string[] | string;
  }[];
}

const golden = JSON.parse(readFileSync(new URL('./fixtures/dockerignore.json', import.meta.url), 'utf8')) as Golden;

/** The files that a walk over the context takes, folder by folder as the builders walk. */
function taken(matcher: IgnoreMatcher, files: readonly string[], builder: Builder): readonly string[] {
  return files.filter((file) => {
    const path = toByteString(file);
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
      const dir = path.slice(0, at);
      if (matcher.ignores(dir, true) && !matcher.mayContainIncluded(dir, builder)) return false;
    }
    return !matcher.ignores(path, false);
  });
}

describe('.dockerignore as Docker 28.5 takes it', () => {
  const cases = golden.cases.flatMap((one) =>
    (['buildkit', 'classic'] as const).map((builder) => [JSON.stringify(one.ignore), builder, one] as const),
  );

  it.each(cases)('%s with %s', (_, builder, one) => {
    const expected = one[builder];
    if (typeof expected === 'string') {
      expect(() => parseDockerignore(one.ignore)).toThrow(LayerlabError);
      return;
    }
    const kept = taken(parseDockerignore(one.ignore), golden.files, builder);
    expect([...kept].sort()).toEqual([...expected].sort());
  });
});

describe('parseDockerignore', () => {
  it('reads patterns as docker does', () => {
    const { patterns } = parseDockerignore('\ufeff# no\n # yes\n\n  /a/../b/  \n!  ./c/\n/\n');
    expect(patterns).toEqual(['# yes', 'b', '!c', '/']);
  });

  it('tells the builders apart for folders behind wildcards', () => {
    const matcher = parseDockerignore('dir\n!**/keep.txt\n');
    expect(matcher.mayContainIncluded('dir', 'classic')).toBe(false);
    expect(matcher.mayContainIncluded('dir', 'buildkit')).toBe(true);
  });

  it('takes characters that only regular expressions know as they are', () => {
    for (const name of ['a+b', 'a(b)', 'x.$']) {
      expect(parseDockerignore(name).ignores(name, false)).toBe(true);
      expect(parseDockerignore(`${name}*`).ignores(`${name}c`, false)).toBe(true);
    }
    expect(parseDockerignore('a.c*').ignores('abc', false)).toBe(false);
    // Without a wildcard nothing becomes an expression.
    for (const name of ['a|b', 'a{2}']) expect(parseDockerignore(name).ignores(name, false)).toBe(true);
  });

  // What Docker 28.5 left out of these files, by either builder: moby/patternmatcher hands bars and braces on to Go's regexp.
  const files = ['.hid/a.txt', '.hid/b.txt', '.hid/b/a1', '.hid/z', 'a', 'b/a1', 'x/.hid/a.txt', 'x/b/a1', 'c.md'];
  const inB = ['.hid/b/a1', 'b/a1', 'x/b/a1'];
  const inHid = ['.hid/a.txt', '.hid/b.txt', '.hid/b/a1', '.hid/z'];
  it.each([
    ['.*/a|b/a*', ['.hid/a.txt', ...inB]],
    ['.*/a|b', ['.hid/a.txt', ...inB]],
    ['.hid/*|z', inHid],
    ['c*|zz', ['c.md']],
    ['c[.]m*|q', ['c.md']],
    ['b/a1|*q', ['b/a1']],
    ['x/**/a|q', ['x/.hid/a.txt', 'x/b/a1']],
    ['q*|^c.md', ['c.md']],
    ['q*|c.m', []],
    ['**/b|x', []],
    ['q*|c.md|', files],
    ['.hid/a{1}*', ['.hid/a.txt']],
    ['.hid/a{2}*', []],
    ['c.md{0}*', ['c.md']],
    ['c[.]{1}md', ['c.md']],
    ['.hid/[a-z]{1,3}', ['.hid/b/a1', '.hid/z']],
    ['{2}*', files],
    ['a{x}*', []],
    ['a{01}*', []],
    ['*.{md,txt}', []],
    ['**{1}', []],
    ['(b)*/a1', []],
    ['a+*', []],
  ])('%j leaves out what it does for docker', (pattern, left) => {
    const matcher = parseDockerignore(pattern);
    expect(files.filter((name) => matcher.ignores(name, false))).toEqual(left);
  });

  it.each(['*{2}', 'q*|{2}', 'a{1001}*', '**/a{1}{2}?'])('refuses %j as docker does', (pattern) => {
    expect(() => parseDockerignore(pattern).ignores('a', false)).toThrow(
      expect.objectContaining({ code: 'LL_CONTEXT' }),
    );
  });

  it('takes no time for many repetitions', () => {
    const before = cpuTime();
    const matcher = parseDockerignore(`*${'a{900}?'.repeat(20)}|*x*|${'a*'.repeat(50)}b`);
    for (const name of ['a'.repeat(4000), `${'a'.repeat(200)}c`]) expect(matcher.ignores(name, false)).toBe(false);
    expect(cpuTime() - before).toBeLessThan(5000);
    expect(() => parseDockerignore(`*${'a{1000}'.repeat(30)}`)).toThrow(
      expect.objectContaining({ code: 'LL_CONTEXT' }),
    );
  });

  it.each(['!', 'a[', 'a[]', 'a\\', '[z-a]x', '\\y', '[?[]'])('refuses %j', (pattern) => {
    expect(() => parseDockerignore(pattern)).toThrow(expect.objectContaining({ code: 'LL_CONTEXT' }));
  });

  // What a Docker 28.5 leaves of these names.
  it.each([
    ['[\\]]x', ['ab', 'a]c', 'abc', '^x']],
    ['a[\\]b]c', ['ab', ']x', '^x']],
    ['[\\]-a]x', ['ab', 'a]c', 'abc']],
  ])('knows an escaped bracket in a class: %s', (pattern, kept) => {
    const matcher = parseDockerignore(pattern);
    expect(['ab', ']x', 'a]c', 'abc', '^x'].filter((name) => !matcher.ignores(name, false))).toEqual(kept);
  });

  it('matches 20,000 paths against 20 patterns in a time that grows with their number', () => {
    const patterns = [
      ...[
        'node_modules',
        '**/*.pyc',
        '*.log',
        '.git',
        'dist/**',
        '**/coverage',
        'src/**/*.test.ts',
        '!src/keep.test.ts',
      ],
      ...['docs/*', '!docs/README.md', 'tmp?', '**/.cache/**', 'a/b/c', '*.tmp', 'build', '**/__pycache__', '.env*'],
      ...['vendor/*/test', '[Tt]humbs.db', '!important'],
    ];
    const matcher = parseDockerignore(patterns.join('\n'));
    const paths = Array.from({ length: 20_000 }, (_, at) => `packages/pkg${at % 100}/src/lib/module${at}/file.ts`);
    const best = (count: number): number => {
      const times = Array.from({ length: 5 }, () => {
        const started = performance.now();
        expect(paths.slice(0, count).filter((path) => !matcher.ignores(path, false))).toHaveLength(count);
        return performance.now() - started;
      });
      return Math.min(...times);
    };
    best(2000);
    // Ten times the paths, with room for a machine that does other things too.
    expect(best(20_000)).toBeLessThan(50 * best(2000));
  });

  it.each([
    ['*a*a*a*a*a*a*a*a*a*a*b', 'a'.repeat(4000)],
    ['**/a/**/a/**/a/**/a/**/a/**/b', 'a/'.repeat(1500)],
    ['[a-c]*[a-c]*[a-c]*[a-c]*[a-c]*d', 'abc'.repeat(1200)],
    ['**/a/**/z/**/[w-y]', 'a/'.repeat(500)],
    ['*a*a*a*z*x', 'a'.repeat(4000)],
  ])('takes no time to speak of for %s', (pattern, path) => {
    const matcher = parseDockerignore(pattern);
    const started = cpuTime();
    expect(matcher.ignores(`${path}x`, false)).toBe(false);
    expect(cpuTime() - started).toBeLessThan(1000);
  });

  it('asks a pattern of the beginning of a path alone with the rules of Docker 20.10', () => {
    // Built by 20.10: `x.tmp` and `README.md` are in the image there, and not with 28.
    const text = '**/3\n!deep/1/2/3/y.txt\n**.md\n**/4';
    const ignored = (rules: 'parents' | 'prefix') =>
      ['deep/1/2/3/x.tmp', 'deep/1/2/3/y.txt', 'README.md', 'a/.md', 'deep/4/x', 'z/z/4/x'].filter((path) =>
        parseDockerignore(text, rules).ignores(toByteString(path), false),
      );
    expect(ignored('prefix')).toEqual(['a/.md', 'deep/4/x', 'z/z/4/x']);
    expect(ignored('parents')).toEqual(['deep/1/2/3/x.tmp', 'README.md', 'a/.md', 'deep/4/x', 'z/z/4/x']);
  });
});
