import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { manyRuns, manyStages, mixedImage, oneFile, smallFiles } from './contexts.js';
import { measure, median } from './measure.js';

// Times layerlab beside `docker build` in one run, on the same files, each number the median of several runs.
//
//   npm run bench                          everything, 3 runs each
//   npm run bench -- --runs 5 --only files,start-up
//   npm run bench -- --quick --json        small inputs; one JSON document on stdout
//
// docker is timed when a client and a daemon are there (DOCKER_HOST); --no-docker leaves it out. Its builds stay in the
// daemon's build cache: give it a daemon that nobody else needs. Everything else lies in a temporary folder and goes.

const launcher =
  process.env.LAYERLAB_LAUNCHER ?? join(dirname(dirname(fileURLToPath(import.meta.url))), 'bin/layerlab.js');
const WORKLOADS = ['files', 'file', 'runs', 'stages', 'archive', 'check', 'book', 'parse', 'start-up'];
const BUILDERS = ['buildkit', 'classic'];
const TAG = 'layerlab-bench';

const options = readArguments(process.argv.slice(2));
const work = mkdtempSync(join(tmpdir(), 'layerlab-bench-'));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
process.once('exit', () => rmSync(work, { recursive: true, force: true }));

const docker = options.docker ? findDocker() : undefined;
const results = [];
for (const workload of options.only) await workloadOf(workload)();
print();

function readArguments(args) {
  const read = { runs: 3, only: WORKLOADS, json: false, quick: false, docker: true };
  for (let i = 0; i < args.length; i++) {
    const value = () => args[++i] ?? stop(`${args[i - 1]} needs a value`);
    if (args[i] === '--runs') read.runs = Math.max(1, Number.parseInt(value(), 10) || 1);
    else if (args[i] === '--only')
      read.only = value()
        .split(',')
        .map((name) =>
          WORKLOADS.includes(name) ? name : stop(`no workload ${name}; there are: ${WORKLOADS.join(', ')}`),
        );
    else if (args[i] === '--json') read.json = true;
    else if (args[i] === '--quick') read.quick = true;
    else if (args[i] === '--no-docker') read.docker = false;
    else stop(`unknown flag: ${args[i]}`);
  }
  return read;
}

function stop(message) {
  process.stderr.write(`bench: ${message}\n`);
  process.exit(2);
}

function findDocker() {
  const client = existsSync('/usr/bin/docker') ? '/usr/bin/docker' : 'docker';
  const asked = spawnSync(client, ['version', '--format', '{{.Server.Version}}'], { encoding: 'utf8' });
  return asked.status === 0 ? { client, version: asked.stdout.trim() } : undefined;
}

function workloadOf(name) {
  return {
    files: () => builds(`${count(20_000)} small files`, smallFiles(join(work, 'files'), count(20_000))),
    file: () => builds(`one file of ${count(1024)} MiB`, oneFile(join(work, 'file'), count(1024))),
    runs: benchRuns,
    stages: benchStages,
    archive: benchArchive,
    parse: benchParse,
    book: benchBook,
    check: benchCheck,
    'start-up': benchStartUp,
  }[name];
}

/** `--quick` makes everything a twentieth. */
function count(full) {
  return options.quick ? Math.ceil(full / 20) : full;
}

async function benchRuns() {
  const lines = count(50);
  await onBase('runs-root', (base, dataRoot) =>
    builds(`${lines} RUN lines`, manyRuns(join(work, 'runs'), base, lines), dataRoot),
  );
}

/** Stages that need nothing of each other: BuildKit builds them at the same time, classic one after the other. */
async function benchStages() {
  await onBase('stages-root', (base, dataRoot) =>
    builds('10 stages of COPY and RUN', manyStages(join(work, 'stages'), base, 10, count(400)), dataRoot),
  );
}

/** Something that needs a base image in both data-roots; left out where there can be none. */
async function onBase(folder, bench) {
  const base = 'layerlab/base';
  const dataRoot = join(work, folder);
  const made = spawnSync(process.execPath, [launcher, '--data-root', dataRoot, 'base'], { encoding: 'utf8' });
  if (made.status !== 0) return skip(folder, made.stderr.trim().split('\n')[0]);
  if (docker !== undefined) {
    const archive = join(work, 'base.tar');
    await layerlab(dataRoot, 'save', '-o', archive, base);
    await measure(docker.client, ['load', '-q', '-i', archive]);
  }
  await bench(base, dataRoot);
}

