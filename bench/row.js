import { spawnSync } from 'node:child_process';
import { median, round } from './statistics.js';

/**
 * One line of the table: a piece of work that layerlab, peers and the floor are timed at.
 *
 * @template Given
 * @typedef {object} Row
 * @property {string} id stable: goals and committed ratios name it
 * @property {string} title
 * @property {(round: number) => Given | Promise<Given>} [prepare] makes what one round works on; not timed
 * @property {(given: Given, memory: boolean) => Promise<Measured>} ours
 * @property {(peer: Peer, given: Given) => Promise<Measured> | undefined} [theirs] undefined for what a peer cannot do
 * @property {(given: Given) => Promise<Measured>} [floor] the cheapest honest way to do the same bytes
 * @property {Readonly<Record<string, (round: number) => Promise<Measured>>>} [beside] our work of earlier rows by their ids, timed once more
 *   in the rounds of this one, for a goal that compares the two
 * @property {(given: Given) => void | Promise<void>} [after] takes away what a round left; not timed
 * @property {boolean} [warm] everything is done once before it is timed
 * @property {boolean} [light] works on so little that no written bytes have to reach the disk first
 * @property {string} [peersOf] id of an earlier row whose times of peers are also these
 * @property {string} [against] name of the peer that the ratio is of, if not BuildKit of 28
 * @property {number} [runs] instead of --runs
 */

/** @typedef {import('./measure.js').Measured} Measured */
/** @typedef {import('./peers/peer.js').Peer} Peer */

export const MAIN_PEER = 'buildkit-28';

/**
 * Times one row. In each round everybody works on the same input, one after the other, so that a slow moment of the machine
 * hits all. One more round comes first, in which layerlab's memory is looked at and nothing is timed.
 *
 * @param {Row<unknown>} row
 * @param {{ readonly peers: readonly Peer[], readonly options: import('./arguments.js').Options }} bench
 * @param {readonly Result[]} earlier
 * @param {(words: string, lasting?: boolean) => void} tell
 * @returns {Promise<Result>}
 */
export async function measureRow(row, { peers, options }, earlier, tell) {
  const runs = row.runs ?? options.runs;
  const against = row.against ?? MAIN_PEER;
  const ours = timesOf();
  const beside = new Map(Object.keys(row.beside ?? {}).map((id) => [id, timesOf()]));
  const floor = timesOf();
  const theirs = new Map();
  const failed = new Set();
  const fail = (peer, error) => {
    failed.add(peer.name);
    tell(`${row.title}: left out of it: ${peer.title}: ${error.message}`, true);
  };
  let peakMiB = 0;
  for (let turn = 0; turn <= runs; turn++) {
    tell(turn === 0 ? `${row.title}: memory` : `${row.title}: ${turn} of ${runs}`);
    const given = await row.prepare?.(turn);
    const settle = () => row.light || spawnSync('sync');
    try {
      if (turn === 0) peakMiB = (await row.ours(given, true)).peakMiB;
      else {
        settle();
        ours.add(await row.ours(given, false));
        for (const [id, times] of beside) {
          settle();
          times.add(await row.beside[id](turn));
        }
      }
      for (const peer of row.theirs === undefined || (turn === 0 && row.warm !== true) ? [] : peers) {
        if (failed.has(peer.name)) continue;
        const times = theirs.get(peer.name) ?? timesOf();
        // What is only there for company must not take most of the time.
        if (times.spent() > options.peerSeconds * 1000 && peer.name !== against) continue;
        settle();
        const measured = await row.theirs(peer, given)?.catch((error) => fail(peer, error));
        if (measured !== undefined && turn > 0) theirs.set(peer.name, times.add(measured));
      }
      if (turn > 0 && row.floor !== undefined) {
        settle();
        floor.add(await row.floor(given));
      }
    } finally {
      await row.after?.(given);
    }
  }
  const shared = earlier.find(({ id }) => id === row.peersOf)?.peers;
  const result = { id: row.id, title: row.title, against, ours: { ...ours.summary(), peakMiB: round(peakMiB) } };
  const summaries = (all) => Object.fromEntries([...all].map(([name, times]) => [name, times.summary()]));
  return {
    ...result,
    peers: shared ?? summaries(theirs),
    ...(beside.size === 0 ? {} : { beside: summaries(beside) }),
    ...(row.floor === undefined ? {} : { floor: floor.summary() }),
  };
}

/**
 * What came of a row; times in milliseconds.
 *
 * @typedef {{ readonly ms: number, readonly cpuMs: number, readonly runs: number }} Summary
 * @typedef {object} Result
 * @property {string} id
 * @property {string} title
 * @property {string} [workload] its name
 * @property {string} against
 * @property {Summary & { readonly peakMiB: number }} ours
 * @property {Record<string, Summary>} peers
 * @property {Record<string, Summary>} [beside] our times of other rows in the rounds of this one, by their ids
 * @property {Summary} [floor]
 */

function timesOf() {
  const wall = [];
  const cpu = [];
  const times = {
    add: ({ milliseconds, cpuMs }) => {
      wall.push(milliseconds);
      cpu.push(cpuMs);
      return times;
    },
    spent: () => wall.reduce((sum, each) => sum + each, 0),
    summary: () => ({ ms: round(median(wall)), cpuMs: round(median(cpu)), runs: wall.length }),
  };
  return times;
}
