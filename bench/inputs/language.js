import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';

const src = fileURLToPath(new URL('../../src/', import.meta.url));

/** The parser, the planner and the checks of this checkout, bundled as the command line has them. */
async function language(work) {
  const outfile = join(work, 'language.mjs');
  const contents = [
    "export { parseDockerfile } from './parser/parse-dockerfile.ts';",
    "export { planBuild } from './planner/plan-build.ts';",
    "export { checkDockerfile } from './parser/checks/check-dockerfile.ts';",
    "export { emptyContainerConfig } from './formats/container-config.ts';",
  ].join('\n');
  buildSync({
    stdin: { contents, resolveDir: src, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    outfile,
  });
  return import(pathToFileURL(outfile).href);
}

/** Times of one pass over a text, milliseconds. */
export async function parseTimes(work) {
  const { parseDockerfile, planBuild, checkDockerfile, emptyContainerConfig } = await language(work);
  const platform = { os: 'linux', architecture: 'amd64' };
  const plan = (file, builder) =>
    planBuild(file, {
      builder,
      buildArgs: new Map(),
      labels: new Map(),
      network: 'default',
      platform,
      target: undefined,
      resolveBase: () => ({ config: emptyContainerConfig, author: '' }),
    });
  const check = (file) =>
    checkDockerfile(file, {
      buildArgs: new Map(),
      predefined: new Map(),
      platform,
      target: undefined,
      ignores: () => false,
      base: () => undefined,
    });
  const timed = (work) => {
    const start = performance.now();
    const value = work();
    return { value, milliseconds: performance.now() - start };
  };
  return (text) => {
    const parsed = timed(() => parseDockerfile(text));
    return {
      parse: parsed.milliseconds,
      plan: timed(() => plan(parsed.value, 'buildkit')).milliseconds,
      check: timed(() => check(parsed.value)).milliseconds,
    };
  };
}
