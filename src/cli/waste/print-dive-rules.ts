import type { RuleOutcome } from '../../engine/waste/dive-rules.ts';
import type { WasteResult } from '../../engine/waste-result.ts';
import { fromByteString } from '../../formats/bytestring.ts';
import type { Paint } from '../plan/paint.ts';
import { oneLine } from '../plan/words.ts';
import { humanSizeWithPrecision } from '../units.ts';

const words = { pass: 'PASS', fail: 'FAIL', skip: 'SKIP' } as const;

/** The report of a CI run, in the form that dive gives it. */
export function printDiveRules(result: WasteResult, outcomes: readonly RuleOutcome[], paint: Paint): string {
  const size = (bytes: number): string => humanSizeWithPrecision(bytes, 3);
  const amount = (status: RuleOutcome['status']): number => outcomes.filter((one) => one.status === status).length;
  const paints = { pass: paint.layer, fail: paint.wrong, skip: paint.faint };
  const failed = amount('fail');
  const lines = [
    `  efficiency: ${(result.efficiency * 100).toFixed(4)} %`,
    `  wastedBytes: ${result.wastedBytes} bytes (${size(result.wastedBytes)})`,
    `  userWastedPercent: ${(result.userWastedPercent * 100).toFixed(4)} %`,
    'Inefficient Files:',
    ...(result.paths.length === 0 ? ['None'] : ['Count  Wasted Space  File Path']),
    ...result.paths.map(({ stored, bytes, path }) => {
      return `${String(stored).padStart(5)}  ${size(bytes).padStart(12)}  /${oneLine(fromByteString(path))}`;
    }),
    'Results:',
    ...outcomes.map(({ status, name, message }) => {
      return paints[status](`  ${words[status]}: ${name}${message === '' ? '' : `: ${message}`}`);
    }),
    (failed === 0 ? paint.layer : paint.wrong)(
      `Result:${failed === 0 ? 'PASS' : 'FAIL'} [Total:${outcomes.length}] [Passed:${amount('pass')}] [Failed:${failed}] [Warn:0] [Skipped:${amount('skip')}]`,
    ),
  ];
  return lines.map((line) => `${line}\n`).join('');
}
