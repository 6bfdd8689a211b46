import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LayerlabError } from '../../src/errors/layerlab-error.ts';
import { expandWord, processWord, processWords } from '../../src/parser/expand-word.ts';
import { cpuTime } from '../cpu-time.ts';

const env = new Map([
  ['v', 'value'],
  ['e', ''],
  ['p', '/usr/local/lib/libfoo.so.1'],
  ['b', 'baac'],
  ['ports', '80 443'],
]);

// Values as ENV of Docker 28.5 shows them (both builders agree; see test/planner/fixtures).
describe('processWord', () => {
  it.each([
    [`$v-\${v}-$nope-\${nope}`, 'value-value--'],
    [`\${nope:-d}\${nope-d}\${e:-d}\${e-d}`, 'ddd'],
    [`\${v:+s}\${v+s}\${e:+s}\${e+s}\${nope+s}`, 'sss'],
    [`\${nope:-\${v}x}`, 'valuex'],
    ["'$v'", '$v'],
    ['"$v \\"q\\" \\$v \\n"', 'value "q" $v \\n'],
    ['\\$v \\a', '$v a'],
    ['$1x$@y$?', 'xy'],
    ['a$', 'a$'],
    [`\${p#*/}`, 'usr/local/lib/libfoo.so.1'],
    [`\${p##*/}`, 'libfoo.so.1'],
    [`\${p%.*}`, '/usr/local/lib/libfoo.so'],
    [`\${p%%.*}`, '/usr/local/lib/libfoo'],
    [`\${p/lib/LIB}`, '/usr/local/LIB/libfoo.so.1'],
    [`\${p//lib/LIB}`, '/usr/local/LIB/LIBfoo.so.1'],
    [`\${p/\\/usr/y}`, 'y/local/lib/libfoo.so.1'],
    [`\${p#/usr/?ocal}`, '/lib/libfoo.so.1'],
    [`\${b//*/-}`, '-'],
    [`\${b//a/-}`, 'b--c'],
    [`\${b//a*/-}`, 'b-'],
    [`\${b#*a}`, 'ac'],
    [`\${b##*a}`, 'c'],
    [`\${b%a*}`, 'ba'],
    [`\${b%%a*}`, 'b'],
    [`\${b//?/<>}`, '<><><><>'],
    [`\${b//b*a/y}`, 'yc'],
    [`\${b//x*/Q}`, 'baac'],
    [`\${b///Z/}`, 'Z/bZ/aZ/aZ/cZ/'],
    [`\${v:?no}`, 'value'],
    ['\ufeffx', 'x'],
  ])('%s gives %s', (word, expected) => {
    expect(processWord(word, env)).toBe(expected);
  });

  it.each([
    [`\${nope:?why}`, `failed to process "\${nope:?why}": nope: why`],
    [`\${e:?}`, `failed to process "\${e:?}": e: is not allowed to be empty`],
    [`\${e`, `failed to process "\${e": unsupported modifier (\ufffd) in substitution`],
    [`\${e:-`, `failed to process "\${e:-": syntax error: missing '}'`],
    [`\${e:#x}`, `failed to process "\${e:#x}": unsupported modifier (:#) in substitution`],
    [`\${nope:%x}`, `failed to process "\${nope:%x}": unsupported modifier (:%) in substitution`],
    [`\${e:x}`, `failed to process "\${e:x}": unsupported modifier (:x) in substitution`],
    [`\${`, `failed to process "\${": syntax error: missing '}'`],
    [`\${b#\\x}`, `failed to process "\${b#\\\\x}": invalid pattern (\\x) in substitution: invalid escape '\\x'`],
  ])('%s fails as docker says', (word, message) => {
    expect(() => processWord(word, env)).toThrow(expect.objectContaining({ code: 'LL_PARSE', message }));
  });

  it('takes the escape of the file', () => {
    expect(processWord('c:\\dir `$v', env, { escapeToken: '`' })).toBe('c:\\dir $v');
  });

  it('keeps what it is told to keep', () => {
    const kept = { rawQuotes: true, keepUnset: true };
    expect(processWord(`RUN "$v" '$v' \${nope:-x} $nope`, env, kept)).toBe(`RUN "value" '$v' \${nope:-x} $nope`);
    expect(processWord('"a\\b"', env, { rawEscapes: true, skipQuotes: true })).toBe('"a\\b"');
  });

  it('tells which names are not set', () => {
    expect([...expandWord(`$v $x \${y:-1}`, env).unset]).toEqual(['x', 'y']);
  });

  it('has a limit for words that grow', () => {
    const long = new Map([['a', 'x'.repeat(1 << 20)]]);
    expect(() => processWord('$a'.repeat(20), long)).toThrow(expect.objectContaining({ code: 'LL_LIMIT' }));
    const nested = `${`\${a:-`.repeat(2000)}${'}'.repeat(2000)}`;
    expect(() => processWord(nested, env)).toThrow(expect.objectContaining({ code: 'LL_LIMIT' }));
  });

  it('ends soon for patterns made to take long', () => {
    const values = new Map([['a', 'a'.repeat(20_000)]]);
    const started = cpuTime();
    expect(processWord(`\${a##${'*a'.repeat(20)}b}`, values)).toBe('a'.repeat(20_000));
    expect(cpuTime() - started).toBeLessThan(3000);
  });

  it('throws nothing but LayerlabError', () => {
    const piece = fc.constantFrom(
      '$',
      '{',
      '}',
      ':',
      '-',
      '+',
      '?',
      '#',
      '%',
      '/',
      '*',
      '\\',
      '"',
      "'",
      'v',
      'b',
      ' ',
      'é',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        try {
          return typeof processWord(pieces.join(''), env) === 'string';
        } catch (error) {
          return error instanceof LayerlabError;
        }
      }),
      { numRuns: 5000 },
    );
  });
});

describe('processWords', () => {
  it.each([
    ['$ports 8080', ['80', '443', '8080']],
    ['"$ports" x', ['80 443', 'x']],
    ['a\\ b  c', ['a b', 'c']],
    ['', []],
    ['$e', []],
    ["''", []],
  ])('%j', (word, expected) => {
    expect(processWords(word, env)).toEqual(expected);
  });
});
