import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { layerNames } from './layer-names.js';

// Builds every sample into a data-root of its own and draws the layers each one made. Needs no network and no root; the
// samples with RUN are left out, by name, where the host can't run commands in an image.
//
//   npm run demo                       all samples, BuildKit's way
//   npm run demo -- --builder classic  the classic builder's way
//   npm run demo -- static-site        these samples only
//
// The data-root is .cache/demo of the checkout (or a temporary folder where that can't be written), or --data-root DIR;
// only the last is kept.

const repository = dirname(dirname(fileURLToPath(import.meta.url)));
const launcher = join(repository, 'bin/layerlab.js');
const samplesFolder = join(repository, 'samples');
const BASE = 'layerlab/base';
const BAR = 24;

const options = readArguments(process.argv.slice(2));
const dataRoot = options.dataRoot ?? scratchFolder();
try {
  process.exitCode = main();
} finally {
  if (options.dataRoot === undefined) rmSync(dataRoot, { recursive: true, force: true });
}

function main() {
  const samples = options.samples.length > 0 ? options.samples : allSamples();
  const cannotRun = samples.some(needsRun) ? whyRunIsImpossible() : undefined;
  const rows = [];
  const leftOut = [];
  for (const sample of samples) {
    if (cannotRun !== undefined && needsRun(sample)) {
      leftOut.push(sample);
      continue;
    }
    const tag = `sample/${sample}`;
    const built = layerlab(
      'build',
      '--builder',
      options.builder,
      '--network',
      'none',
      '-q',
      '-t',
      tag,
      join(samplesFolder, sample),
    );
    if (built.status !== 0) {
      rows.push({ sample, failure: firstLine(built) });
      print(`${heading(sample)}\n  ${built.stderr.trim().replaceAll('\n', '\n  ')}\n`);
      continue;
    }
    const { rows: history, layers, config } = ownHistory(sample, tag);
    print(drawing(sample, history));
    rows.push({ sample, layers, config, bytes: history.reduce((sum, row) => sum + row.bytes, 0) });
  }
  print('+ new in the layer   ~ stored again   − deleted by it (whiteout)   ∅ hides all below (opaque)\n');
  print(summary(rows));
  if (leftOut.length > 0) print(`Left out, as this host can't RUN (${cannotRun}):\n  ${leftOut.join('\n  ')}\n`);
  return rows.some((row) => row.failure !== undefined) ? 1 : 0;
}

function readArguments(args) {
  const read = { builder: 'buildkit', dataRoot: undefined, samples: [] };
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '--builder') read.builder = args[++i] ?? 'buildkit';
    else if (args[i] === '--data-root') read.dataRoot = args[++i];
    else if (args[i].startsWith('-')) stop(`unknown flag: ${args[i]}`);
    else if (allSamples().includes(args[i])) read.samples.push(args[i]);
    else stop(`no sample ${args[i]}; there are: ${allSamples().join(', ')}`);
  }
  return read;
}

function stop(message) {
  process.stderr.write(`demo: ${message}\n`);
  process.exit(2);
}

function scratchFolder() {
  const cache = join(repository, '.cache');
  try {
    mkdirSync(cache, { recursive: true });
    accessSync(cache, constants.W_OK);
    const folder = join(cache, 'demo');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    return folder;
  } catch {
    return mkdtempSync(join(tmpdir(), 'layerlab-demo-'));
  }
}

