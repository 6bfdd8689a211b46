import { goQuote } from '../formats/go-quote.ts';
import type { FromInstruction } from './instruction.ts';
import { commonFields, type InstructionRequest } from './instruction-request.ts';
import { InstructionProblem } from './parse-error.ts';
import { parseFlags } from './parse-flags.ts';

const STAGE_NAME = /^[a-z][a-z0-9-_.]*$/;

/** FROM: a base and, behind AS, the lower-cased name of the stage. Throws InstructionProblem. */
export function parseFrom(request: InstructionRequest): FromInstruction {
  const [base, as, name] = request.args.words;
  const named = request.args.words.length === 3 && as?.toLowerCase() === 'as' && name !== undefined;
  if (base === undefined || (!named && request.args.words.length !== 1)) {
    throw new InstructionProblem('FROM requires either one or three arguments');
  }
  if (named && !STAGE_NAME.test(name.toLowerCase())) {
    const rule = "name can't start with a number or contain symbols";
    throw new InstructionProblem(`invalid name for build stage: ${goQuote(name)}, ${rule}`);
  }
  const flags = parseFlags(request.parts.flags, { platform: 'string' }, request.syntax);
  return {
    kind: 'FROM',
    ...commonFields(request),
    flags: flags.flags,
    base,
    name: named ? name.toLowerCase() : undefined,
    platform: flags.string('platform') || undefined,
  };
}
