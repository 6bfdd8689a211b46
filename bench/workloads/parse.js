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

/** Lines as people write them: each kind with its share, several stages, continuations, a heredoc now and then. */
export function realisticDockerfile(lines) {
  const text = ['# syntax=docker/dockerfile:1', 'ARG VERSION=1.2.3'];
  for (let i = 0; text.length < lines; i++) {
    if (i % 12 === 0)
      text.push('', `FROM ${i % 24 === 0 ? 'debian:12' : `stage${i - 12}`} AS stage${i}`, 'ARG VERSION');
    if (i % 24 === 0 && i > 0) text.push(`COPY --from=stage${i - 12} /opt /opt`);
    text.push(
      `ENV APP_${i}=/opt/app-${i} PATH="/opt/app-${i}/bin:$PATH"`,
      `LABEL org.example.part-${i}="part ${i} of $VERSION"`,
      'RUN apt-get update && apt-get install -y --no-install-recommends \\',
      '      ca-certificates curl git \\',
      `    && rm -rf /var/lib/apt/lists/* # ${i}`,
      `COPY --chown=app:app src/part-${i}/*.json \${APP_${i}}/`,
      `WORKDIR /opt/app-${i}`,
      i % 10 === 0 ? `RUN <<EOF\nset -e\nmake part-${i}\nEOF` : `RUN make VERSION=\${VERSION} part-${i}`,
      `EXPOSE ${3000 + (i % 1000)}/tcp`,
      `CMD ["node", "part-${i}.js"]`,
    );
  }
  return `${text.join('\n').split('\n').slice(0, lines).join('\n').replace(/\\$/, '')}\n`;
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
      'plan, buildkit': timed(() => plan(parsed.value, 'buildkit')).milliseconds,
      check: timed(() => check(parsed.value)).milliseconds,
    };
  };
}
