import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import { readArguments, USAGE, UsageError } from './arguments.js';
import { checkRatios } from './check.js';
import { claimHome, home, openDisk } from './disk.js';
import { openBench, workFolder } from './environment.js';
import { stopRunning } from './measure.js';
import { openPeers, PEERS } from './peers/index.js';
import { openProgress } from './progress.js';
import { publish } from './publish.js';
import { mergeRatios, ratiosOf } from './ratios.js';
import { mergeResults } from './results.js';
import { measureRow } from './row.js';
import { caption, markdownTable, tableOf, textTable } from './table.js';
import { workloads } from './workloads/index.js';

// Times layerlab beside other builders and beside the floor, in one run on one machine: docs/PERFORMANCE.md.

const RATIOS = join(import.meta.dirname, 'ratios.json');
const RESULTS = join(import.meta.dirname, 'results.json');

const progress = openProgress();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.once(signal, () => {
    stopRunning();
    process.exit(130);
  });

try {
  await main(readArguments(process.argv.slice(2), { workloads: workloads.map(({ name }) => name), peers: PEERS }));
} catch (error) {
  progress.end();
  const isUsage = error instanceof UsageError;
  process.stderr.write(`bench: ${error.message}\n${isUsage ? `\n${USAGE}` : ''}`);
  process.exitCode = isUsage ? 2 : 1;
}

async function main(options) {
  if (options.help) {
    process.stdout.write(USAGE);
    return;
  }
  const results = options.from === undefined ? await measureAll(options) : readJson(options.from);
  progress.end();
  if (results === undefined) throw new UsageError(`there is no ${options.from}`);
  if (results.quick && (options.check || options.save || options.publish))
    throw new UsageError(`${options.from} holds times of inputs of a twentieth`);
  if (options.publish) {
    const whole = mergeResults(readJson(RESULTS), results);
    writeJson(RESULTS, whole);
    publish(whole);
  }
  const ratios = ratiosOf(results.rows);
  const failed = options.check && compare(readJson(RATIOS) ?? {}, ratios);
  if (options.save || options.publish) writeJson(RATIOS, mergeRatios(readJson(RATIOS) ?? {}, ratios));
  process.stdout.write(show(results, options.output));
  if (failed) process.exitCode = 1;
}

async function measureAll(options) {
  const leftOut = {};
  const leave = (name, reason) => {
    leftOut[name] = reason;
    progress.tell(`left out: ${name}: ${reason}`, true);
  };
  process.once('exit', claimHome());
  const disk = openDisk((reason) => leave('a fresh disk', reason));
  process.once('exit', disk.close);
  const work = workFolder(disk.path);
  process.prependOnceListener('exit', work.remove);
  progress.begin('looking for peers ...');
  const { peers, close } = openPeers(options.peers, { work: work.path, roots: disk.own ? disk.path : home }, leave);
  process.prependOnceListener('exit', close);
  const bench = openBench(options, work.path, peers, leave);
  const rows = [];
  for (const workload of workloads.filter(({ name }) => options.only.includes(name))) {
    for await (const row of workload.rows(bench)) {
      progress.begin(`${row.title} ...`);
      const result = await measureRow(row, bench, rows, progress.tell);
      rows.push(result);
      progress.tell(oneLine(result), true);
    }
  }
  return {
    machine: {
      cpus: cpus().length,
      model: cpus()[0]?.model.trim() ?? 'unknown',
      kernel: release(),
      node: process.versions.node,
      disk: disk.about,
      sha256: bench.sha256,
      peers: Object.fromEntries(peers.map(({ name, title }) => [name, title])),
      leftOut,
    },
    runs: options.runs,
    peerSeconds: options.peerSeconds,
    quick: options.quick,
    rows,
  };
}

function oneLine({ title, ours, peers, floor }) {
  const others = Object.entries({ ...peers, ...(floor && { floor }) }).map(([name, { ms }]) => `${name} ${ms} ms`);
  return `${title}: ${ours.ms} ms, ${ours.peakMiB} MiB${others.length > 0 ? `; ${others.join(', ')}` : ''}`;
}

function compare(committed, ratios) {
  const { text, failed } = checkRatios(committed, ratios);
  process.stderr.write(text);
  return failed;
}

function show(results, output) {
  if (output === 'json') return `${JSON.stringify(results, undefined, 2)}\n`;
  const table = (output === 'markdown' ? markdownTable : textTable)(tableOf(results));
  return `${table}\n${caption(results).join('\n')}\n`;
}

function readJson(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

function writeJson(path, value) {
  writeFileSync(path, `${JSON.stringify(value, undefined, 2)}\n`);
}
