import type { ComparedRow, CompareResult, CompareRow } from '../../engine/compare-result.ts';
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

/** A comparison as Markdown, to be put into a pull request. */
export function markdownCompare(result: CompareResult, top: number): string {
  const { a, b, config, files, same } = result;
  const change = changeWords(result);
  const out = [
    `### ${code(a.name)} → ${code(b.name)}${change === '' ? '' : `: ${change}`}`,
    '',
    `- A ${code(a.name)}: ${escaped(sideWords(a))}`,
    `- B ${code(b.name)}: ${escaped(sideWords(b))}`,
    '',
    ...(same ? ['A and B are the same.', ''] : []),
    '| | A | B | size |',
    '| --- | --- | --- | --- |',
    ...groupRows(result.rows).map((group) =>
      group.kind === 'base' ? `| = | ${count(group.rows, 'instruction')} of the base | | |` : rowLine(group.row),
    ),
  ];
  if (config.length > 0) {
    out.push('', '| config | A | B |', '| --- | --- | --- |');
    for (const { key, a: before, b: after } of config) {
      out.push(`| ${code(key)} | ${code(valueText(before))} | ${code(valueText(after))} |`);
    }
  }
  if (files !== undefined) {
    out.push('', `Files: ${filesWords(files)}`);
    if (files.length > 0) {
      out.push('', '| file | | what |', '| --- | --- | --- |');
      for (const file of bySize(files).slice(0, top)) {
        out.push(`| ${code(pathText(file))} | ${file.change} | ${escaped(fileWords(file))} |`);
      }
      if (files.length > top) out.push(`| ${count(files.length - top, 'more file')} | | |`);
    }
  }
  return out.map((line) => `${line}\n`).join('');
}

const marks = { same: '=', rebuilt: '≠', changed: '~', removed: '-', added: '+' } as const;

function rowLine({ status, a, b }: ComparedRow): string {
  const cell = (row: CompareRow | undefined): string =>
    row === undefined
      ? ''
      : `${row.layer ? '●' : '○'} ${code(row.text)}${row.line === undefined ? '' : ` (line ${row.line})`}`;
  return `| ${marks[status]} | ${cell(a)} | ${status === 'same' ? '' : cell(b)} | ${rowSize(a, b)} |`;
}

/** Text in a table cell as code: nothing in it is markup, and no bar ends the cell. */
function code(text: string): string {
  const shown = oneLine(text);
  if (shown === '') return '';
  // No backslash may stand before the one that guards a bar.
  if (shown.includes('\\|')) return `<code>${entities(shown)}</code>`;
  const line = shown.replaceAll('|', '\\|');
  if (!line.includes('`')) return `\`${line}\``;
  const longest = Math.max(...(line.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return `${fence} ${line} ${fence}`;
}

function entities(text: string): string {
  return text.replace(/[^\p{L}\p{N} ]/gu, (sign) => `&#${sign.codePointAt(0)};`);
}

function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]<>|#]/g, '\\$&');
}
