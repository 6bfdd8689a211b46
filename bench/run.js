import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readArguments, USAGE, UsageError } from './arguments.js';
import { checkRatios } from './check.js';
import { stopRunning } from './measure.js';
import { PEERS } from './peers/index.js';
import { openProgress } from './progress.js';
import { publish } from './publish.js';
import { mergeRatios, ratiosOf, smallerRatios } from './ratios.js';
import { mergeResults } from './results.js';
import { openSession } from './session.js';
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
  const session = options.from === undefined ? openSession(options, progress) : undefined;
  const results = session === undefined ? earlier(options) : await session.measure(options.only);
  progress.end();
  const ratios = ratiosOf(results.rows);
  if (options.check) await check(readJson(RATIOS) ?? {}, ratios, results.rows, session);
  if (options.publish) {
    const whole = mergeResults(readJson(RESULTS), results);
    writeJson(RESULTS, whole);
    publish(whole);
  }
  if (options.save || options.publish) writeJson(RATIOS, mergeRatios(readJson(RATIOS) ?? {}, ratios));
  process.stdout.write(show(results, options.output));
}

function earlier(options) {
  const results = readJson(options.from);
  if (results === undefined) throw new UsageError(`there is no ${options.from}`);
  if (results.quick && (options.check || options.save || options.publish))
    throw new UsageError(`${options.from} holds times of inputs of a twentieth`);
  return results;
}

/** What looks worse is timed once more: a busy moment is no regression. */
async function check(committed, ratios, rows, session) {
  let verdict = checkRatios(committed, ratios);
  const again = rows.filter(({ id }) => verdict.worse.includes(id)).map(({ workload }) => workload);
  if (session !== undefined && again.length > 0) {
    process.stderr.write(`${verdict.text}Once more: ${[...new Set(again)].join(', ')}\n`);
    const second = ratiosOf((await session.measure(again)).rows);
    verdict = checkRatios(committed, smallerRatios(ratios, second));
  }
  progress.end();
  process.stderr.write(verdict.text);
  if (verdict.failed) process.exitCode = 1;
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
