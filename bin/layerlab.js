#!/usr/bin/env node
'use strict';
// CommonJS, as package.json beside it says: starting Node's ES modules takes as long as all of `--version`.
const {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} = require('node:fs');
const nodeModule = require('node:module');
const { dirname, join } = require('node:path');

/** Two digests in hexadecimal digits. */
const HEAD = 128;
/** More than there are commands: a word that is none, as a flag's value, must not fill the disk. */
const MOST_KEPT = 64;
const args = process.argv.slice(2);

if (args.length === 1 && (args[0] === '--version' || args[0] === '-v')) {
  const { version } = JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8'));
  process.stdout.write(`layerlab version ${version}\n`);
} else {
  const bundle = join(__dirname, '../dist/cli.cjs');
  if (existsSync(bundle)) {
    load(bundle).run(args);
  } else {
    process.stderr.write(
      'ERROR: dist/cli.cjs is missing: layerlab has not been built\n  hint: Run "npm run build" first.\n',
    );
    process.exitCode = 1;
  }
}

/**
 * Runs the bundle, with V8's compiled form of what this command needs of it where that is kept: half of a short command's time
 * would go into compiling. The forms lie inside of the package: whoever may write there may change the program itself. Node's
 * own store for them is below the folder for temporary files, where another user may have been first.
 */
function load(file) {
  const require = nodeModule.createRequire(file);
  const vm = require('node:vm');
  const loader = vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  if (loader === undefined) return require(file);
  // It is ASCII, which this reads fastest.
  const source = readFileSync(file, 'latin1');
  // The first line is a comment with a digest of the rest: V8 tells sources apart by their length only.
  const build = source.slice(3, 67);
  const folder = join(dirname(file), 'cache', `${process.version}-${process.arch}`);
  const cache = join(folder, `${commandWord() ?? 'none'}.bin`);
  const kept = readKept(cache, build);
  const script = new vm.Script(nodeModule.wrap(source), {
    filename: file,
    cachedData: kept,
    importModuleDynamically: loader,
  });
  if (kept === undefined || script.cachedDataRejected) {
    process.on('exit', (code) => {
      if (code === 0) keep(cache, build, script);
    });
  }
  const bundle = { exports: {} };
  script.runInThisContext()(bundle.exports, require, bundle, file, dirname(file));
  return bundle.exports;
}

/** The word that names the command, as the program itself finds it. */
function commandWord() {
  const word = args.find((arg, index) => !arg.startsWith('-') && args[index - 1] !== '--data-root');
  return word !== undefined && /^[a-z][a-z-]{0,30}$/.test(word) ? word : undefined;
}

/** A kept form is the digest of the build, a digest of the form, the form. V8 believes what it is given: a damaged one would end Node. */
function readKept(cache, build) {
  try {
    const bytes = readFileSync(cache);
    const form = bytes.subarray(HEAD);
    return bytes.latin1Slice(0, HEAD) === build + digest(form) ? form : undefined;
  } catch {
    return undefined;
  }
}

function digest(form) {
  return require('node:crypto').createHash('sha256').update(form).digest('hex');
}

/** Keeps what was compiled by now, for the next time. A package that belongs to another, or is not to be written, stays as it is. */
function keep(cache, build, script) {
  const temporary = `${cache}.${process.pid}`;
  try {
    const { uid } = statSync(dirname(dirname(dirname(cache))));
    if (process.geteuid !== undefined && process.geteuid() !== uid) return;
    mkdirSync(dirname(cache), { recursive: true, mode: 0o755 });
    if (readdirSync(dirname(cache)).length >= MOST_KEPT) return;
    const form = script.createCachedData();
    writeFileSync(temporary, Buffer.concat([Buffer.from(build + digest(form), 'latin1'), form]), { flag: 'wx' });
    renameSync(temporary, cache);
  } catch {
    discard(temporary);
  }
}

function discard(file) {
  try {
    rmSync(file, { force: true });
  } catch {
    // There is not even a folder for it.
  }
}
