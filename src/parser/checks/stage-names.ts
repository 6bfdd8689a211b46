import { goQuote } from '../../formats/go-quote.ts';
import type { FromInstruction } from '../instruction.ts';
import type { Dockerfile } from '../parse-dockerfile.ts';
import { splitCommand } from '../split-command.ts';
import { splitAtSpaces } from '../split-words.ts';
import type { Reporter } from './report.ts';

const RESERVED: ReadonlySet<string> = new Set(['context', 'scratch']);

/** StageNameCasing and FromAsCasing: what the words behind FROM look like. */
export function checkFromWords(from: FromInstruction, reporter: Reporter): void {
  const [, as, name] = splitAtSpaces(splitCommand(from.source).rest);
  if (as === undefined || name === undefined) return;
  if (name !== name.toLowerCase()) {
    reporter.report('StageNameCasing', from.range, `Stage name '${name}' should be lowercase`, name);
  }
  const { keyword } = from;
  const isLower = keyword === keyword.toLowerCase();
  // A keyword in mixed case is ConsistentInstructionCasing's to report.
  if (!isLower && keyword !== keyword.toUpperCase()) return;
  if (as === (isLower ? as.toLowerCase() : as.toUpperCase())) return;
  reporter.report('FromAsCasing', from.range, `'${as}' and '${keyword}' keywords' casing do not match`, as);
}

/** ReservedStageName and DuplicateStageName. */
export function checkStageNames({ stages }: Dockerfile, reporter: Reporter): void {
  const seen = new Set<string>();
  for (const { from, name } of stages) {
    if (name === undefined) continue;
    const written = splitAtSpaces(splitCommand(from.source).rest)[2] ?? name;
    if (RESERVED.has(name)) {
      const message = `Stage name should not use the same name as reserved stage ${goQuote(name)}`;
      reporter.report('ReservedStageName', from.range, message, written);
    }
    if (seen.has(name)) {
      const message = `Duplicate stage name ${goQuote(name)}, stage names should be unique`;
      reporter.report('DuplicateStageName', from.range, message, written);
    }
    seen.add(name);
  }
}
