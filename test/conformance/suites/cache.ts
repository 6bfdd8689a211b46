import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { startWindow } from '../harness/build-window.ts';
import { BUILDERS, type Builder, type ContextEntry, dir, file, symlink, type WebFile } from '../harness/case.ts';
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

const MODIFIED = { 'Last-Modified': 'Tue, 15 Nov 1994 12:45:26 GMT' };

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

/** One RUN a line whose mount the changes below are about: its layer is shared only when it did not run. */
const mounting = (mount: string): string =>
  `FROM conf/base AS tools\nRUN echo tool > /tool && mkdir /dir && echo x > /dir/x\nFROM conf/base\nRUN ${mount} cat /proc/sys/kernel/random/uuid > /run-once\n`;

const MOUNTS: readonly string[] = [
  '--mount=target=/x',
  '--mount=source=first,target=/x',
  '--mount=source=first,target=/x,rw',
  '--mount=source=first,target=/y',
  '--mount=from=tools,source=dir,target=/x',
  '--mount=type=cache,id=conf-cache,target=/x',
  '--mount=type=cache,id=conf-cache,target=/x,sharing=locked',
  '--mount=type=cache,id=conf-cache,target=/x,ro',
  '--mount=type=cache,id=conf-cache,target=/x,mode=0700',
  '--mount=type=cache,id=conf-cache,target=/x,from=tools',
  '--mount=type=tmpfs,target=/x',
  '--mount=type=tmpfs,target=/x,size=1m',
  '--mount=type=secret,id=a',
  '--mount=type=secret,id=b,target=/run/secrets/a',
  '--mount=type=secret,id=a,mode=0444',
  '--mount=type=secret,id=a,env=A',
  '--mount=type=ssh',
  '--mount=type=ssh,id=other',
  '--mount=type=tmpfs,target=/x --mount=type=tmpfs,target=/y',
  '--mount=type=tmpfs,target=/y --mount=type=tmpfs,target=/x',
];

