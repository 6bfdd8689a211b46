import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { closeWindow, nowNanos } from '../harness/build-window.ts';
import {
  allTags,
  describeArchive,
  inspectByApi,
  inspectByCommand,
  listHistories,
  listImages,
} from '../harness/listing.ts';
import { layerlabTool } from '../harness/tools.ts';
import type { World } from '../harness/world.ts';

/** Read by both, member by member; `save` of all the others is compared by digests in the boot suite. */
const SAVED = 12;

/** One image in so many is looked at closely: every build was compared byte by byte. */
const STEP = 3;

/** layerlab on the data-root that dockerd wrote, with dockerd stopped: the same answers as dockerd's own. */
export function describeForeign(world: () => World): void {
  describe('layerlab opens a data-root of dockerd', () => {
    let theirs: Awaited<ReturnType<typeof answersOfDocker>> | undefined;
    const said = (): NonNullable<typeof theirs> => {
      if (theirs === undefined) throw new Error('dockerd gave no answers to compare with');
      return theirs;
    };
    const ours = () => layerlabTool(world().docker.dataRoot);

    beforeAll(async () => {
      theirs = await answersOfDocker(world());
      world().oracle?.stop();
    }, 300_000);

    afterAll(() => {
      theirs = undefined;
    });

    it('images', async () => expect(await listImages(ours())).toEqual(said().images));
    it('history', async () => expect(await listHistories(ours(), said().tags)).toEqual(said().histories));
    it('inspect', async () => expect(await inspectByCommand(ours(), said().tags)).toEqual(said().inspected));
    it('save', async () => expect(await archives(world(), ours(), said().tags)).toEqual(said().archives));
  });
}

async function answersOfDocker(world: World) {
  const tags = allTags(world.docker.dataRoot).filter((_, at) => at % STEP === 0);
  return {
    tags,
    images: await listImages(world.docker),
    histories: await listHistories(world.docker, tags),
    inspected: await inspectByApi(world.socket, tags),
    archives: await archives(world, world.docker, tags),
  };
}

async function archives(world: World, tool: ReturnType<typeof layerlabTool>, tags: readonly string[]) {
  const step = Math.max(1, Math.floor(tags.length / SAVED));
  const found: Record<string, readonly string[]> = {};
  for (const tag of tags.filter((_, index) => index % step === 0)) {
    const start = nowNanos();
    found[tag] = await describeArchive(tool, tag, path.join(world.scratch, 'saved.tar'), () => closeWindow(start));
  }
  return found;
}
