import { cpus, release } from 'node:os';
import { claimHome, home, openDisk } from './disk.js';
import { openBench, workFolder } from './environment.js';
import { openPeers } from './peers/index.js';
import { measureRow } from './row.js';
import { workloads } from './workloads/index.js';

/** @typedef {import('./results.js').Results} Results */

/**
 * Opens all that timing needs: a disk, a folder on it, the peers. Everything is closed when this process ends.
 *
 * @param {import('./arguments.js').Options} options
 * @param {ReturnType<typeof import('./progress.js').openProgress>} progress
 */
export function openSession(options, progress) {
  const leftOut = {};
  const leave = (name, reason) => {
    leftOut[name] = reason;
    progress.tell(`left out: ${name}: ${reason}`, true);
  };
  progress.begin('looking for peers ...');
  process.once('exit', claimHome());
  const disk = openDisk((reason) => leave('a fresh disk', reason));
  process.prependOnceListener('exit', disk.close);
  const work = workFolder(disk.path);
  process.prependOnceListener('exit', work.remove);
  const roots = disk.own ? disk.path : home;
  const { peers, close } = openPeers(options.peers, { work: work.path, roots }, leave);
  process.prependOnceListener('exit', close);
  const bench = openBench(options, work.path, peers, leave);

  /** Times workloads; one that fails is left out, and the process will end with 1. */
  async function rowsOf(names) {
    const rows = [];
    for (const workload of workloads.filter(({ name }) => names.includes(name))) {
      try {
        for await (const row of workload.rows(bench)) {
          progress.begin(`${row.title} ...`);
          const result = await measureRow(row, bench, rows, progress.tell);
          rows.push({ ...result, workload: workload.name });
          progress.tell(oneLine(result), true);
        }
      } catch (error) {
        leave(`the rest of ${workload.name}`, error.message.split('\n').at(-1));
        progress.tell(error.message, true);
        process.exitCode = 1;
      }
    }
    return rows;
  }

  /** @returns {Promise<Results>} */
  async function measure(names) {
    const rows = await rowsOf(names);
    const machine = {
      cpus: cpus().length,
      model: cpus()[0]?.model.trim() ?? 'unknown',
      kernel: release(),
      node: process.versions.node,
      disk: disk.about,
      sha256: bench.sha256,
      peers: Object.fromEntries(peers.map(({ name, title }) => [name, title])),
      leftOut,
    };
    return { machine, runs: options.runs, peerSeconds: options.peerSeconds, quick: options.quick, rows };
  }

  return { measure };
}

function oneLine({ title, ours, peers, floor }) {
  const others = Object.entries({ ...peers, ...(floor && { floor }) }).map(([name, { ms }]) => `${name} ${ms} ms`);
  return `${title}: ${ours.ms} ms, ${ours.peakMiB} MiB${others.length > 0 ? `; ${others.join(', ')}` : ''}`;
}
