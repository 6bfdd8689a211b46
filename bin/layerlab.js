#!/usr/bin/env node
'use strict';
// CommonJS, as package.json beside it says: starting Node's ES modules takes as long as all of `--version`. Nothing of Node is
// loaded here that its start has not loaded already, but vm.
const fs = require('node:fs');
const { dirname, join } = require('node:path');

/** More than there are commands: a word that is none, as a flag's value, must not fill the disk. */
const MOST_KEPT = 64;
/** What Node puts around the text of a CommonJS module. */
const WRAPPER = ['(function (exports, require, module, __filename, __dirname) { ', '\n});'];
/**
 * A sum of four words of eight bytes, as formats/word-sum-module.ts makes it: a digest of node:crypto would cost ten times as much, most of it
 * to load, and a CRC-64 five times.
 */
const SUM =
  'AGFzbQEAAAABBgFgAn9/AAMCAQAFAwEAAQcTAgZtZW1vcnkCAAZ1cGRhdGUAAArCAQG/AQEEfkEAKQMAIQJBACkDCCEDQQApAxAhBEEAKQMYIQUCQANAIAAgAUlFDQEgAiAAKQMAhUKV08feBX4hAiACIAJCIIiFIQIgAyAAKQMIhUKV08feBX4hAyADIANCIIiFIQMgBCAAKQMQhUKV08feBX4hBCAEIARCIIiFIQQgBSAAKQMYhUKV08feBX4hBSAFIAVCIIiFIQUgAEEgaiEADAALC0EAIAI3AwBBACADNwMIQQAgBDcDEEEAIAU3AxgL';
/** In its memory: the state, which begins with the number of bytes; what is summed, in blocks. */
const [SUM_STATE, SUM_AT, SUM_BLOCK] = [32, 64, 64];
const args = process.argv.slice(2);

if (args.length === 1 && (args[0] === '--version' || args[0] === '-v')) {
  const { version } = JSON.parse(fs.readFileSync(join(__dirname, '../package.json'), 'utf8'));
  print(`layerlab version ${version}\n`);
} else {
  const bundle = join(__dirname, '../dist/cli.cjs');
  if (fs.existsSync(bundle)) {
    load(bundle).run(args);
  } else {
    process.stderr.write(
      'ERROR: dist/cli.cjs is missing: layerlab has not been built\n  hint: Run "npm run build" first.\n',
    );
    process.exitCode = 1;
  }
}

/** Node's own stream takes some milliseconds to load. It is needed where not all can be written at once. */
function print(text) {
  let written = 0;
  try {
    written = fs.writeSync(1, text);
  } catch (error) {
    if (error.code === 'EPIPE') return;
  }
  if (written < text.length) process.stdout.write(text.slice(written));
}

/**
 * Runs the bundle, with V8's compiled form of what this command needs of it where that is kept: half of a short command's time
 * would go into compiling. The forms lie inside of the package: whoever may write there may change the program itself. Node's
 * own store for them is below the folder for temporary files, where another user may have been first.
 */
function load(file) {
  const vm = require('node:vm');
  const loader = vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  if (loader === undefined) return require(file);
  const source = readWrapped(file);
  // The first line is a comment with a digest of the rest: V8 tells sources apart by their length only.
  const build = source.slice(WRAPPER[0].length + 3, WRAPPER[0].length + 67);
  const folder = join(dirname(file), 'cache', `${process.version}-${process.arch}`);
  const cache = join(folder, `${nameOfForm()}.bin`);
  const kept = readKept(cache, build);
  const script = new vm.Script(source, { filename: file, cachedData: kept?.form, importModuleDynamically: loader });
  const parts = script.cachedDataRejected === false ? kept.parts : '';
  const bundle = { exports: {} };
  process.on('exit', (code) => {
    const taken = `${bundle.exports.partsTaken?.() ?? ''}${bundle.exports.waysTaken?.() ?? ''}`;
    // What was not compiled when the form was made would be compiled at each start.
    if (code === 0 && !covers(parts, taken)) keep(cache, build, union(parts, taken), script);
  });
  const fromBundle = (name) => require(name.startsWith('./') ? join(dirname(file), name) : name);
  script.runInThisContext()(bundle.exports, fromBundle, bundle, file, dirname(file));
  return bundle.exports;
}

