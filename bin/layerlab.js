#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';
import module from 'node:module';

const args = process.argv.slice(2);

if (args.length === 1 && (args[0] === '--version' || args[0] === '-v')) {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  process.stdout.write(`layerlab version ${version}\n`);
} else {
  const bundle = new URL('../dist/cli.cjs', import.meta.url);
  if (existsSync(bundle)) {
    // Node 22.8 and later keep the compiled bundle between starts.
    module.enableCompileCache?.();
    module
      .createRequire(import.meta.url)('../dist/cli.cjs')
      .run(args);
  } else {
    process.stderr.write(
      'ERROR: dist/cli.cjs is missing: layerlab has not been built\n  hint: Run "npm run build" first.\n',
    );
    process.exitCode = 1;
  }
}
