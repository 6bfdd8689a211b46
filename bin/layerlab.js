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
 * CRC-64/ISO, as formats/crc64-module.ts makes it without instructions on vectors: a digest of node:crypto would cost ten times as much,
 * most of it to load. It takes 64 KiB at once.
 */
const CRC64 =
  'AGFzbQEAAAABCwJgAX4BfmACf38AAwMCAAEFBAEBAgIHEwIGbWVtb3J5AgAGdXBkYXRlAAEKqgECQAEBfiAAQjyGIABCPYaFIABCP4aFIQEgACAAQgGIhSAAQgOIhSAAQgSIhSABhSABQgGIhSABQgOIhSABQgSIhQtnAQF+QQApAwAhAgJAA0AgASAAa0EIT0UNASACIAApAACFEAAhAiAAQQhqIQAMAAsLAkADQCABIABrQQFPRQ0BIAJCCIggAiAAMQAAhUI4hhAAhSECIABBAWohAAwACwtBACACNwMACw==';
const CRC64_AT = 64;
const CRC64_SIZE = 65536;
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
    const taken = bundle.exports.partsTaken?.() ?? '';
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
 * A kept form is a line with the digest of the build, a checksum of what follows it, and a 1 for each part of the bundle that the form
 * was made with; then the form. V8 believes what it is given: a damaged one would end Node.
 */
function readKept(cache, build) {
  try {
    const bytes = fs.readFileSync(cache);
    const [, ofBuild, sum, parts] = /^([0-9a-f]{64}) ([0-9a-f]{16}) ([01]*)\n/.exec(bytes.latin1Slice(0, 4096)) ?? [];
    return ofBuild === build && sum === checksum(bytes.subarray(82))
      ? { parts, form: bytes.subarray(83 + parts.length) }
      : undefined;
  } catch {
    return undefined;
  }
}

/** CRC-64 finds any damage in one place, and misses one in 2^64 of others: it is not against those who may write here. */
function checksum(bytes) {
  const { memory, update } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(CRC64, 'base64'))).exports;
  const room = Buffer.from(memory.buffer);
  room.fill(0xff, 0, 8);
  for (let at = 0; at < bytes.length; at += CRC64_SIZE) {
    const size = bytes.copy(room, CRC64_AT, at, at + CRC64_SIZE);
    update(CRC64_AT, CRC64_AT + size);
  }
  return room.hexSlice(0, 8);
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
    const rest = Buffer.concat([Buffer.from(`${parts}\n`, 'latin1'), script.createCachedData()]);
    const head = Buffer.from(`${build} ${checksum(rest)} `, 'latin1');
    fs.writeFileSync(temporary, Buffer.concat([head, rest]), { flag: 'wx' });
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
