import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { Dockerfile, Stage } from '../parse-dockerfile.ts';
import { didYouMean } from '../suggest.ts';

/** Names of stages that a stage takes files from, as written. */
function sourcesOf({ instructions }: Stage): readonly string[] {
  return instructions.flatMap((instruction) => {
    if (instruction.kind === 'COPY') return instruction.from === '' ? [] : [instruction.from];
    if (instruction.kind !== 'RUN') return [];
    return instruction.mounts.flatMap((mount) => /(?:^|,)from=([^,]*)/i.exec(mount)?.[1] ?? []);
  });
}

/**
 * The stages to check: all of them, or the target and what it needs. Throws LL_PARSE for a target that is not there.
 *
 * @param reachedOnly whether the last stage is the target where none is named
 */
export function reachableStages(
  { stages }: Dockerfile,
  target: string | undefined,
  bases: readonly (number | undefined)[],
  reachedOnly: boolean,
): ReadonlySet<number> {
  if (!target && !reachedOnly) return new Set(stages.keys());
  const names = new Map(stages.flatMap(({ name }, index) => (name === undefined ? [] : [[name, index] as const])));
  const find = (name: string): number | undefined =>
    /^\d{1,9}$/.test(name) && Number(name) < stages.length ? Number(name) : names.get(name.toLowerCase());
  const first = target ? names.get(target.toLowerCase()) : stages.length - 1;
  if (first === undefined) {
    const suggestion = didYouMean(target ?? '', [...names.keys()]);
    throw new LayerlabError('LL_PARSE', `target stage "${target}" could not be found${suggestion}`);
  }
  const seen = new Set<number>();
  const waiting = [first];
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    const stage = stages[index];
    if (stage === undefined || seen.has(index)) continue;
    seen.add(index);
    for (const next of [bases[index], ...sourcesOf(stage).map(find)]) if (next !== undefined) waiting.push(next);
  }
  return seen;
}