function skip(what, reason) {
  process.stderr.write(`bench: ${what} left out: ${reason}\n`);
}

/** Cold and cached builds of one context, with both builders of both tools. */
async function builds(what, context, dataRoot = join(work, 'root')) {
  for (const builder of BUILDERS) {
    const args = ['build', '--builder', builder, '--network', 'none', '-q', '-t', TAG, context];
    const dockerArgs = ['build', '--network', 'none', '-q', '-t', TAG, context];
    const env = { DOCKER_BUILDKIT: builder === 'classic' ? '0' : '1' };
    for (const cached of [false, true]) {
      const flags = cached ? [] : ['--no-cache'];
      await row(`${what}, ${builder}, ${cached ? 'cached' : 'cold'}`, {
        warmUp: cached,
        ours: () => layerlab(dataRoot, ...args, ...flags),
        theirs: () => measure(docker.client, [...dockerArgs, ...flags], { env }),
      });
    }
  }
  rmSync(context, { recursive: true, force: true });
  rmSync(dataRoot, { recursive: true, force: true });
  if (docker !== undefined) spawnSync(docker.client, ['rmi', '-f', TAG]);
}

async function benchArchive() {
  const size = count(170);
  const context = mixedImage(join(work, 'mixed'), size);
  const dataRoot = join(work, 'archive-root');
  const archive = join(work, 'image.tar');
  const copy = join(work, 'copy.tar');
  await layerlab(dataRoot, 'build', '--network', 'none', '-q', '-t', TAG, context);
  await layerlab(dataRoot, 'save', '-o', archive, TAG);
  rmSync(context, { recursive: true, force: true });
  const freshRoot = join(work, 'fresh-root');
  const forget = () => docker !== undefined && spawnSync(docker.client, ['rmi', '-f', TAG]);
  await row(`load of ${size} MB`, {
    before: () => {
      rmSync(freshRoot, { recursive: true, force: true });
      forget();
    },
    ours: () => layerlab(freshRoot, 'load', '-q', '-i', archive),
    theirs: () => measure(docker.client, ['load', '-q', '-i', archive]),
  });
  await row(`save of ${size} MB`, {
    before: () => rmSync(copy, { force: true }),
    ours: () => layerlab(dataRoot, 'save', '-o', copy, TAG),
    theirs: () => measure(docker.client, ['save', '-o', copy, TAG]),
  });
  forget();
  for (const path of [dataRoot, freshRoot, archive, copy]) rmSync(path, { recursive: true, force: true });
}

/** The language alone, within one process: a daemon parses no faster than it is asked. */
async function benchParse() {
  const { parseTimes, realisticDockerfile } = await import('./workloads/parse.js');
  const pass = await parseTimes(work);
  for (const lines of [1000, 10_000]) {
    const text = realisticDockerfile(lines);
    for (let warm = 0; warm < 5; warm++) pass(text);
    for (const part of ['parse', 'plan, buildkit', 'check']) {
      const ours = () => ({ milliseconds: pass(text)[part], peakMiB: 0 });
      await row(`${part} of ${lines} lines`, { runs: Math.max(options.runs, 9), ours, theirs: undefined });
    }
  }
}

/** Looking into an image of many files, in the data-root and in a tar of it. */
async function benchBook() {
  const files = count(10_000);
  const dataRoot = join(work, 'book-root');
  const context = smallFiles(join(work, 'book'), files);
  await layerlab(dataRoot, 'build', '--network', 'none', '-q', '-t', TAG, context);
  const packed = join(work, 'book.tar');
  spawnSync('tar', ['-C', dataRoot, '-cf', packed, '.']);
  for (const [where, root] of [
    ['', dataRoot],
    [', in a tar', packed],
  ]) {
    for (const args of [
      ['explain', TAG],
      ['layers', TAG],
      ['ls', '-l', `${TAG}:/files/d1`],
      ['ls', '-R', TAG],
      ['which-layer', TAG, '/files/d1/file-100.dat'],
    ]) {
      await row(`${args.filter((arg) => arg !== TAG).join(' ')} of ${files} files${where}`, {
        runs: Math.max(options.runs, 5),
        ours: () => layerlab(root, ...args),
        theirs: undefined,
      });
    }
  }
  for (const path of [dataRoot, context, packed]) rmSync(path, { recursive: true, force: true });
}

