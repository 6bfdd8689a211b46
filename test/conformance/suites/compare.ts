import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BUILDERS, type Builder, type ContextEntry, file } from '../harness/case.ts';
import { materialise } from '../harness/context.ts';
import { layerlabTool, run, type Tool } from '../harness/tools.ts';
import type { World } from '../harness/world.ts';

interface Project {
  readonly name: string;
  readonly dockerfile: string;
  /** A line of it, and what it becomes. */
  readonly edit: readonly [from: string, to: string];
  readonly args?: readonly string[];
}

const FILES: readonly ContextEntry[] = [file('a.txt', 'a'.repeat(5000)), file('sub/b.txt', 'b\n'.repeat(700))];

/** Bytes are deleted, replaced, rewritten, moved and hidden by opaque folders, over stages, arguments and triggers. */
const PROJECTS: readonly Project[] = [
  {
    name: 'bytes',
    dockerfile: `FROM conf/base
COPY a.txt sub /srv/
RUN chmod 600 /srv/a.txt && rm /opt/data/a.txt
RUN mv /srv/b.txt /srv/c.txt && ln /srv/a.txt /srv/hard
RUN rm -r /opt/data && mkdir /opt/data && echo new > /opt/data/n
RUN rm -r /srv && echo file > /srv
ADD a.txt /srv2/
`,
    edit: ['rm -r /srv ', 'rm -r  /srv '],
  },
  {
    name: 'stages',
    dockerfile: `ARG BASE=conf/base
FROM $BASE AS one
ARG V=1
ARG UNSET
ENV A="x  y" B=$V
LABEL l="a  b"
RUN echo "$V  two" > /f \\
  && echo b >> /f
FROM one AS other
RUN echo other > /other
FROM one AS two
WORKDIR /w
COPY --from=other /other /o
RUN rm /f
USER 1:2
HEALTHCHECK --interval=5s --retries=3 CMD true
EXPOSE 80 53/udp
VOLUME /v
STOPSIGNAL 9
SHELL ["/bin/sh", "-e", "-c"]
RUN echo shell
ENTRYPOINT ["a"]
CMD b
ONBUILD RUN echo hi
`,
    edit: ['A="x  y"', 'A="x y"'],
    args: ['--build-arg', 'V=2'],
  },
  {
    name: 'scratch',
    dockerfile: `FROM scratch
COPY a.txt /a/
COPY sub /a/
ADD sub/b.txt /a/a.txt
CMD ["/a"]
`,
    edit: ['CMD ["/a"]', 'CMD ["/b"]'],
  },
];

interface Found {
  readonly size: number;
  readonly wastedBytes: number;
  readonly layers: readonly { readonly size: number; readonly line?: number }[];
}

/** What docker built is the Dockerfile it was built from, wastes what docker's own sizes say, and is what layerlab builds. */
export function describeCompare(world: () => World): void {
  describe('compare and waste', () => {
    const tagOf = ({ name }: Project, builder: Builder): string => `compare/${name}-${builder}`;
    const contextOf = ({ name }: Project): string => path.join(world().scratch, 'compare', name);
    const looking = (): Tool => layerlabTool(world().docker.dataRoot);

    beforeAll(async () => {
      for (const each of PROJECTS) {
        materialise(contextOf(each), [file('Dockerfile', each.dockerfile), ...FILES]);
        for (const builder of BUILDERS) {
          const flags = ['--network', 'none', ...(each.args ?? []), '-t', tagOf(each, builder)];
          await world().docker.runOrThrow(['build', '-q', ...flags, contextOf(each)], builder);
        }
      }
    }, 300_000);

    afterAll(async () => {
      const tags = PROJECTS.flatMap((each) => BUILDERS.map((builder) => tagOf(each, builder)));
      await world().docker.run(['rmi', '-f', ...tags]);
    }, 120_000);

    for (const each of PROJECTS) {
      for (const builder of BUILDERS) {
        const tag = tagOf(each, builder);

        it(`compare ${tag} with its Dockerfile`, async () => {
          const compare = (text: string) => {
            const edited = path.join(contextOf(each), 'Edited');
            fs.writeFileSync(edited, text);
            return looking().run(['compare', ...(each.args ?? []), tag, edited]);
          };
          const same = await compare(each.dockerfile);
          expect(`${same.stdout.toString('utf8')}${same.stderr}`).toContain('A and B are the same.');
          expect(same.code).toBe(0);
          expect((await compare(each.dockerfile.replace(...each.edit))).code).toBe(1);
        });

        it(`waste of ${tag}`, async () => {
          const { docker } = world();
          const flags = ['-f', path.join(contextOf(each), 'Dockerfile'), ...(each.args ?? []), '--format', 'json'];
          const found: Found = JSON.parse((await looking().runOrThrow(['waste', ...flags, tag])).toString('utf8'));
          const history = await docker.runOrThrow(['history', '--human=false', '--format', '{{.Size}}', tag]);
          const sizes = history.toString('utf8').trim().split('\n').map(Number);
          expect(found.size).toBe(sizes.reduce((sum, size) => sum + size, 0));
          expect(found.layers.map(({ size }) => size).filter((size) => size > 0)).toEqual(
            sizes.filter((size) => size > 0).reverse(),
          );
          expect(found.size - found.wastedBytes).toBe(await seenBytes(docker, tag, world().scratch));
        });

        it(`compare ${tag} with what layerlab builds`, async () => {
          const { docker, layerlab, scratch } = world();
          const archive = path.join(scratch, 'compare', 'saved.tar');
          const flags = ['-q', '--network', 'none', ...(each.args ?? []), '-t', `${tag}:ours`];
          await docker.runOrThrow(['save', '-o', archive, tag]);
          await layerlab.runOrThrow(['load', '-q', '-i', archive]);
          await layerlab.runOrThrow(['build', ...flags, contextOf(each)], builder);
          const { code, stdout, stderr } = await layerlab.run(['compare', '--ignore-times', tag, `${tag}:ours`]);
          expect(`${stdout.toString('utf8')}${stderr}`).toContain('A and B are the same.');
          expect(code).toBe(0);
          await layerlab.run(['rmi', tag, `${tag}:ours`]);
        });
      }
    }
  });
}

/** Bytes of what a container sees: files, hard links once, and texts of symbolic links, which docker's sizes count too. */
async function seenBytes(docker: Tool, tag: string, scratch: string): Promise<number> {
  const container = (await docker.runOrThrow(['create', '--network', 'none', tag, 'x'])).toString('utf8').trim();
  const archive = path.join(scratch, 'compare', 'exported.tar');
  await docker.runOrThrow(['export', '-o', archive, container]);
  await docker.run(['rm', container]);
  const listing = await run('tar', ['--numeric-owner', '-tvf', archive]);
  const lines = listing.stdout.toString('utf8').trim().split('\n');
  return lines.reduce((sum, line) => {
    // The daemon puts this link into each container.
    if (line.endsWith(' etc/mtab -> /proc/mounts')) return sum;
    if (line.startsWith('l')) return sum + Buffer.byteLength(line.split(' -> ')[1] ?? '');
    return line.startsWith('-') ? sum + Number(line.split(/\s+/)[2]) : sum;
  }, 0);
}
