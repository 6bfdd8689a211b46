import type { HistoryRow } from '../../formats/image-config.ts';
import { alignTexts } from '../align-texts.ts';
import { plainInstruction } from '../look/layer-steps.ts';
import type { PlannedRow } from '../plan/planned-rows.ts';

/** The hash of the sources in a classic COPY or ADD: known to the history, not to the plan. */
const HASH = /(?:file|dir|multi):[0-9a-f]{64}|\$\{HASH\}/g;

/** The build arguments that a RUN was given, which its text alone leaves out. */
const ARGUMENTS = /^(?:RUN )?(\|\d+ .*?)\/bin\/sh -c /s;

/** A history row and a planned row as texts that can be compared. Blanks within count: they may be a command's. */
export function comparableText(createdBy: string): string {
  return `${plainInstruction({ createdBy, created: '', comment: '' }).replace(HASH, '#').trim()}${argumentsOf(createdBy)}`;
}

/** As ` |1 VERSION=2`; empty where there are none. */
export function argumentsOf(createdBy: string): string {
  const given = ARGUMENTS.exec(createdBy)?.[1];
  return given === undefined ? '' : ` ${given.trim()}`;
}

/** Whether two instructions are of one kind, so that one may be an edited version of the other. */
export function sameKind(a: string, b: string): boolean {
  const wordOf = (text: string): string => /^\S*/.exec(text)?.[0].toUpperCase() ?? '';
  return wordOf(a) !== '' && wordOf(a) === wordOf(b);
}

/**
 * Which line of a Dockerfile made which row of a history: keys are positions in the history. Rows below `from` are the base
 * image's. A row that fits no line exactly gets that of the only instruction of its kind between two rows that do.
 */
export function linesOfRows(
  history: readonly HistoryRow[],
  from: number,
  planned: readonly PlannedRow[],
): ReadonlyMap<number, number> {
  const rows = history.slice(from).map(({ createdBy }) => comparableText(createdBy ?? ''));
  const texts = planned.map(({ createdBy }) => comparableText(createdBy));
  const lines = new Map<number, number>();
  for (const { a, b } of alignTexts(rows, texts, sameKind)) {
    const line = b === undefined ? undefined : planned[b]?.line;
    if (a !== undefined && line !== undefined) lines.set(from + a, line);
  }
  return lines;
}
