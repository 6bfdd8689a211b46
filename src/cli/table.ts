import { isWide } from './text-width.ts';

const ASCII = /^[ -~]*$/;
const MIN_WIDTH = 10;
const PADDING = 3;

interface Cell {
  readonly text: string;
  readonly width: number;
}

/**
 * Lines of tab-separated cells, aligned as docker aligns its tables: Go's text/tabwriter with minwidth 10, padding 3 and
 * spaces (docker/cli formatter.go). A column is a run of neighbouring lines that have a tab-terminated cell there; what
 * follows a line's last tab is not padded. `text` ends in a newline or not, and so does the result.
 */
export function alignTable(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.split('\t').map((cell) => ({ text: cell, width: cellWidth(cell) })));
  const out: string[] = [];
  format(lines, [], 0, lines.length, out);
  return out.join('\n');
}

function format(
  lines: readonly (readonly Cell[])[],
  widths: readonly number[],
  from: number,
  to: number,
  out: string[],
): void {
  const column = widths.length;
  let start = from;
  let line = from;
  while (line < to) {
    if (!hasColumn(lines[line], column)) {
      line += 1;
      continue;
    }
    writeLines(lines, widths, start, line, out);
    start = line;
    let width = MIN_WIDTH;
    while (line < to && hasColumn(lines[line], column)) {
      width = Math.max(width, (lines[line]?.[column]?.width ?? 0) + PADDING);
      line += 1;
    }
    format(lines, [...widths, width], start, line, out);
    start = line;
  }
  writeLines(lines, widths, start, to, out);
}

function hasColumn(line: readonly Cell[] | undefined, column: number): boolean {
  return line !== undefined && column < line.length - 1;
}

function writeLines(
  lines: readonly (readonly Cell[])[],
  widths: readonly number[],
  from: number,
  to: number,
  out: string[],
): void {
  for (const line of lines.slice(from, to)) {
    out.push(line.map((cell, index) => pad(cell, widths[index])).join(''));
  }
}

function pad(cell: Cell, width: number | undefined): string {
  return width === undefined ? cell.text : cell.text + ' '.repeat(Math.max(0, width - cell.width));
}

// docker/cli's tabwriter counts wide characters as two and every other one as one.
function cellWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += isWide(character.codePointAt(0) ?? 0) ? 2 : 1;
  return width;
}
