import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

// Makes dist/cli.cjs (the command), dist/index.cjs (the library) and, with --types or on `npm pack`, dist/types.

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const withTypes = process.argv.includes('--types') || process.env.npm_lifecycle_event === 'prepack';
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** yargs measures help texts with string-width, whose Unicode tables cost most of its start-up: ours is a few lines. */
const ownStringWidth = {
  name: 'own-string-width',
  setup(context) {
    context.onResolve({ filter: /^string-width$/ }, () => ({ path: join(root, 'src/cli/text-width.ts') }));
  },
};

const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minify: true,
  legalComments: 'none',
  // koffi finds its native part beside its own files.
  external: ['koffi'],
  banner: { js: 'const __importMetaUrl=require("node:url").pathToFileURL(__filename).href;' },
  define: { 'import.meta.url': '__importMetaUrl', __LAYERLAB_VERSION__: JSON.stringify(version) },
  plugins: [ownStringWidth],
  logLevel: 'warning',
};

rmSync(join(root, 'dist'), { recursive: true, force: true });
await Promise.all([
  build({ ...shared, entryPoints: ['src/cli/run.ts'], outfile: 'dist/cli.cjs' }),
  build({ ...shared, entryPoints: ['src/index.ts'], outfile: 'dist/index.cjs' }),
]);

if (withTypes) {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', join(root, 'scripts/tsconfig.types.json')], { stdio: 'inherit' });
}

for (const file of ['dist/cli.cjs', 'dist/index.cjs']) {
  process.stdout.write(`${file}  ${Math.ceil(statSync(join(root, file)).size / 1024)} KiB\n`);
}
