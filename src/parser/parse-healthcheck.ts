import { LayerlabError } from '../errors/layerlab-error.ts';
import type { HealthConfig } from '../formats/container-config.ts';
import { parseGoDuration } from '../formats/go-duration.ts';
import { goQuote } from '../formats/go-quote.ts';
import type { HealthcheckInstruction } from './instruction.ts';
import { commonFields, type InstructionRequest } from './instruction-request.ts';
import { InstructionProblem } from './parse-error.ts';
import { parseFlags } from './parse-flags.ts';

const MINIMUM = 1_000_000n;
const MAX_RETRIES = 2 ** 31 - 1;

function interval(name: string, text: string): bigint {
  if (text === '') return 0n;
  const duration = readDuration(text);
  if (duration !== 0n && duration < MINIMUM) {
    throw new InstructionProblem(`Interval ${goQuote(name)} cannot be less than 1ms`);
  }
  return duration;
}

function readDuration(text: string): bigint {
  try {
    return parseGoDuration(text);
  } catch (error) {
    if (!(error instanceof LayerlabError)) throw error;
    throw new InstructionProblem(error.message);
  }
}

function retries(text: string, fewest: 0 | 1): number {
  if (text === '') return 0;
  if (!/^[-+]?\d+$/.test(text)) {
    throw new InstructionProblem(`strconv.ParseInt: parsing ${goQuote(text)}: invalid syntax`);
  }
  const value = Number(text);
  if (value > MAX_RETRIES || value < -MAX_RETRIES - 1) {
    throw new InstructionProblem(`strconv.ParseInt: parsing ${goQuote(text)}: value out of range`);
  }
  if (fewest === 1 && value < 1) throw new InstructionProblem(`--retries must be at least 1 (not ${value})`);
  if (value < 0) throw new InstructionProblem(`--retries cannot be negative (${value})`);
  return value;
}

const FLAGS = {
  interval: 'string',
  timeout: 'string',
  'start-period': 'string',
  'start-interval': 'string',
  retries: 'string',
} as const;

/** HEALTHCHECK, durations in nanoseconds; fields that are not given are left out. Throws InstructionProblem. */
export function parseHealthcheck(request: InstructionRequest): HealthcheckInstruction {
  const [typeWord, ...words] = request.args.words;
  if (typeWord === undefined) throw new InstructionProblem('HEALTHCHECK requires at least one argument');
  const type = typeWord.toUpperCase();
  if (type === 'NONE') {
    // Docker does not look at the flags here.
    if (words.length > 0) throw new InstructionProblem('HEALTHCHECK NONE takes no arguments');
    return { kind: 'HEALTHCHECK', ...commonFields(request), flags: [], health: Object.freeze({ test: ['NONE'] }) };
  }
  const flags = parseFlags(request.parts.flags, FLAGS, request.syntax);
  if (type !== 'CMD') throw new InstructionProblem(`Unknown type ${goQuote(type)} in HEALTHCHECK (try CMD)`);
  if (words.length === 0) throw new InstructionProblem('Missing command after HEALTHCHECK CMD');
  const health: HealthConfig = {
    test: Object.freeze([request.args.json ? 'CMD' : 'CMD-SHELL', ...words]),
    interval: interval('interval', flags.string('interval')),
    timeout: interval('timeout', flags.string('timeout')),
    startPeriod: interval('start-period', flags.string('start-period')),
    startInterval: interval('start-interval', flags.string('start-interval')),
    retries: retries(flags.string('retries'), request.syntax.fewestRetries),
  };
  return { kind: 'HEALTHCHECK', ...commonFields(request), flags: flags.flags, health: Object.freeze(health) };
}
