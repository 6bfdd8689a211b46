#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';
import module from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const args = process.argv.slice(2);

if (args.length === 1 && (args[0] === '--version' || args[0] === '-v')) {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  process.stdout.write(`layerlab version ${version}\n`);
} else {
  const bundle = fileURLToPath(new URL('../dist/cli.cjs', import.meta.url));
  if (existsSync(bundle)) {
    (await load(bundle)).run(args);
  } else {
    process.stderr.write(
      'ERROR: dist/cli.cjs is missing: layerlab has not been built\n  hint: Run "npm run build" first.\n',
    );
    process.exitCode = 1;
  }
}

/** Loads the bundle, compiled already where that can be had: half of a short command's time would go into compiling. */
async function load(file) {
  const require = module.createRequire(file);
  if (module.enableCompileCache !== undefined) {
    module.enableCompileCache();
    return require(file);
  }
  const { default: vm } = await import('node:vm');
  const loader = vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  const cache = file.replace(/cjs$/, 'cache');
  if (loader === undefined || !existsSync(cache)) return require(file);
  const source = readFileSync(file, 'utf8');
  const cached = readFileSync(cache);
  // V8 tells sources apart by their length only: both files name the build they are of.
  const build = source.slice(0, source.indexOf('\n'));
  if (cached.toString('latin1', 0, build.length) !== build) return require(file);
  const script = new vm.Script(module.wrap(source), {
    filename: file,
    cachedData: cached.subarray(build.length),
    importModuleDynamically: loader,
  });
  const bundle = { exports: {} };
  script.runInThisContext()(bundle.exports, require, bundle, file, dirname(file));
  return bundle.exports;
}
