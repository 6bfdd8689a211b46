import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { BUILDERS, file } from '../harness/case.ts';
import { materialise } from '../harness/context.ts';
import {
  allTags,
  inspectByApi,
  inspectByCommand,
  listHistories,
  listImages,
  timeless,
  timelessRow,
} from '../harness/listing.ts';
import { savedDigests } from '../harness/saved-digests.ts';
import { readStoredImage, resolveTag } from '../harness/stored-image.ts';
import { allText, dockerTool, layerlabTool, type Tool } from '../harness/tools.ts';
import type { World } from '../harness/world.ts';

const CACHED = 'FROM conf/base\nENV A=b\nCOPY a /srv/a\nRUN echo ran > /srv/ran\nWORKDIR /srv/w\nCMD ["x"]\n';

/** One in so many images is looked at closely, and one in so many of those saved: the builds were compared byte by byte. */
const STEP = 3;
const SAVE_STEP = 4;

/** Docker 20.10 on what `--compat 20.10` wrote, and layerlab on what Docker 20.10 wrote: both see the same images. */
export function describeBoot2010(world: () => World): void {
  describe('layerlab opens a data-root of Docker 20.10', () => {
    let theirs: Awaited<ReturnType<typeof answersOf>> | undefined;
    const said = (): NonNullable<typeof theirs> => found(theirs);
    const ours = (): Tool => layerlabTool(world().docker.dataRoot);

    beforeAll(async () => {
      const { docker, oracle, socket, scratch } = world();
      theirs = await answersOf(docker, scratch, (tags) => inspectByApi(socket, tags, 'v1.41'));
      oracle?.stop();
    }, 300_000);

    it('images', async () => expect(await imagesOf(ours())).toEqual(said().images));
    it('history', async () => expect(await historiesOf(ours(), said().tags)).toEqual(said().histories));
    it('inspect', async () => {
      expect((await inspectByCommand(ours(), said().tags)).map(timeless)).toEqual(said().inspected);
    });
    it('save', async () => expect(await digestsOf(ours(), said().tags, world().scratch)).toEqual(said().saved));
  });

  describe('Docker 20.10 boots on a data-root of layerlab', () => {
    let docker: Tool | undefined;
    let ours: Awaited<ReturnType<typeof answersOf>> | undefined;
    const daemon = (): Tool => found(docker);
    const said = (): NonNullable<typeof ours> => found(ours);

    beforeAll(async () => {
      const { layerlab, oracle, socket, scratch } = world();
      materialise(path.join(scratch, 'cached'), [file('Dockerfile', CACHED), file('a')]);
      await layerlab.runOrThrow(['build', '-q', '-t', 'conf/cached', path.join(scratch, 'cached')], 'classic');
      ours = await answersOf(layerlab, scratch, (tags) => inspectByCommand(layerlab, tags));
      oracle?.stop();
      oracle?.start(layerlab.dataRoot);
      docker = dockerTool(`unix://${socket}`, `unix://${socket}`, layerlab.dataRoot);
    }, 300_000);

    it('images', async () => expect(await imagesOf(daemon())).toEqual(said().images));
    it('history', async () => expect(await historiesOf(daemon(), said().tags)).toEqual(said().histories));
    it('inspect', async () => {
      const answers = await inspectByApi(world().socket, said().tags, 'v1.41');
      expect(answers.map(timeless)).toEqual(said().inspected);
    });
    it('save', async () => expect(await digestsOf(daemon(), said().tags, world().scratch)).toEqual(said().saved));

    it('run', async () => {
      const find = ['--network', 'none', '--user', '0', '--entrypoint', '/bin/busybox'];
      const failed: string[] = [];
      for (const tag of standingOnBase(daemon().dataRoot, said().tags)) {
        const outcome = await daemon().run(['run', '--rm', ...find, tag, 'find', '/srv', '/opt']);
        if (outcome.code !== 0) failed.push(`${tag}: ${allText(outcome)}`);
      }
      expect(failed).toEqual([]);
    });

    it('the classic builder finds our steps in its cache', async () => {
      const args = ['build', '--network', 'none', '-t', 'conf/again', path.join(world().scratch, 'cached')];
      expect(allText(await daemon().run(args, 'classic')).match(/Using cache/g)).toHaveLength(5);
      const { dataRoot } = daemon();
      expect(resolveTag(dataRoot, 'conf/again')).toBe(resolveTag(dataRoot, 'conf/cached'));
    });

    for (const builder of BUILDERS) {
      it(`build on top, ${builder}`, async () => {
        const context = path.join(world().scratch, `on-top-${builder}`);
        const plain = said().tags.filter((tag) => !tag.includes('onbuild'));
        const tags = standingOnBase(daemon().dataRoot, plain).slice(0, 3);
        for (const tag of tags) {
          fs.rmSync(context, { recursive: true, force: true });
          const dockerfile = `FROM ${tag}\nUSER 0\nCOPY x /srv/x\nRUN cat /srv/x > /srv/top\n`;
          materialise(context, [file('Dockerfile', dockerfile), file('x')]);
          await daemon().runOrThrow(['build', '--network', 'none', '-t', 'conf/on-top', context], builder);
          expect(diffIds(daemon(), 'conf/on-top').slice(0, -2)).toEqual(diffIds(daemon(), tag.replace(':latest', '')));
        }
        expect(tags).toHaveLength(3);
      });
    }
  });
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('one of the two gave no answers to compare with');
  return value;
}

async function answersOf(
  tool: Tool,
  scratch: string,
  inspect: (tags: readonly string[]) => Promise<readonly string[]>,
) {
  const tags = allTags(tool.dataRoot).filter((_, index) => index % STEP === 0);
  return {
    tags,
    images: await imagesOf(tool),
    histories: await historiesOf(tool, tags),
    inspected: (await inspect(tags)).map(timeless),
    saved: await digestsOf(tool, tags, scratch),
  };
}

async function imagesOf(tool: Tool): Promise<readonly string[]> {
  return (await listImages(tool)).map(timelessRow).sort();
}

async function historiesOf(tool: Tool, tags: readonly string[]) {
  const rows = Object.entries(await listHistories(tool, tags));
  return Object.fromEntries(rows.map(([tag, history]) => [tag, history.map(timelessRow)] as const));
}

async function digestsOf(tool: Tool, tags: readonly string[], scratch: string) {
  const some = tags.filter(
    (tag, index) => index % SAVE_STEP === 0 && diffIds(tool, tag.replace(':latest', '')).length > 0,
  );
  const saved: Record<string, unknown> = {};
  for (const tag of some) saved[tag] = await savedDigests(tool, tag, path.join(scratch, 'saved.tar'));
  return saved;
}

function diffIds({ dataRoot }: Tool, name: string): readonly string[] {
  return readStoredImage(dataRoot, resolveTag(dataRoot, name)).layers.map(({ diffId }) => diffId);
}

/** Images with the shell and folders of `conf/base`, every third of them. */
function standingOnBase(dataRoot: string, tags: readonly string[]): readonly string[] {
  const [base] = readStoredImage(dataRoot, resolveTag(dataRoot, 'conf/base')).layers;
  const stands = (tag: string): boolean =>
    readStoredImage(dataRoot, resolveTag(dataRoot, tag.replace(':latest', ''))).layers[0]?.chainId === base?.chainId;
  return tags.filter(stands).filter((_, index) => index % 3 === 0);
}
