import { GOALS, PEAK_MB } from './goals.js';
import { megabytes } from './statistics.js';

/** @typedef {import('./row.js').Result} Result */

/**
 * A goal beside what was measured. `met` is undefined where that was not measured.
 *
 * @typedef {{ readonly goal: string, readonly value: string, readonly met: boolean | undefined }} Verdict
 */

/**
 * Judges one row by all goals it has.
 *
 * @param {Result} result
 * @param {readonly Result[]} all for goals that name another row, where it was not timed beside this one
 * @param {readonly import('./goals.js').Goal[]} goals
 * @returns {Verdict[]}
 */
export function judge(result, all, goals = GOALS) {
  const verdicts = goals
    .filter(({ row }) => row === result.id)
    .map(({ atMost, of }) => {
      const unit = unitOf(result, all, of);
      const value = unit === undefined ? undefined : result.ours.ms / unit;
      return {
        goal: `≤ ${amount(atMost, of)}`,
        value: value === undefined ? 'not measured' : amount(value, of),
        met: value === undefined ? undefined : value <= atMost,
      };
    });
  const peak = megabytes(result.ours.peakMiB);
  if (peak >= PEAK_MB) verdicts.push({ goal: `< ${PEAK_MB} MB`, value: `${peak} MB`, met: false });
  return verdicts;
}

function unitOf(result, all, of) {
  if (of === 'ms') return 1;
  if (of === 'floor') return result.floor?.ms;
  if (of.startsWith('row:')) {
    const other = of.slice(4);
    return result.beside?.[other]?.ms ?? all.find(({ id }) => id === other)?.ours.ms;
  }
  return result.peers[of]?.ms;
}

function amount(value, of) {
  if (of === 'ms') return `${Math.round(value)} ms`;
  if (of === 'floor') return `${value.toFixed(2)} × floor`;
  if (of.startsWith('row:')) return `${value.toFixed(2)} × ${of.slice(4)}`;
  const inverse = 1 / value;
  return value < 1
    ? `1/${Number.isInteger(Math.round(inverse * 1e6) / 1e6) ? Math.round(inverse) : inverse.toFixed(1)}`
    : `${Number(value.toFixed(2))} ×`;
}