const MOUNT_CHANGES: readonly Change[] = [
  ...MOUNTS.map((mount) => ({ what: mount, context: [first, second], dockerfile: mounting(mount) })),
  {
    what: 'the whole context, a file changed',
    context: [first, file('second', 'other\n', { mtime: '1650000010' })],
    dockerfile: mounting('--mount=target=/x'),
  },
  {
    what: 'one file, another changed',
    context: [first, file('second', 'other\n', { mtime: '1650000011' })],
    dockerfile: mounting('--mount=source=first,target=/x'),
  },
  {
    what: 'one file, only its time',
    context: [file('first', 'first\n', { mtime: '1650000012' }), second],
    dockerfile: mounting('--mount=source=first,target=/x'),
  },
  {
    what: 'one file, its mode',
    context: [file('first', 'first\n', { mode: 0o600, mtime: '1650000013' }), second],
    dockerfile: mounting('--mount=source=first,target=/x'),
  },
  {
    what: 'one file, under another name',
    context: [first, file('third', 'first\n')],
    dockerfile: mounting('--mount=source=third,target=/x'),
  },
  {
    what: 'a part of a stage that came out the same',
    context: [first, second],
    dockerfile: mounting('--mount=from=tools,source=dir,target=/x').replace('echo tool', 'echo other'),
  },
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

/** Keys of mounts that Docker 20.10 refuses. */
const NOT_ON_2010 = /,(?:size|env)=/;

interface Series {
  readonly name: string;
  readonly builders: readonly Builder[];
  readonly start: readonly ContextEntry[];
  readonly dockerfile: string;
  readonly changes: readonly Change[];
}

const SERIES: readonly Series[] = [
  { name: 'lines', builders: BUILDERS, start: [first, second], dockerfile: DOCKERFILE, changes: CHANGES },
  { name: 'layered', builders: BUILDERS, start: all, dockerfile: LAYERED, changes: LAYERED_CHANGES },
  {
    name: 'mounts',
    builders: ['buildkit'],
    start: [first, second],
    dockerfile: DOCKERFILE,
    changes: MOUNT_CHANGES,
  },
];

/** Which steps of a build are taken from the cache: the layers that the image shares with the first build tell. */
export function describeCache(world: () => World): void {
  describe('cache', () => {
    for (const series of SERIES) {
      for (const builder of series.builders) {
        it(`finds again what docker finds again, ${series.name}, ${builder}`, async () => {
          const { docker, layerlab, scratch, version } = world();
          const changes = series.changes.filter(({ what }) => version === '28' || !NOT_ON_2010.test(what));
          const [theirs, ours] = await Promise.all([
            pattern(docker, builder, scratch, { ...series, changes }),
            pattern(layerlab, builder, scratch, { ...series, changes }),
          ]);
          expect(ours).toEqual(theirs);
        });
      }
    }

    for (const builder of BUILDERS) {
      it(`makes without the cache the layers that docker makes, twice, ${builder}`, async () => {
        const { docker, layerlab, scratch, version } = world();
        // Folders in what 20.10 keeps of a context have the time at which they were first sent.
        const dockerfile = version === '28' ? ANEW : ANEW.replace('COPY tr* /\n', '');
        const [theirs, ours] = [
          await layersTwice(docker, builder, scratch, dockerfile),
          await layersTwice(layerlab, builder, scratch, dockerfile),
        ];
        expect(ours.first.map((layer, index) => layer === ours.second[index])).toEqual(
          theirs.first.map((layer, index) => layer === theirs.second[index]),
        );
        // Those that do not hold the time of the build.
        expect(ours.first.filter((layer) => ours.second.includes(layer))).toEqual(
          theirs.first.filter((layer) => theirs.second.includes(layer)),
        );
      });
    }

    // One of the differences that docs/ARCHITECTURE.md lists.
    it('sees other bytes behind the same size and time, which BuildKit does not, also without the cache', async () => {
      const { docker, layerlab, scratch } = world();
      const [before, after] = await bytesBehindATime(docker, scratch);
      const [first, second] = await bytesBehindATime(layerlab, scratch);
      expect(after).toBe(before);
      expect(first).toBe(before);
      expect(second).not.toBe(first);
    });
  });
}

/** Two builds of one file without the cache, with other bytes of the same size and under the same time the second time. */
async function bytesBehindATime(tool: Tool, scratch: string): Promise<readonly (string | undefined)[]> {
  const context = path.join(scratch, 'contexts', `behind-${tool.name}`);
  const diffIds: (string | undefined)[] = [];
  for (const text of ['old\n', 'new\n']) {
    materialise(context, [file('Dockerfile', 'FROM conf/base\nCOPY first /first\n'), file('first', text)]);
    await new Promise((resolve) => setTimeout(resolve, 2200));
    await tool.runOrThrow(['build', '--network', 'none', '--no-cache', '-t', 'conf/behind', context], 'buildkit');
    diffIds.push(readStoredImage(tool.dataRoot, resolveTag(tool.dataRoot, 'conf/behind')).layers.at(-1)?.diffId);
  }
  return diffIds;
}

/** Copies of files and folders, next to what is there, and into folders that are made on their way. */
const ANEW = `FROM conf/base
COPY tree /tree
COPY --chown=7:8 tree/sub /tree/sub
COPY first tree/a* /tree/
COPY tree/a first /made/
COPY tree /made/on/its/way
COPY tr* /
`;

/** The diff_ids of two builds of one context without the cache, its files having been there for some seconds. */
async function layersTwice(
  tool: Tool,
  builder: Builder,
  scratch: string,
  dockerfile: string,
): Promise<Record<'first' | 'second', string[]>> {
  const context = path.join(scratch, 'contexts', `anew-${tool.name}-${builder}`);
  materialise(context, [file('Dockerfile', dockerfile), ...all]);
  const build = async (): Promise<string[]> => {
    await new Promise((resolve) => setTimeout(resolve, 2200));
    const tag = `conf/anew-${builder}`;
    await tool.runOrThrow(['build', '--network', 'none', '--no-cache', '-t', tag, context], builder);
    return readStoredImage(tool.dataRoot, resolveTag(tool.dataRoot, tag)).layers.map(({ diffId }) => diffId);
  };
  return { first: await build(), second: await build() };
}

/** What the server has to say, one after the other; the RUN behind the ADD shows whether it ran again. */
const ANSWERS: readonly (readonly [what: string, file: Omit<WebFile, 'path'>])[] = [
  ['first build', { body: 'one\n', headers: MODIFIED }],
  ['nothing', { body: 'one\n', headers: MODIFIED }],
  ['only a time', { body: 'one\n', headers: { 'Last-Modified': 'Wed, 16 Nov 1994 12:45:26 GMT' } }],
  ['the file', { body: 'two\n', headers: MODIFIED }],
  ['an ETag', { body: 'two\n', headers: { ...MODIFIED, ETag: '"2"' } }],
  ['nothing behind an ETag', { body: 'two\n', headers: { ...MODIFIED, ETag: '"2"' } }],
  ['the file, and nobody says so', { body: 'three\n', headers: { ...MODIFIED, ETag: '"2"' } }],
  ['the ETag alone', { body: 'three\n', headers: { ...MODIFIED, ETag: 'W/"3"' } }],
  ['back again', { body: 'one\n' }],
];

/** A file is known by what it is, or by what its server calls it. */
export function describeRemoteCache(world: () => World): void {
  describe('cache of what is fetched', () => {
    for (const builder of BUILDERS) {
      it(`asks again when docker asks again, ${builder}`, async () => {
        expect(await remotePattern(world(), 'layerlab', builder)).toEqual(
          await remotePattern(world(), 'docker', builder),
        );
      });
    }

    it('needs no server for a checksum that it has', async () => {
      const { web, scratch } = world();
      const sum = `sha256:${createHash('sha256').update('known\n').digest('hex')}`;
      for (const name of ['docker', 'layerlab'] as const) {
        const tool = world()[name];
        web.publish(`sum-${name}`, [{ path: 'file', body: 'known\n' }]);
        const add = `ADD --checksum=${sum} ${web.url}/sum-${name}/file /f\n`;
        const context = path.join(scratch, 'contexts', `sum-${name}`);
        materialise(context, [file('Dockerfile', `FROM conf/base\n${add}`)]);
        await tool.runOrThrow(['build', '-t', 'conf/sum', context], 'buildkit');
        web.publish(`sum-${name}`, [{ path: 'file', status: 500 }]);
        await tool.runOrThrow(['build', '-t', 'conf/sum', context], 'buildkit');
      }
    });
  });
}

async function remotePattern(
  { web, scratch, ...tools }: World,
  name: 'docker' | 'layerlab',
  builder: Builder,
): Promise<readonly string[]> {
  const tool = tools[name];
  const folder = `cache-${name}-${builder}-web`;
  const context = path.join(scratch, 'contexts', folder);
  const text = `FROM conf/base\nADD ${web.url}/${folder}/file /f\nRUN cat /proc/sys/kernel/random/uuid > /id\n`;
  materialise(context, [file('Dockerfile', text)]);
  const seen: string[] = [];
  const lines: string[] = [];
  for (const [what, answer] of ANSWERS) {
    web.publish(folder, [{ path: 'file', ...answer }]);
    const tag = `conf/${folder}`;
    await tool.runOrThrow(['build', '--network', 'none', '-t', tag, context], builder);
    const id = resolveTag(tool.dataRoot, tag);
    lines.push(`${what}: ${seen.includes(id) ? `image ${seen.indexOf(id)} again` : 'a new image'}`);
    seen.push(id);
  }
  return lines;
}

/** What the builder itself reads is not sent again either where its size and time are the same. */
function ownTime(entry: ContextEntry, index: number): ContextEntry {
  const isRead = entry.kind === 'file' && /^(Dockerfile|\.dockerignore)$/.test(entry.path);
  return isRead ? { ...entry, mtime: String(1_640_000_000 + index) } : entry;
}

async function pattern(tool: Tool, builder: Builder, scratch: string, series: Series): Promise<readonly string[]> {
  const seen: { id: string; layers: readonly string[] }[] = [];
  const lines: string[] = [];
  for (const change of [{ what: 'first build', context: series.start }, ...series.changes] as readonly Change[]) {
    const context = path.join(scratch, 'contexts', `cache-${tool.name}-${series.name}-${builder}`);
    fs.rmSync(context, { recursive: true, force: true });
    const dockerfile = file('Dockerfile', change.dockerfile ?? series.dockerfile);
    materialise(
      context,
      [dockerfile, ...change.context].map((entry) => ownTime(entry, lines.length)),
    );
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
    // The classic builder's folders have the second in which they were made: made once more within it, a layer is the same as if it
    // had been found. So none of the later builds are in the second of the first.
    if (seen.length === 1) await startWindow();
  }
  return lines;
}
