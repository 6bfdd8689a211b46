import type { ContainerConfig, HealthConfig } from '../formats/container-config.ts';
import { formatGoDuration } from '../formats/go-duration.ts';
import { goQuote, goQuoteList, goQuoteRune } from '../formats/go-quote.ts';
import type { KeyValue } from '../parser/instruction.ts';
import { type BuilderProfile, DEFAULT_SHELL } from '../profiles/builder-profile.ts';

/** `ENV a=1 b=2`: pairs unquoted. */
export function pairsText(keyword: 'ENV' | 'LABEL', pairs: readonly KeyValue[]): string {
  return [keyword, ...pairs.map(({ key, value }) => `${key}=${value}`)].join(' ');
}

/** `CMD ["a" "b"]`. */
export function commandText(keyword: 'CMD' | 'ENTRYPOINT', words: readonly string[] | null): string {
  return `${keyword} ${goQuoteList(words ?? [])}`;
}

/** `VOLUME [/a /b]`, `SHELL [/bin/bash -c]`: Go's `%v` of a list. */
export function listText(keyword: 'VOLUME' | 'SHELL', words: readonly string[]): string {
  return `${keyword} [${words.join(' ')}]`;
}

/**
 * Go's `%q` of a pointer to the struct, `HEALTHCHECK &{["CMD-SHELL" "x"] "5m0s" "0s" "0s" "0s" '\\x00'}`, or its `%v`:
 * `HEALTHCHECK &{[CMD-SHELL x] 5m0s 0s 0s 0s 0}`.
 */
export function healthcheckText(health: HealthConfig, profile: BuilderProfile): string {
  const test = health.test ?? [];
  const retries = health.retries ?? 0;
  const durations = [
    health.interval,
    health.timeout,
    health.startPeriod,
    ...(profile.healthStartInterval ? [health.startInterval] : []),
  ].map((duration) => formatGoDuration(duration ?? 0n));
  const fields = profile.healthcheckQuoted
    ? [goQuoteList(test), ...durations.map(goQuote), goQuoteRune(retries)]
    : [`[${test.join(' ')}]`, ...durations, String(retries)];
  return `HEALTHCHECK &{${fields.join(' ')}}`;
}

/** `EXPOSE ..` of the builder; `words` as written and expanded, `ports` as `80/tcp`. */
export function exposeText(words: readonly string[], ports: readonly string[], profile: BuilderProfile): string {
  if (profile.exposeText === 'words') return ['EXPOSE', ...words].join(' ');
  if (profile.exposeText === 'list') return `EXPOSE [${ports.join(' ')}]`;
  const entries = [...new Set(ports)].sort().map((port) => `${port}:{}`);
  return `EXPOSE map[${entries.join(' ')}]`;
}

/** The shell in front of shell forms. */
export function shellOf(config: ContainerConfig): readonly string[] {
  return config.shell !== null && config.shell.length > 0 ? config.shell : DEFAULT_SHELL;
}
