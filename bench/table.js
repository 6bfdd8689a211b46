import { judge } from './judge.js';
import { megabytes } from './statistics.js';

/** @typedef {import('./results.js').Results} Results */

/**
 * The rows of a table as text, cells by column; the first row is the head.
 *
 * @param {Results} results
 * @param {(row: import('./row.js').Result) => boolean} [kept]
 * @returns {string[][]}
 */
export function tableOf({ machine, rows }, kept = () => true) {
  const peers = Object.entries(machine.peers).filter(([name]) => rows.some((row) => row.peers[name] !== undefined));
  const head = ['work', 'layerlab', 'peak', ...peers.map(([, title]) => title), 'ratio', 'floor', '× floor', 'goal'];
  return [
    head,
    ...rows.filter(kept).map((row) => {
      const against = row.peers[row.against];
      return [
        row.title,
        time(row.ours.ms),
        row.ours.peakMiB > 0 ? `${megabytes(row.ours.peakMiB)} MB` : '-',
        ...peers.map(([name]) => peerTime(row.peers[name], row.ours.runs)),
        against === undefined ? '-' : `${(against.ms / row.ours.ms).toFixed(1)}x`,
        row.floor === undefined ? '-' : time(row.floor.ms),
        row.floor === undefined ? '-' : (row.ours.ms / row.floor.ms).toFixed(2),
        judge(row, rows)
          .map(({ goal, value, met }) =>
            met === true ? `met ${goal}` : `${met === false ? 'MISSED' : '?'} ${goal}: ${value}`,
          )
          .join('; ') || '-',
      ];
    }),
  ];
}

function peerTime(summary, runs) {
  if (summary === undefined) return '-';
  return summary.runs < Math.min(runs, 5) ? `${time(summary.ms)} (${summary.runs})` : time(summary.ms);
}

function time(ms) {
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return `${ms >= 10 ? Math.round(ms) : ms.toFixed(1)} ms`;
}

/** Columns for a terminal: the first to the left, goals too, what is counted to the right. */
export function textTable(cells) {
  const last = cells[0].length - 1;
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const line = (row) =>
    row.map((cell, column) =>
      column === 0 || column === last ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
    );
  return cells.map((row) => `${line(row).join('   ').trimEnd()}\n`).join('');
}

/** The same in Markdown. */
export function markdownTable(cells) {
  const line = (row) => `| ${row.join(' | ')} |\n`;
  const last = cells[0].length - 1;
  const rule = cells[0].map((_, column) => (column === 0 || column === last ? '---' : '---:'));
  return [line(cells[0]), line(rule), ...cells.slice(1).map(line)].join('');
}

/** What has to be known to read the figures. */
export function caption({ machine, runs, peerSeconds }) {
  const left = Object.entries(machine.leftOut).map(([name, reason]) => `${name} (${reason})`);
  return [
    `${machine.cpus} CPUs (${machine.model}), Linux ${machine.kernel}, Node ${machine.node}, everything on ${machine.disk}, sha256 of the floor by ${machine.sha256}.`,
    `Medians of ${runs} runs, of 3 in some rows without a goal; (n) marks a peer that was timed n times only, because it took more than ${peerSeconds} s.`,
    ...(left.length === 0 ? [] : [`Left out: ${left.join(', ')}.`]),
  ];
}
