import type { ConformanceCase } from '../harness/case.ts';
import type { RandomSource } from './random-source.ts';

/** Flags of the command line; `--build-arg`, `--secret` and `--build-context` are chosen elsewhere. */
export type RandomFlags = Pick<ConformanceCase, 'target' | 'labels' | 'platform' | 'file' | 'sendAs'>;

const LABELS: readonly Readonly<Record<string, string>>[] = [{ l: 'given' }, { A: "it's $A", l: '' }];
const BLANK_LABELS: readonly Readonly<Record<string, string>>[] = [{ 'a b': 'c' }];

/** @param stages what `--target` may name */
export function randomFlags(random: RandomSource, stages: readonly string[]): RandomFlags {
  const target = random.percent(8) ? random.mostly(stages, ['S0', 'nowhere', '0', '1', ''], 15) : undefined;
  const labels = random.percent(8) ? random.mostly(LABELS, BLANK_LABELS) : undefined;
  const platform = random.percent(4)
    ? random.pick(['linux/amd64', 'linux', 'linux/amd64/v2', 'linux/arm64'])
    : undefined;
  const file = random.percent(5) ? random.pick(['Other', 'made/Dockerfile', 'made/a b', '.Dockerfile']) : undefined;
  const compression = random.percent(5) ? random.pick(['none', 'gzip', 'xz', 'bzip2'] as const) : undefined;
  return {
    ...(target === undefined ? {} : { target }),
    ...(labels === undefined ? {} : { labels }),
    ...(platform === undefined ? {} : { platform }),
    ...(file === undefined ? {} : { file }),
    ...(compression === undefined ? {} : { sendAs: { kind: 'stdin', compression } }),
  };
}
