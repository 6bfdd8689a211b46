import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { BUILDERS, file } from '../harness/case.ts';
import { materialise } from '../harness/context.ts';
import { allTags, inspectByApi, inspectByCommand, listHistories, listImages } from '../harness/listing.ts';
import { parseRawTar } from '../harness/raw-tar.ts';
import { allImageIds, readStoredImage, resolveTag } from '../harness/stored-image.ts';
import { allText, dockerTool, layerlabTool, type Tool } from '../harness/tools.ts';
import type { World } from '../harness/world.ts';

const CACHED = 'FROM conf/base\nENV A=b\nCOPY a /srv/a\nRUN echo ran > /srv/ran\nWORKDIR /srv/w\nCMD ["x"]\n';

/** One image in so many is run, and looked at closely: every build was compared byte by byte. */
const RUN_STEP = 5;
const LOOK_STEP = 3;

/** dockerd on the data-root that layerlab wrote: it boots, and everything works. */
export function describeBoot(world: () => World): void {
  describe('dockerd boots on a data-root of layerlab', () => {
    let docker: Tool | undefined;
    let ours: Awaited<ReturnType<typeof answersOfLayerlab>> | undefined;
    const daemon = (): Tool => {
      if (docker === undefined) throw new Error('dockerd did not start on the data-root of layerlab');
      return docker;
    };
    const said = (): NonNullable<typeof ours> => {
      if (ours === undefined) throw new Error('layerlab gave no answers to compare with');
      return ours;
    };

    beforeAll(async () => {
      const { layerlab, oracle, socket, scratch } = world();
      materialise(path.join(scratch, 'cached'), [file('Dockerfile', CACHED), file('a')]);
      await layerlab.runOrThrow(['build', '-q', '-t', 'conf/cached', path.join(scratch, 'cached')], 'classic');
      for (const builder of BUILDERS) {
        const args = ['build', '-q', '-t', `conf/as-2010-${builder}`, path.join(scratch, 'cached')];
        await layerlabTool(layerlab.dataRoot, '20.10').runOrThrow(args, builder);
      }
      ours = await answersOfLayerlab(layerlab);
      oracle?.stop();
      oracle?.start(layerlab.dataRoot);
      docker = dockerTool(`unix://${socket}`, `unix://${world().classicSocket}`, layerlab.dataRoot);
    }, 300_000);

    it('images', async () => expect(await listImages(daemon())).toEqual(said().images));
    it('history', async () => expect(await listHistories(daemon(), said().looked)).toEqual(said().histories));
    it('inspect', async () => expect(await inspectByApi(world().socket, said().looked)).toEqual(said().inspected));

    it('save gives the layers back, byte by byte', async () => {
      const archive = path.join(world().scratch, 'all.tar');
      await daemon().runOrThrow(['save', '-o', archive, ...said().withLayers]);
      const members = parseRawTar(fs.readFileSync(archive)).entries;
      fs.rmSync(archive);
      const saved = members.filter((each) => /^blobs\/sha256\/[0-9a-f]{64}$/.test(each.name));
      expect(saved.filter((each) => each.name !== `blobs/sha256/${each.contentSha256}`)).toEqual([]);
      const names = new Set(saved.map((each) => each.name.replace('blobs/sha256/', 'sha256:')));
      expect(said().digests.filter((digest) => !names.has(digest))).toEqual([]);
    });

    it('run', async () => {
      const tags = said().tags.filter((tag, at) => said().canRun.has(tag) && at % RUN_STEP === 0);
      expect(tags.length).toBeGreaterThan(0);
      const failed: string[] = [];
      for (const tag of tags) {
        const command = [
          'run',
          '--rm',
          '--network',
          'none',
          '--user',
          '0',
          '--entrypoint',
          '/bin/busybox',
          tag,
          'find',
          '/srv',
          '/opt',
        ];
        const outcome = await daemon().run(command);
        if (outcome.code !== 0) failed.push(`${tag}: ${allText(outcome)}`);
      }
      expect(failed).toEqual([]);
    });

    it('the classic builder finds our steps in its cache', async () => {
      const outcome = await daemon().run(
        ['build', '--network', 'none', '-t', 'conf/again', path.join(world().scratch, 'cached')],
        'classic',
      );
      expect(allText(outcome).match(/Using cache/g)).toHaveLength(5);
      const { dataRoot } = daemon();
      expect(resolveTag(dataRoot, 'conf/again')).toBe(resolveTag(dataRoot, 'conf/cached'));
    });

    for (const builder of BUILDERS) {
      it(`build on top, ${builder}`, async () => {
        const context = path.join(world().scratch, `on-top-${builder}`);
        const tags = said()
          .tags.filter((tag) => said().canRun.has(tag))
          .slice(0, 3);
        for (const tag of tags) {
          fs.rmSync(context, { recursive: true, force: true });
          materialise(context, [
            file('Dockerfile', `FROM ${tag}\nUSER 0\nCOPY x /srv/x\nRUN cat /srv/x > /srv/top\n`),
            file('x'),
          ]);
          await daemon().runOrThrow(['build', '--network', 'none', '-t', 'conf/on-top', context], builder);
          const image = readStoredImage(daemon().dataRoot, resolveTag(daemon().dataRoot, 'conf/on-top'));
          const below = readStoredImage(daemon().dataRoot, resolveTag(daemon().dataRoot, tag.replace(':latest', '')));
          expect(image.layers.slice(0, -2).map((layer) => layer.diffId)).toEqual(
            below.layers.map((layer) => layer.diffId),
          );
        }
        expect(tags).toHaveLength(3);
      });
    }

    it('rmi leaves nothing behind', async () => {
      const { dataRoot } = daemon();
      // After a `save` of several images that share layers, dockerd forgets to let go of some until it starts again.
      world().oracle?.stop();
      world().oracle?.start(dataRoot);
      await daemon().runOrThrow(['rmi', '-f', ...allTags(dataRoot)]);
      await removeUntagged(daemon());
      // BuildKit's cache holds the layers that the builds on top stood on.
      await daemon().runOrThrow(['builder', 'prune', '-af']);
      expect(allImageIds(dataRoot)).toEqual([]);
      expect(fs.readdirSync(path.join(dataRoot, 'image/overlay2/layerdb/sha256'))).toEqual([]);
    });
  });
}