/** A file of ASCII, which is read fastest as latin1, with the wrapper around it. */
function readWrapped(file) {
  const [head, tail] = WRAPPER;
  const descriptor = fs.openSync(file);
  try {
    const { size } = fs.fstatSync(descriptor);
    const bytes = Buffer.allocUnsafeSlow(head.length + size + tail.length);
    bytes.latin1Write(head, 0);
    let end = head.length;
    for (let count = -1; count !== 0 && end < head.length + size; end += count) {
      count = fs.readSync(descriptor, bytes, end, head.length + size - end, null);
    }
    bytes.latin1Write(tail, end);
    return bytes.latin1Slice(0, end + tail.length);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** The word that names the command, as the program itself finds it. Help texts need much else, and all need the same. */
function nameOfForm() {
  if (args.includes('--help') || args.includes('-h')) return 'help';
  const word = args.find((arg, index) => !arg.startsWith('-') && args[index - 1] !== '--data-root');
  return word !== undefined && /^[a-z][a-z-]{0,30}$/.test(word) ? word : 'none';
}

/**
 * A kept form is the sum of what follows it, 64 digits; a line with the digest of the build and a 1 for each part of the bundle, and each
 * way through it, that the form was made with; then the form, in a place that V8 need not copy it from. V8 believes what it is given:
 * a damaged one would end Node.
 */
function readKept(cache, build) {
  let descriptor;
  try {
    descriptor = fs.openSync(cache);
    const { size } = fs.fstatSync(descriptor);
    const { room, sum } = summing(size);
    let end = 0;
    for (let count = -1; count !== 0 && end < size; end += count) {
      count = fs.readSync(descriptor, room, end, size - end, null);
    }
    const [line, ofBuild, parts] = /^([0-9a-f]{64}) ([01]*) *\n/.exec(room.latin1Slice(SUM_BLOCK, 4096)) ?? [];
    return ofBuild === build && room.latin1Slice(0, SUM_BLOCK) === sum(SUM_BLOCK)
      ? { parts, form: room.subarray(SUM_BLOCK + line.length, size) }
      : undefined;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}

/** Room for so many bytes, and the sum of those from one of its places on. It finds any damage in one place. */
function summing(size) {
  const { memory, update } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(SUM, 'base64'))).exports;
  const whole = Math.ceil(size / SUM_BLOCK) * SUM_BLOCK;
  memory.grow((SUM_AT + whole) >> 16);
  const bytes = Buffer.from(memory.buffer);
  return {
    room: bytes.subarray(SUM_AT, SUM_AT + size),
    sum: (from) => {
      bytes.fill(0, 0, SUM_STATE);
      bytes.writeUInt32LE(size, 0);
      update(SUM_AT + from, SUM_AT + whole);
      return bytes.hexSlice(0, SUM_STATE);
    },
  };
}

function covers(parts, taken) {
  for (let i = 0; i < taken.length; i++) if (taken[i] === '1' && parts[i] !== '1') return false;
  return parts !== '' || taken === '';
}

function union(parts, taken) {
  return taken.replaceAll(/0/g, (_, i) => parts[i] ?? '0');
}

/** Keeps what was compiled by now, for the next time. A package that belongs to another, or is not to be written, stays as it is. */
function keep(cache, build, parts, script) {
  const temporary = `${cache}.${process.pid}`;
  try {
    const { uid } = fs.statSync(dirname(dirname(dirname(cache))));
    if (process.geteuid !== undefined && process.geteuid() !== uid) return;
    fs.mkdirSync(dirname(cache), { recursive: true, mode: 0o755 });
    if (fs.readdirSync(dirname(cache)).length >= MOST_KEPT) return;
    const form = script.createCachedData();
    const line = `${build} ${parts}`;
    const head = `${line.padEnd(Math.ceil((line.length + 1) / SUM_BLOCK) * SUM_BLOCK - 1)}\n`;
    const { room, sum } = summing(SUM_BLOCK + head.length + form.length);
    room.latin1Write(head, SUM_BLOCK);
    form.copy(room, SUM_BLOCK + head.length);
    room.latin1Write(sum(SUM_BLOCK), 0);
    fs.writeFileSync(temporary, room, { flag: 'wx' });
    fs.renameSync(temporary, cache);
  } catch {
    discard(temporary);
  }
}

function discard(file) {
  try {
    fs.rmSync(file, { force: true });
  } catch {
    // There is not even a folder for it.
  }
}
