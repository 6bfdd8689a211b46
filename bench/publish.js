import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { growthOf, plot } from './plot.js';
import { caption, markdownTable, tableOf } from './table.js';

const docs = join(import.meta.dirname, '../docs');

/** Writes the tables of docs/PERFORMANCE.md and the drawing beside it, from results alone. */
export function publish(results) {
  const page = join(docs, 'PERFORMANCE.md');
  writeFileSync(page, withFigures(readFileSync(page, 'utf8'), figures(results)));
  writeFileSync(join(docs, 'performance.svg'), plot(growthOf(results.rows)));
}

/** The tables as they stand on the page. */
export function figures(results) {
  const tables = markdownTable(tableOf(results, ({ id }) => !id.startsWith('growth-')));
  return `${tables}\n${caption(results).join('\n')}\n`;
}

const BEGIN = '<!-- figures: written by npm run bench -- --publish -->';
const END = '<!-- end of figures -->';

/**
 * Puts text between the two marks of a page.
 *
 * @throws {Error} when the page has no such marks
 */
export function withFigures(page, text) {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from < 0 || to < from) throw new Error('docs/PERFORMANCE.md has lost the marks around its figures');
  return `${page.slice(0, from + BEGIN.length)}\n\n${text}\n${page.slice(to)}`;
}