/** Removes what the classic builder left below the tags; an image may go as the parent of another one on the same line. */
async function removeUntagged(docker: Tool): Promise<void> {
  for (let round = 0; round < 10; round++) {
    const left = (await docker.runOrThrow(['images', '-aq', '--no-trunc'])).toString('utf8').trim();
    if (left === '') return;
    await docker.run(['rmi', '-f', ...new Set(left.split('\n'))]);
  }
}

async function answersOfLayerlab(layerlab: Tool) {
  const tags = allTags(layerlab.dataRoot);
  const looked = tags.filter((_, at) => at % LOOK_STEP === 0);
  const stored = tags.map((tag) => ({
    tag,
    image: readStoredImage(layerlab.dataRoot, resolveTag(layerlab.dataRoot, tag.replace(':latest', ''))),
  }));
  const base = readStoredImage(layerlab.dataRoot, resolveTag(layerlab.dataRoot, 'conf/base')).layers[0]?.chainId;
  return {
    tags,
    images: await listImages(layerlab),
    looked,
    histories: await listHistories(layerlab, looked),
    inspected: await inspectByCommand(layerlab, looked),
    digests: stored
      .filter(({ image }) => image.layers.length > 0)
      .flatMap(({ image }) => [image.id, ...image.layers.map((layer) => layer.diffId)]),
    /** `save` refuses an image without layers. */
    withLayers: stored.filter(({ image }) => image.layers.length > 0).map(({ tag }) => tag),
    /** Images with the shell and folders of `conf/base`, every fifth of them. */
    canRun: new Set(
      stored
        .filter(({ image }) => image.layers[0]?.chainId === base)
        .filter((_, index) => index % 5 === 0)
        .map(({ tag }) => tag),
    ),
  };
}
