import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { IMPORT_META, packChunks } from './pack.js';

// Makes dist/cli.cjs (the command), dist/index.cjs (the library), dist/copy-worker.cjs and others (threads of either) and, with --types or on `npm pack`, dist/types.

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

/** yargs asserts twice; node:assert takes longer to load than the rest of it. */
const ownAssert = {
  name: 'own-assert',
  setup(context) {
    context.onResolve({ filter: /^assert$/ }, () => ({ path: 'assert', namespace: 'own-assert' }));
    context.onLoad({ filter: /.*/, namespace: 'own-assert' }, () => ({
      contents: `const check = (same) => (a, b, message) => { if ((a === b) !== same) throw new Error(message); };
        export const strictEqual = check(true);
        export const notStrictEqual = check(false);`,
    }));
  },
};

/** The parser's entry for Node loads modules of Node that only its files of options need. */
const plainParser = {
  name: 'plain-parser',
  setup(context) {
    context.onResolve({ filter: /^yargs-parser$/ }, () => ({
      path: join(root, 'node_modules/yargs-parser/browser.js'),
    }));
  },
};

const APART = ['seek-bzip', 'xz-decompress', 'zstddec', 'dockerfile-ast', 'yaml'];

/** What is large and seldom needed is a file of its own beside the bundle. */
const seldomNeeded = {
  name: 'seldom-needed',
  setup(context) {
    const filter = new RegExp(`^(${APART.join('|')})$`);
    context.onResolve({ filter }, ({ path, kind }) =>
      kind === 'entry-point' ? undefined : { path: `./${path}.cjs`, external: true },
    );
  },
};

/** The decoder allocates in a way that Node warns of on every user's terminal. */
const bufferAlloc = {
  name: 'buffer-alloc',
  setup(context) {
    context.onLoad({ filter: /seek-bzip[\\/]lib[\\/].*\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll('new Buffer(', 'Buffer.alloc('),
    }));
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
  // A script that comes out of V8's code cache cannot import(); it can always require.
  supported: { 'dynamic-import': false },
  banner: { js: IMPORT_META },
  define: { 'import.meta.url': '__importMeta.url', __LAYERLAB_VERSION__: JSON.stringify(version) },
  plugins: [ownStringWidth, ownAssert, plainParser, seldomNeeded, bufferAlloc],
  logLevel: 'warning',
};

/** Bundles one entry point; the file appears whole or not at all, also beside another build. */
async function bundle(entry, file) {
  const { outputFiles } = await build({ ...shared, entryPoints: [entry], outfile: file, write: false });
  put(file, outputFiles[0].text);
}

/** Bundles an entry point whose verbs are imported when they are called: each is run, and compiled, only then. */
async function bundleSplit(entry, file) {
  const { outputFiles } = await build({
    ...shared,
    entryPoints: [entry],
    outdir: join(root, 'dist'),
    write: false,
    format: 'esm',
    splitting: true,
    banner: {},
    supported: {},
  });
  const chunks = outputFiles.map(({ path, text }) => ({ name: basename(path), text }));
  const { platform, target, minify, legalComments, supported } = shared;
  const options = { platform, target, minify, legalComments, supported };
  put(file, await packChunks(chunks, basename(entry).replace(/ts$/, 'js'), options));
}

function put(file, text) {
  const target = join(root, file);
  mkdirSync(dirname(target), { recursive: true });
  const contents = `// ${createHash('sha256').update(text).digest('hex')}\n${text}`;
  writeFileSync(`${target}.${process.pid}`, contents);
  renameSync(`${target}.${process.pid}`, target);
  process.stdout.write(`${file}  ${Math.ceil(contents.length / 1024)} KiB\n`);
}

await Promise.all([
  bundleSplit('src/cli/run.ts', 'dist/cli.cjs'),
  bundle('src/index.ts', 'dist/index.cjs'),
  bundleSplit('src/engine/build/copy-worker.ts', 'dist/copy-worker.cjs'),
  bundle('src/committer/ahead/writer-thread.ts', 'dist/writer-thread.cjs'),
  bundleSplit('src/committer/tar-hash/tar-hash-thread.ts', 'dist/tar-hash-thread.cjs'),
  bundleSplit('src/engine/check/check-worker.ts', 'dist/check-worker.cjs'),
  bundleSplit('src/committer/hash-thread/hash-worker.ts', 'dist/hash-worker.cjs'),
  bundle('src/committer/hash-thread/write-worker.ts', 'dist/write-worker.cjs'),
  bundle('src/executor/copy/inflate-thread/inflate-worker.ts', 'dist/inflate-worker.cjs'),
  ...APART.map((name) => bundle(name, `dist/${name}.cjs`)),
]);

// What bin/layerlab.js kept of the build before.
rmSync(join(root, 'dist/cache'), { recursive: true, force: true });
rmSync(join(root, 'dist/cli.cache'), { force: true });

if (withTypes) {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const project = join(root, 'scripts/tsconfig.types.json');
  process.exitCode = spawnSync(process.execPath, [tsc, '-p', project], { stdio: 'inherit' }).status ?? 1;
}
