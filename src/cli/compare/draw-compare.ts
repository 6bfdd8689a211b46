import type { ComparedRow, CompareResult, CompareRow, FileDifference, RowStatus } from '../../engine/compare-result.ts';
import { cut } from '../plan/cut.ts';
import type { Paint } from '../plan/paint.ts';
import { count, oneLine } from '../plan/words.ts';
import {
  bySize,
  changeWords,
  filesWords,
  fileWords,
  groupRows,
  pathText,
  rowSize,
  sideWords,
  valueText,
} from './compare-words.ts';

const LEAST_WIDTH = 60;

const marks: Readonly<Record<RowStatus, string>> = { same: '=', rebuilt: '≠', changed: '~', removed: '-', added: '+' };

/** Draws a comparison: the two sides, their instructions set side by side, and what differs in config and files. */
export function drawCompare(result: CompareResult, top: number, paint: Paint, columns: number): string {
  const width = Math.max(columns, LEAST_WIDTH);
  const { a, b, config, files, same } = result;
  const change = changeWords(result);
  const out = [
    cut(`A  ${oneLine(a.name)}: ${sideWords(a)}`, width),
    cut(`B  ${oneLine(b.name)}: ${sideWords(b)}`, width),
    ...(change === '' ? [] : [`   ${change}`]),
    '',
    'Instructions  (= same, ≠ other layer, ~ changed, - only in A, + only in B; ● layer, ○ config)',
    ...groupRows(result.rows).flatMap((group) =>
      group.kind === 'base'
        ? [paint.faint(`  = ${count(group.rows, 'instruction')} of the base`)]
        : rowLines(group.row, paint, width),
    ),
  ];
  if (config.length > 0) {
    out.push('', 'Config');
    for (const { key, a: before, b: after } of config) {
      out.push(cut(`  ${oneLine(key)}: ${valueText(before)} → ${valueText(after)}`, width));
    }
  }
  if (files !== undefined) out.push('', `Files: ${filesWords(files)}`, ...fileLines(files, top, paint, width));
  out.push('', same ? 'A and B are the same.' : 'A and B differ.');
  return out.map((line) => `${line}\n`).join('');
}

function rowLines({ status, a, b }: ComparedRow, paint: Paint, width: number): readonly string[] {
  const size = rowSize(a, b);
  const line = (mark: string, row: CompareRow | undefined, note: string): string => {
    const place = row?.line === undefined ? '' : `line ${row.line}: `;
    return cut(
      `  ${mark} ${row?.layer === true ? '●' : '○'} ${note.padStart(15)}  ${place}${oneLine(row?.text ?? '')}`,
      width,
    );
  };
  switch (status) {
    case 'same':
      return [line(marks.same, b ?? a, size)];
    case 'rebuilt':
      return [paint.warn(line(marks.rebuilt, b, size))];
    case 'changed':
      return [paint.warn(line(marks.changed, a, size)), paint.warn(line(' ', b, ''))];
    case 'removed':
      return [paint.wrong(line(marks.removed, a, size))];
    case 'added':
      return [paint.layer(line(marks.added, b, size))];
  }
}

const fileMarks = { added: '+', removed: '-', changed: '~' } as const;

function fileLines(files: readonly FileDifference[], top: number, paint: Paint, width: number): readonly string[] {
  const paints = { added: paint.layer, removed: paint.wrong, changed: paint.warn };
  const lines = bySize(files)
    .slice(0, top)
    .map((file) =>
      paints[file.change](cut(`  ${fileMarks[file.change]} ${pathText(file)}  ${fileWords(file)}`, width)),
    );
  const rest = files.length - lines.length;
  return rest > 0 ? [...lines, `    and ${count(rest, 'more file')} (--top shows more)`] : lines;
}
