import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import vm from 'node:vm';

// Writes dist/cli.cache, V8's compiled form of dist/cli.cjs, for this Node; bin/layerlab.js uses it where it fits. A
// command is run first, so that the functions every command needs are in it.

const file = join(process.cwd(), 'dist/cli.cjs');
const source = readFileSync(file, 'utf8');
const script = new vm.Script(module.wrap(source), {
  filename: file,
  importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
const bundle = { exports: {} };
script.runInThisContext()(bundle.exports, module.createRequire(file), bundle, file, join(process.cwd(), 'dist'));

const folder = mkdtempSync(join(tmpdir(), 'layerlab-cache-'));
process.stdout.write = () => true;
await bundle.exports.run(['images', '--data-root', folder]);
rmSync(folder, { recursive: true, force: true });

const target = join(process.cwd(), 'dist/cli.cache');
const build = Buffer.from(source.slice(0, source.indexOf('\n')), 'latin1');
writeFileSync(`${target}.${process.pid}`, Buffer.concat([build, script.createCachedData()]));
renameSync(`${target}.${process.pid}`, target);
