import { MAIN_PEER } from './row.js';

/**
 * How the time of something grows with its size; milliseconds.
 *
 * @typedef {{ readonly size: number, readonly ours: number, readonly theirs: number | undefined }} Point
 * @typedef {{ readonly title: string, readonly axis: string, readonly points: readonly Point[] }} Panel
 */

/** Which rows are the points of a curve: those of the growth workload, and the row of the full size. */
const CURVES = [
  { title: 'Files', axis: 'files copied', rows: 'growth-files-', full: { id: 'files-cold', size: 20_000 } },
  { title: 'Bytes', axis: 'MiB copied, in one file', rows: 'growth-bytes-', full: { id: 'file-cold', size: 1024 } },
  { title: 'Layers', axis: 'RUN lines, a layer each', rows: 'growth-runs-', full: { id: 'runs-crun', size: 50 } },
  { title: 'Stages', axis: 'stages of COPY and RUN', rows: 'growth-stages-', full: { id: 'stages', size: 10 } },
];

/**
 * The curves that can be drawn of some results.
 *
 * @param {readonly import('./row.js').Result[]} rows
 * @returns {Panel[]}
 */
export function growthOf(rows) {
  return CURVES.flatMap(({ title, axis, rows: prefix, full }) => {
    const points = rows
      .filter(({ id }) => id.startsWith(prefix) || id === full.id)
      .map((row) => ({
        size: row.id === full.id ? full.size : Number(row.id.slice(prefix.length)),
        ours: row.ours.ms,
        theirs: row.peers[MAIN_PEER]?.ms,
      }))
      .sort((a, b) => a.size - b.size);
    return points.length < 2 ? [] : [{ title, axis, points }];
  });
}

const WIDTH = 720;
const PANEL = { width: 360, height: 230, left: 46, right: 92, top: 34, bottom: 46 };

/** Colours that can be told apart by everybody, on white and on black. */
const STYLE = `
  text { font: 11px system-ui, sans-serif; fill: #57606a; }
  .title { font-size: 13px; font-weight: 600; fill: #24292f; }
  .grid { stroke: #d0d7de; stroke-width: 1; }
  .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
  .ours { stroke: #0969da; } .dot.ours, .word.ours { fill: #0969da; stroke: none; }
  .theirs { stroke: #bc4c00; } .dot.theirs, .word.theirs { fill: #bc4c00; stroke: none; }
  @media (prefers-color-scheme: dark) {
    text { fill: #8b949e; } .title { fill: #e6edf3; } .grid { stroke: #30363d; }
    .ours { stroke: #58a6ff; } .dot.ours, .word.ours { fill: #58a6ff; }
    .theirs { stroke: #f0883e; } .dot.theirs, .word.theirs { fill: #f0883e; }
  }`;

/**
 * Draws the curves, two in a row, as one SVG that is the same for the same figures.
 *
 * @param {readonly Panel[]} panels
 */
export function plot(panels) {
  const height = Math.ceil(panels.length / 2) * PANEL.height;
  const drawn = panels.map((panel, i) => {
    const place = `translate(${(i % 2) * PANEL.width} ${Math.floor(i / 2) * PANEL.height})`;
    return `<g transform="${place}">\n${drawPanel(panel)}\n</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    '<title>How the time of a build grows: layerlab beside BuildKit</title>',
    `<style>${STYLE}\n</style>`,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

function drawPanel({ title, axis, points }) {
  const right = PANEL.width - PANEL.right;
  const bottom = PANEL.height - PANEL.bottom;
  const largest = Math.max(...points.flatMap(({ ours, theirs }) => [ours, theirs ?? 0])) / 1000;
  const step = niceStep(largest / 4);
  const top = Math.ceil(largest / step) * step;
  const x = (size) => fixed(PANEL.left + (size / points[points.length - 1].size) * (right - PANEL.left));
  const y = (seconds) => fixed(bottom - (seconds / top) * (bottom - PANEL.top));
  const parts = [`<text class="title" x="${PANEL.left}" y="18">${title}</text>`];
  for (let i = 0; i * step <= top + step / 2; i++) {
    const at = y(i * step);
    parts.push(
      `<line class="grid" x1="${PANEL.left}" y1="${at}" x2="${right}" y2="${at}"/>`,
      `<text x="${PANEL.left - 6}" y="${fixed(at + 4)}" text-anchor="end">${Number((i * step).toPrecision(3))} s</text>`,
    );
  }
  for (const { size } of spaced(points, x))
    parts.push(`<text x="${x(size)}" y="${bottom + 16}" text-anchor="middle">${size.toLocaleString('en')}</text>`);
  parts.push(`<text x="${fixed((PANEL.left + right) / 2)}" y="${bottom + 34}" text-anchor="middle">${axis}</text>`);
  const ends = [
    curve(
      'theirs',
      'BuildKit',
      points.filter(({ theirs }) => theirs !== undefined),
      (point) => point.theirs,
    ),
    curve('ours', 'layerlab', points, (point) => point.ours),
  ].filter(({ line }) => line !== '');
  parts.push(...ends.map(({ line }) => line));
  // Words at the ends of both curves must not lie on each other.
  const [upper, lower] = ends.map(({ end }) => end.y);
  const apart = lower === undefined ? 0 : Math.max(0, 28 - (lower - upper)) / 2;
  for (const [i, { end, kind, name }] of ends.entries()) {
    const at = fixed(end.y + (ends.length === 1 ? 0 : i === 0 ? -apart : apart));
    parts.push(
      `<text class="word ${kind}" x="${end.x + 8}" y="${at}">${name}</text>`,
      `<text class="word ${kind}" x="${end.x + 8}" y="${fixed(at + 12)}">${seconds(end.ms)}</text>`,
    );
  }
  return parts.join('\n');

  function curve(kind, name, own, value) {
    if (own.length === 0) return { line: '' };
    const at = own.map((point) => ({ x: x(point.size), y: y(value(point) / 1000), ms: value(point) }));
    const line = `<polyline class="line ${kind}" points="${at.map((each) => `${each.x},${each.y}`).join(' ')}"/>`;
    const dots = at.map((each) => `<circle class="dot ${kind}" cx="${each.x}" cy="${each.y}" r="3"/>`);
    return { line: [line, ...dots].join('\n'), end: at[at.length - 1], kind, name };
  }
}

/** Sizes whose numbers have room beside each other, the largest first. */
function spaced(points, x) {
  const kept = [];
  for (const point of [...points].reverse())
    if (kept.length === 0 || x(kept[kept.length - 1].size) - x(point.size) >= 40) kept.push(point);
  return kept;
}

/** 1, 2 or 5 of a power of ten, not below what is asked. */
export function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((each) => each * power).find((each) => each >= least * (1 - 1e-9));
}

function seconds(ms) {
  return ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms)} ms`;
}

function fixed(value) {
  return Number(value.toFixed(1));
}
