import { describe, expect, it } from '@jest/globals';
import {
  canonicalString,
  familiarName,
  familiarString,
  parseReference,
  withDefaultTag,
} from '../../src/formats/reference.ts';
import { cpuTime } from '../cpu-time.ts';
import { fixture } from './fixture.ts';

interface Row {
  readonly text: string;
  readonly error?: string;
  readonly familiar?: string;
  readonly canonical?: string;
  readonly name?: string;
  readonly tagged?: string;
  readonly domain?: string;
  readonly path?: string;
}

// Which texts Docker 28.5 takes and how it words a refusal; how distribution/reference prints what it takes.
const rows: readonly Row[] = JSON.parse(fixture('references.json').toString());

describe('parseReference', () => {
  for (const row of rows) {
    const shown = JSON.stringify(row.text.length > 90 ? `${row.text.slice(0, 20)}...${row.text.length}` : row.text);
    if (row.error !== undefined) {
      it(`refuses ${shown} in Docker's words`, () => {
        expect(() => parseReference(row.text)).toThrow(
          expect.objectContaining({ code: 'LL_REFERENCE', message: row.error }),
        );
      });
    } else if (row.canonical === undefined) {
      it(`takes ${shown}`, () => {
        expect(familiarString(parseReference(row.text))).toBe(row.text);
      });
    } else {
      it(`takes ${shown} as Docker does`, () => {
        const reference = parseReference(row.text);
        expect({
          domain: reference.domain,
          path: reference.path,
          name: familiarName(reference),
          familiar: familiarString(reference),
          canonical: canonicalString(reference),
          tagged: canonicalString(withDefaultTag(reference)),
        }).toEqual({
          domain: row.domain,
          path: row.path,
          name: row.name,
          familiar: row.familiar,
          canonical: row.canonical,
          tagged: row.tagged,
        });
      });
    }
  }

  it('refuses very long texts at once', () => {
    const start = cpuTime();
    for (const text of ['a'.repeat(1e6), 'a-'.repeat(5e5), `${'A-'.repeat(5e5)}/x`, `${'a.'.repeat(5e5)}/x`]) {
      expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: 'LL_REFERENCE' }));
    }
    expect(cpuTime() - start).toBeLessThan(1000);
  });
});
