import type { EnvInstruction, LabelInstruction } from '../instruction.ts';
import { splitCommand } from '../split-command.ts';
import { splitQuotedWords } from '../split-words.ts';
import type { Reporter } from './report.ts';

/** LegacyKeyValueFormat: `ENV key value`. The parser takes a line for that where its first word has no `=`. */
export function checkKeyValueForm(
  instruction: EnvInstruction | LabelInstruction,
  escapeToken: string,
  reporter: Reporter,
): void {
  const { keyword, source, range } = instruction;
  const first = splitQuotedWords(splitCommand(source).rest, escapeToken)[0] ?? '';
  if (first === '' || first.includes('=')) return;
  const message = `"${keyword} key=value" should be used instead of legacy "${keyword} key value" format`;
  reporter.report('LegacyKeyValueFormat', range, message, first);
}
