import { describe, expect, it } from '@jest/globals';
import { goQuote, goQuoteList, goQuoteRune } from '../../src/formats/go-quote.ts';
import { fixture } from './fixture.ts';

// Printed by a Go program.
const vectors: {
  readonly strings: readonly (readonly [text: string, quoted: string])[];
  readonly runes: readonly (readonly [rune: number, quoted: string])[];
  readonly list: string;
  readonly emptyList: string;
} = JSON.parse(fixture('go-vectors.json').toString());

describe('goQuote', () => {
  it.each(vectors.strings)('quotes %j', (text, quoted) => {
    expect(goQuote(text)).toBe(quoted);
  });

  it('shows what was no UTF-8 as U+FFFD', () => {
    expect(goQuote('a\ud800b')).toBe('"a\ufffdb"');
  });
});

describe('goQuoteRune', () => {
  it.each(vectors.runes)('quotes %d', (rune, quoted) => {
    expect(goQuoteRune(rune)).toBe(quoted);
  });
});

describe('goQuoteList', () => {
  it('quotes lists', () => {
    expect(goQuoteList(['CMD-SHELL', 'curl "x"', ''])).toBe(vectors.list);
    expect(goQuoteList([])).toBe(vectors.emptyList);
  });
});
