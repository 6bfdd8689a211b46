import type { Result } from '../../bench/row.js';

/** A row that took us `ours` milliseconds and others what is given. */
export function resultOf(
  id: string,
  ours: number,
  peers: Readonly<Record<string, number>> = {},
  rest: {
    readonly floor?: number;
    readonly peakMiB?: number;
    readonly against?: string;
    readonly beside?: Readonly<Record<string, number>>;
  } = {},
): Result {
  const summary = (ms: number) => ({ ms, cpuMs: ms, runs: 5 });
  const summaries = (all: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(all).map(([name, ms]) => [name, summary(ms)]));
  return {
    id,
    title: `work ${id}`,
    against: rest.against ?? 'buildkit-28',
    ours: { ...summary(ours), peakMiB: rest.peakMiB ?? 50 },
    peers: summaries(peers),
    ...(rest.beside === undefined ? {} : { beside: summaries(rest.beside) }),
    ...(rest.floor === undefined ? {} : { floor: summary(rest.floor) }),
  };
}
