import type { Dockerfile } from '../parse-dockerfile.ts';
import type { Reporter } from './report.ts';

/** ConsistentInstructionCasing: the case of most keywords, upper case where there is no majority, is the one for all. */
export function checkCasing({ stages }: Dockerfile, reporter: Reporter): void {
  const instructions = stages.flatMap((stage) => [stage.from, ...stage.instructions]);
  let balance = 0;
  for (const { keyword } of instructions) {
    if (keyword === keyword.toLowerCase()) balance++;
    else if (keyword === keyword.toUpperCase()) balance--;
  }
  const lower = balance > 0;
  for (const { keyword, range } of instructions) {
    if (keyword === (lower ? keyword.toLowerCase() : keyword.toUpperCase())) continue;
    const wanted = lower ? 'lowercase' : 'uppercase';
    const message = `Command '${keyword}' should match the case of the command majority (${wanted})`;
    reporter.report('ConsistentInstructionCasing', range, message, keyword);
  }
}
