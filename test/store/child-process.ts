import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';

const ROOT = new URL('../../', import.meta.url).pathname;
/** Below node_modules, so that the packages are found. */
const CACHE = `${ROOT}node_modules/.cache/layerlab-test`;

/** A worker program, bundled once, that tests start as processes of their own. */
export interface Program {
  start(...args: string[]): ChildProcess;
  /** Runs it to its end and returns what it printed; throws where it fails. */
  run(...args: string[]): Promise<string>;
  remove(): void;
}

/** Bundles TypeScript that imports from `src/` (write `@/` for it) into a program. */
export function bundleProgram(text: string): Program {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(`${CACHE}/program-`);
  const entry = `${folder}/program.ts`;
  const file = `${folder}/program.mjs`;
  writeFileSync(entry, text.replaceAll('@/', `${ROOT}src/`));
  const flags = ['--bundle', '--platform=node', '--format=esm', '--packages=external', '--log-level=error'];
  const built = spawnSync(`${ROOT}node_modules/.bin/esbuild`, [entry, `--outfile=${file}`, ...flags], {
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(built.stderr);
  const start = (...args: string[]): ChildProcess => spawn(process.execPath, [file, ...args]);
  return {
    start,
    remove: () => rmSync(folder, { recursive: true, force: true }),
    run: (...args) =>
      new Promise((done, failed) => {
        const child = start(...args);
        let output = '';
        for (const stream of [child.stdout, child.stderr]) {
          stream?.on('data', (data) => {
            output += data;
          });
        }
        child.on('close', (code, signal) => {
          if (code === 0) done(output);
          else failed(new Error(`exit ${code ?? signal}: ${output}`));
        });
      }),
  };
}
