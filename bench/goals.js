/**
 * What layerlab wants to be, on any machine: one line for each row of the table that has a goal.
 *
 * `of` says what `atMost` is a multiple of: a peer's time by its name, `floor`, another row's time by `row:ID`; or a unit, `ms`.
 *
 * @typedef {{ readonly row: string, readonly atMost: number, readonly of: string }} Goal
 * @type {readonly Goal[]}
 */
export const GOALS = [
  { row: 'files-cold', atMost: 1 / 5, of: 'buildkit-28' },
  { row: 'files-cold', atMost: 1.5, of: 'floor' },
  { row: 'files-unchanged', atMost: 1 / 3, of: 'buildkit-28' },
  { row: 'files-one-changed', atMost: 1 / 5, of: 'buildkit-28' },
  { row: 'file-cold', atMost: 1 / 5, of: 'buildkit-28' },
  { row: 'file-cold', atMost: 1.5, of: 'floor' },
  { row: 'add-tar', atMost: 1 / 4, of: 'buildkit-28' },
  { row: 'add-tar-gz', atMost: 1 / 4, of: 'buildkit-28' },
  { row: 'runs-runc', atMost: 1 / 3, of: 'buildkit-28' },
  { row: 'runs-crun', atMost: 1 / 6, of: 'buildkit-28' },
  { row: 'runs-cached', atMost: 1, of: 'buildkit-28' },
  { row: 'stages', atMost: 1 / 4, of: 'buildkit-28' },
  { row: 'load', atMost: 1 / 2, of: 'buildkit-28' },
  { row: 'save', atMost: 1 / 2, of: 'buildkit-28' },
  { row: 'base-1', atMost: 150, of: 'ms' },
  { row: 'base-10', atMost: 150, of: 'ms' },
  { row: 'base-100', atMost: 150, of: 'ms' },
  // Timings of so little differ by a few per cent from run to run.
  { row: 'base-100', atMost: 1.15, of: 'row:base-1' },
  { row: 'images', atMost: 2, of: 'buildkit-28' },
  { row: 'history', atMost: 2, of: 'buildkit-28' },
  { row: 'inspect', atMost: 2, of: 'buildkit-28' },
];

/** The goal of every row: memory of layerlab and all it starts. */
export const PEAK_MB = 200;