/** check beside sha256sum of the very same files: the disk and the digest are the bound. */
async function benchCheck() {
  const dataRoot = join(work, 'check-root');
  for (let image = 0; image < 20; image++) {
    const context = mixedImage(join(work, `check-${image}`), count(50));
    writeFileSync(join(context, `only-${image}`), String(image));
    await layerlab(dataRoot, 'build', '--network', 'none', '-q', '-t', `${TAG}:${image}`, context);
    rmSync(context, { recursive: true, force: true });
  }
  await row('check of 20 images', { ours: () => layerlab(dataRoot, 'check'), theirs: undefined });
  await row('check --full of 20 images', { ours: () => layerlab(dataRoot, 'check', '--full'), theirs: undefined });
  const files = `find ${join(dataRoot, 'overlay2')} -path '*/diff/*' -type f -print0`;
  const sums = (more) => () => measure('sh', ['-c', `${files} | xargs -0 ${more} sha256sum > /dev/null`]);
  await row('sha256sum of the same files', { ours: sums(''), theirs: undefined });
  await row(`sha256sum, ${cpus().length} at once`, { ours: sums(`-P ${cpus().length} -n 64`), theirs: undefined });
  rmSync(dataRoot, { recursive: true, force: true });
}

async function benchStartUp() {
  const dataRoot = join(work, 'empty-root');
  mkdirSync(dataRoot);
  const runs = Math.max(options.runs, 10);
  const bare = () => measure(process.execPath, ['-e', '0']);
  await row('start-up: node -e 0', { runs, ours: bare, theirs: undefined });
  await row('start-up: --version', {
    runs,
    ours: () => measure(process.execPath, [launcher, '--version']),
    theirs: docker && (() => measure(docker.client, ['--version'])),
  });
  await row('start-up: images', {
    runs,
    ours: () => layerlab(dataRoot, 'images'),
    theirs: docker && (() => measure(docker.client, ['images'])),
  });
}

function layerlab(dataRoot, ...args) {
  return measure(process.execPath, [launcher, '--data-root', dataRoot, ...args], { memory: true });
}

/** One line of the table: runs of the two alternate, so that a slow moment of the machine hits both. */
async function row(what, { before, ours, theirs, warmUp = false, runs = options.runs }) {
  const times = { ours: [], theirs: [], peaks: [] };
  const withDocker = docker !== undefined && theirs !== undefined;
  if (warmUp) {
    await ours();
    if (withDocker) await theirs();
  }
  for (let i = 0; i < runs; i++) {
    before?.();
    const mine = await ours();
    times.ours.push(mine.milliseconds);
    times.peaks.push(mine.peakMiB);
    if (withDocker) times.theirs.push((await theirs()).milliseconds);
  }
  const result = { what, layerlabMs: round(median(times.ours)), peakMiB: round(Math.max(...times.peaks)) };
  if (withDocker) {
    result.dockerMs = round(median(times.theirs));
    result.ratio = Math.round((result.dockerMs / result.layerlabMs) * 100) / 100;
  }
  results.push(result);
  if (!options.json)
    process.stderr.write(`${what}: ${result.layerlabMs} ms${withDocker ? `, docker ${result.dockerMs} ms` : ''}\n`);
}

function round(value) {
  return Math.round(value * 10) / 10;
}

function print() {
  const machine = {
    node: process.version,
    cpus: cpus().length,
    docker: docker?.version,
    runs: options.runs,
    quick: options.quick,
  };
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ machine, results }, undefined, 2)}\n`);
    return;
  }
  const head = ['WORKLOAD', 'LAYERLAB', 'PEAK', `DOCKER ${docker?.version ?? '(none)'}`, 'DOCKER / LAYERLAB'];
  const rows = results.map((each) => [
    each.what,
    `${each.layerlabMs} ms`,
    each.peakMiB > 0 ? `${each.peakMiB} MiB` : '-',
    each.dockerMs === undefined ? '-' : `${each.dockerMs} ms`,
    each.ratio === undefined ? '-' : `${each.ratio}x`,
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((cells) => cells[column].length)));
  for (const cells of [head, ...rows]) {
    process.stdout.write(
      `${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join('   ')}\n`,
    );
  }
  process.stdout.write(`\nnode ${machine.node}, ${machine.cpus} CPUs, median of ${options.runs} runs\n`);
}
