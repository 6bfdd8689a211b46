/**
 * What a run of the bench found; the bench writes it as JSON and reads it back.
 *
 * @typedef {object} Results
 * @property {Machine} machine
 * @property {number} runs
 * @property {number} peerSeconds
 * @property {boolean} quick
 * @property {import('./row.js').Result[]} rows
 *
 * @typedef {object} Machine
 * @property {number} cpus
 * @property {string} model
 * @property {string} kernel
 * @property {string} node
 * @property {string} disk where everything was read and written
 * @property {string} sha256
 * @property {Record<string, string>} peers titles by name
 * @property {Record<string, string>} leftOut reasons by name
 */

/**
 * Older results with the rows of newer ones in their places, so that a part can be timed anew.
 *
 * @param {Results | undefined} older
 * @param {Results} newer
 * @returns {Results}
 */
export function mergeResults(older, newer) {
  if (older === undefined) return newer;
  const fresh = new Map(newer.rows.map((row) => [row.id, row]));
  const kept = older.rows.map((row) => fresh.get(row.id) ?? row);
  const known = new Set(older.rows.map(({ id }) => id));
  const peers = { ...older.machine.peers, ...newer.machine.peers };
  const leftOut = Object.fromEntries(
    Object.entries({ ...older.machine.leftOut, ...newer.machine.leftOut }).filter(
      ([name]) => peers[name] === undefined,
    ),
  );
  return {
    ...newer,
    machine: { ...newer.machine, peers, leftOut },
    rows: [...kept, ...newer.rows.filter(({ id }) => !known.has(id))],
  };
}