function allSamples() {
  return readdirSync(samplesFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

function dockerfileOf(sample) {
  return readFileSync(join(samplesFolder, sample, 'Dockerfile'), 'utf8');
}

function needsRun(sample) {
  return /^RUN\b/m.test(dockerfileOf(sample));
}

/** Makes the base and tries one RUN on it; undefined when that works, else the reason. */
function whyRunIsImpossible() {
  const made = layerlab('base');
  if (made.status !== 0) return firstLine(made);
  const folder = mkdtempSync(join(tmpdir(), 'layerlab-demo-'));
  try {
    const probe = layerlab(
      'build',
      '--network',
      'none',
      '-q',
      '-f',
      join(samplesFolder, 'create-then-delete/Dockerfile'),
      folder,
    );
    return probe.status === 0 ? undefined : firstLine(probe);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function firstLine({ stderr }) {
  const lines = stderr.trim().split('\n');
  return (lines.find((line) => line.startsWith('ERROR: ')) ?? lines[0] ?? 'failed').replace(/^ERROR: /, '');
}

function layerlab(...args) {
  const result = spawnSync(process.execPath, [launcher, '--data-root', dataRoot, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (result.error) throw result.error;
  return result;
}

/** The rows of `history` that the sample itself made, newest first, and how many of them are layers. */
function ownHistory(sample, tag) {
  const rows = historyOf(tag);
  const bases = [...dockerfileOf(sample).matchAll(/^FROM\s+(\S+)/gm)].map((match) => match[1]);
  const own = bases.at(-1) === BASE ? rows.slice(0, rows.length - historyOf(BASE).length) : rows;
  const layers = layerCount(tag) - (bases.at(-1) === BASE ? layerCount(BASE) : 0);
  return { rows: markLayers(own, tag), layers, config: own.length - layers };
}

function historyOf(name) {
  const text = must(layerlab('history', '--no-trunc', '--human=false', '--format', '{{json .}}', name));
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function layerCount(name) {
  const [image] = JSON.parse(must(layerlab('inspect', name)));
  return (image.RootFS.Layers ?? []).length;
}

function must(result) {
  if (result.status !== 0) throw new Error(result.stderr.trim());
  return result.stdout;
}

/** `history` does not say which rows are empty layers and which are none; the image's config does. */
function markLayers(rows, tag) {
  const archive = join(dataRoot, 'demo.tar');
  must(layerlab('save', '-o', archive, tag));
  const names = layerNames(archive);
  rmSync(archive);
  const [image] = JSON.parse(must(layerlab('inspect', tag)));
  const id = image.Id.replace('sha256:', '');
  const config = JSON.parse(readFileSync(join(dataRoot, 'image/overlay2/imagedb/content/sha256', id), 'utf8'));
  const newestFirst = [...config.history].reverse();
  return rows.map((row, index) => {
    const isLayer = newestFirst[index]?.empty_layer !== true;
    return { bytes: Number(row.Size), isLayer, names: isLayer ? (names.pop() ?? []) : [], text: tidy(row.CreatedBy) };
  });
}

function tidy(createdBy) {
  return createdBy
    .replace(/^\/bin\/sh -c #\(nop\) +/, '')
    .replace(/ # buildkit$/, '')
    .replace(/^(RUN )?\/bin\/sh -c /, 'RUN ')
    .replace(/(file|dir|multi):([0-9a-f]{8})[0-9a-f]{56}/, '$1:$2…')
    .trim();
}

function heading(sample) {
  const from = [...dockerfileOf(sample).matchAll(/^FROM\s+(\S+)/gm)].map((match) => match[1]).at(-1);
  return `${sample}  (on ${from === 'scratch' ? 'nothing' : from})`;
}

/** The stack as it lies: the newest layer on top, config steps between the layers as thin lines. */
function drawing(sample, rows) {
  const most = Math.max(1, ...rows.map((row) => row.bytes));
  let number = rows.filter((row) => row.isLayer).length;
  const lines = rows.flatMap((row) => {
    if (!row.isLayer) return `            ${' '.repeat(BAR)}   config   ${row.text}`;
    const filled = row.bytes === 0 ? 0 : Math.max(1, Math.round((row.bytes / most) * BAR));
    const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}`;
    const title = `  layer ${String(number--).padStart(2)}  ${bar} ${size(row.bytes).padStart(8)}   ${row.text}`;
    return [title, `${' '.repeat(48)}${namesLine(row.names)}`];
  });
  return [heading(sample), ...lines.map((line) => cut(line, 118)), ''].join('\n');
}

/** The first few names of a layer. */
function namesLine(names) {
  const shown = names.slice(0, 4).join('  ');
  if (names.length === 0) return '(an empty layer)';
  return names.length > 4 ? `${shown}  and ${names.length - 4} more` : shown;
}

function cut(line, width) {
  return line.length > width ? `${line.slice(0, width - 1)}…` : line;
}

function size(bytes) {
  const units = ['B', 'kB', 'MB', 'GB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${Number(value.toPrecision(3))}${units[unit]}`;
}

/** Layers and config steps of all samples, side by side. */
function summary(rows) {
  const width = Math.max(...rows.map((row) => row.sample.length), 6);
  const lines = rows.map((row) => {
    if (row.failure !== undefined) return `${row.sample.padEnd(width)}  ${row.failure}`;
    const bar = `${'█'.repeat(row.layers)}${'·'.repeat(row.config)}`;
    return `${row.sample.padEnd(width)}  ${String(row.layers).padStart(6)}  ${String(row.config).padStart(6)}  ${size(row.bytes).padStart(8)}  ${bar}`;
  });
  return [`${'SAMPLE'.padEnd(width)}  LAYERS  CONFIG      SIZE  █ layer · config step`, ...lines, ''].join('\n');
}

function print(text) {
  process.stdout.write(`${text}\n`);
}
