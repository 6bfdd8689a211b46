import { basename } from 'node:path';
import type { SourceLocation } from '../errors/layerlab-error.ts';

/** Lines and columns, as those of a SourceLocation. */
export type ExactPlace = Pick<SourceLocation, 'startLine' | 'endLine' | 'startColumn' | 'endColumn'>;

const RULE = '--------------------\n';

/**
 * The lines of a Dockerfile around a place, as BuildKit's clients print them (solver/errdefs/source.go): `>>>` marks the
 * lines meant. Where the columns are known, a line of carets underlines the exact place, which may be another one inside of
 * those lines (`exact`). Empty where the place is outside of the text.
 */
export function dockerfileExcerpt(location: SourceLocation, exact: ExactPlace = location): string {
  const lines = location.source.split('\n');
  const first = location.startLine;
  if (first < 1 || first > lines.length) return '';
  const last = Math.min(Math.max(location.endLine, first), lines.length);
  const [from, to] = withNeighbours(first, last, lines.length);
  let out = `${basename(location.file)}:${first}\n${RULE}`;
  for (let number = from; number <= to; number += 1) {
    const line = (lines[number - 1] ?? '').replace(/\r$/, '');
    const meant = number >= first && number <= last;
    out += ` ${String(number).padStart(3)} | ${meant ? '>>>' : '   '} ${line}\n`;
    if (meant) out += underline(exact, number, line);
  }
  return out + RULE;
}

// Four lines around a single line, two around several; at an end of the file the other side gets the rest.
function withNeighbours(first: number, last: number, count: number): readonly [number, number] {
  const wanted = first === last ? 4 : 2;
  let [from, to, taken] = [first, last, 0];
  while (taken < wanted) {
    if (from > 1) {
      from -= 1;
      taken += 1;
    }
    if (to !== count) {
      to += 1;
      taken += 1;
    }
    taken += 1;
  }
  return [from, to];
}

function underline(location: ExactPlace, number: number, line: string): string {
  if (number < location.startLine || number > Math.max(location.endLine, location.startLine)) return '';
  if (location.startColumn === undefined) return '';
  const start = number === location.startLine ? location.startColumn : 0;
  const end = number === location.endLine ? (location.endColumn ?? start + 1) : line.length;
  // The whole of a line says nothing that `>>>` does not.
  if (line.trim() === '' || (line.slice(0, start).trim() === '' && line.slice(end).trim() === '')) return '';
  if (start > line.length) return '';
  const indent = line.slice(0, start).replace(/[^\t]/g, ' ');
  return `     |     ${indent}${'^'.repeat(Math.max(1, Math.min(end, line.length) - start))}\n`;
}
