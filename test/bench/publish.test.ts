import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { withFigures } from '../../bench/publish.js';

describe('the page of figures', () => {
  it('keeps what is written around its figures, and can be written again and again', () => {
    const page = readFileSync(resolve(import.meta.dirname, '../../docs/PERFORMANCE.md'), 'utf8');
    const once = withFigures(page, '| a |');
    const [before, after] = once.split('| a |');
    expect(page.startsWith(before?.trimEnd() ?? 'no figures')).toBe(true);
    expect(page.endsWith(after?.trimStart() ?? 'no figures')).toBe(true);
    expect(withFigures(once, '| a |')).toBe(once);
  });

  it('is left alone when it has lost its marks', () => {
    expect(() => withFigures('# Performance\n', 'figures')).toThrow('has lost the marks');
  });
});
