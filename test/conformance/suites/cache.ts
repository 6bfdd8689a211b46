import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { BUILDERS, type Builder, type ContextEntry, dir, file, symlink } from '../harness/case.ts';
import { materialise } from '../harness/context.ts';
import { readStoredImage, resolveTag } from '../harness/stored-image.ts';
import type { Tool } from '../harness/tools.ts';
import type { World } from '../harness/world.ts';

/** What a RUN writes is never the same twice, so that a layer is shared only when the step did not run. */
const DOCKERFILE = `FROM conf/base
ARG VERSION=1
COPY first /first
RUN cat /first /proc/sys/kernel/random/uuid > /copied
COPY second /second
RUN echo "$VERSION $(cat /proc/sys/kernel/random/uuid)" > /version
LABEL version=$VERSION
`;

interface Change {
  readonly what: string;
  readonly context: readonly ContextEntry[];
  readonly dockerfile?: string;
  readonly args?: readonly string[];
}

const first = file('first', 'first\n');
const second = file('second', 'second\n');

/**
 * One after the other: each build finds what the ones before it left in the cache. A changed file has a time of its own, as
 * BuildKit's client sends no file again whose size, mode and time are the same.
 */
const CHANGES: readonly Change[] = [
  { what: 'nothing', context: [first, second] },
  { what: 'only a time', context: [file('first', 'first\n', { mtime: '1650000000' }), second] },
  { what: 'only a mode', context: [file('first', 'first\n', { mode: 0o600, mtime: '1650000001' }), second] },
  { what: 'back again', context: [first, second] },
  { what: 'the second file', context: [first, file('second', 'other\n', { mtime: '1650000002' })] },
  { what: 'the first file', context: [file('first', 'other\n', { mtime: '1650000003' }), second] },
  { what: 'a build argument', context: [first, second], args: ['--build-arg', 'VERSION=2'] },
  { what: 'a line at the end', context: [first, second], dockerfile: `${DOCKERFILE}ENV A=b\n` },
  { what: 'a command', context: [first, second], dockerfile: DOCKERFILE.replace('cat', 'cat  ') },
  { what: 'a file that no line copies', context: [first, second, file('third')] },
];

/** A stage that others take from, folders, and every kind of line that changes the config alone. */
const LAYERED = `FROM conf/base AS made
ENV STAGE=1
COPY first /made/first
FROM conf/base
ENV E=1
LABEL l=1
COPY --from=made /made /made
RUN cat /proc/sys/kernel/random/uuid > /one
WORKDIR /srv/w
COPY tree /tree
RUN cat /proc/sys/kernel/random/uuid > /two
`;

const tree = [file('tree/a', 'a\n'), file('tree/sub/b', 'b\n'), dir('tree/empty')];
const all = [first, ...tree];

/**
 * Left out: the mode of a folder, which BuildKit does not look at when it is sent anew, and a WORKDIR spelt otherwise, of
 * which BuildKit makes a second layer.
 */
const LAYERED_CHANGES: readonly Change[] = [
  { what: 'nothing', context: all },
  { what: 'an ENV', context: all, dockerfile: LAYERED.replace('E=1', 'E=2') },
  { what: 'a LABEL', context: all, dockerfile: LAYERED.replace('l=1', 'l=2') },
  { what: 'a WORKDIR', context: all, dockerfile: LAYERED.replace('/srv/w', '/srv/v') },
  { what: 'a USER before the end', context: all, dockerfile: `${LAYERED}USER app\n` },
  {
    what: 'the stage, with the same files in the end',
    context: all,
    dockerfile: LAYERED.replace('STAGE=1', 'STAGE=2'),
  },
  {
    what: 'the stage, with other files',
    context: [file('first', 'other\n', { mtime: '1650000010' }), ...tree],
  },
  { what: 'a comment and blank lines', context: all, dockerfile: `# new\n\n${LAYERED.replace('RUN', '\n# c\nRUN')}` },
  { what: 'a file of the folder', context: [first, file('tree/a', 'A\n', { mtime: '1650000011' }), ...tree.slice(1)] },
  { what: 'a name in the folder', context: [first, file('tree/c', 'a\n'), ...tree.slice(1)] },
  { what: 'an owner in the context', context: [first, file('tree/a', 'a\n', { uid: 7, gid: 8 }), ...tree.slice(1)] },
  { what: 'the time of a folder', context: [first, dir('tree/empty', { mtime: '1650000012' }), ...tree.slice(0, 2)] },
  { what: 'a folder less', context: [first, ...tree.slice(0, 2)] },
  { what: 'a .dockerignore that leaves out nothing', context: [...all, file('.dockerignore', 'none\n')] },
  { what: 'a .dockerignore that leaves a file out', context: [...all, file('.dockerignore', 'tree/a\n')] },
  { what: 'a file that is ignored', context: [...all, file('tree/x'), file('.dockerignore', 'tree/x\n')] },
  { what: 'a file in place of a folder', context: [first, file('tree/empty', ''), ...tree.slice(0, 2)] },
  { what: 'a link in place of a file', context: [first, symlink('tree/a', 'sub/b'), ...tree.slice(1)] },
  { what: 'an unused build argument', context: all, args: ['--build-arg', 'NOBODY=1'] },
  { what: 'a label by flag', context: all, args: ['--label', 'by=flag'] },
  { what: 'all back again', context: all },
];

const SERIES = [
  { name: 'lines', start: [first, second], dockerfile: DOCKERFILE, changes: CHANGES },
  { name: 'layered', start: all, dockerfile: LAYERED, changes: LAYERED_CHANGES },
] as const;

type Series = (typeof SERIES)[number];

/** Which steps of a build are taken from the cache: the layers that the image shares with the first build tell. */
export function describeCache(world: () => World): void {
  describe('cache', () => {
    for (const series of SERIES) {
      for (const builder of BUILDERS) {
        it(`finds again what docker finds again, ${series.name}, ${builder}`, async () => {
          const { docker, layerlab, scratch } = world();
          const [theirs, ours] = await Promise.all([
            pattern(docker, builder, scratch, series),
            pattern(layerlab, builder, scratch, series),
          ]);
          expect(ours).toEqual(theirs);
        });
      }
    }
  });
}

async function pattern(tool: Tool, builder: Builder, scratch: string, series: Series): Promise<readonly string[]> {
  const seen: { id: string; layers: readonly string[] }[] = [];
  const lines: string[] = [];
  for (const change of [{ what: 'first build', context: series.start }, ...series.changes] as readonly Change[]) {
    const context = path.join(scratch, 'contexts', `cache-${tool.name}-${series.name}-${builder}`);
    fs.rmSync(context, { recursive: true, force: true });
    materialise(context, [file('Dockerfile', change.dockerfile ?? series.dockerfile), ...change.context]);
    const tag = `conf/cache-${series.name}-${builder}`;
    await tool.runOrThrow(['build', '--network', 'none', ...(change.args ?? []), '-t', tag, context], builder);
    const id = resolveTag(tool.dataRoot, tag);
    const layers = readStoredImage(tool.dataRoot, id).layers.map((layer) => layer.cacheId);
    const same = seen.findIndex((each) => each.id === id);
    const shared = seen.map((each) => each.layers.filter((layer) => layers.includes(layer)).length);
    lines.push(
      `${change.what}: ${same < 0 ? 'a new image' : `image ${same} again`}, shares ${shared.join(' ') || 'nothing'}`,
    );
    seen.push({ id, layers });
  }
  return lines;
}
