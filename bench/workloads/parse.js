import { parseTimes } from '../inputs/language.js';
import { realisticDockerfile } from '../inputs/realistic-dockerfile.js';

export const name = 'parse';

/** The language alone, within this process, beside JSON.parse of the same lines as words. */
export async function* rows(bench) {
  const pass = await parseTimes(bench.work);
  for (const lines of [1000, 10_000]) {
    const text = realisticDockerfile(lines);
    const json = JSON.stringify(text.split('\n').map((line) => line.split(' ')));
    for (let warm = 0; warm < 5; warm++) pass(text);
    for (const part of ['parse', 'plan', 'check']) {
      yield {
        id: `${part}-${lines}-lines`,
        title: `${part} of ${lines.toLocaleString('en')} lines`,
        light: true,
        runs: Math.max(bench.options.runs, 11),
        ours: () => inProcess(pass(text)[part]),
        floor: () => {
          const started = performance.now();
          JSON.parse(json);
          return inProcess(performance.now() - started);
        },
      };
    }
  }
}

async function inProcess(milliseconds) {
  return { milliseconds, cpuMs: milliseconds, peakMiB: 0 };
}
