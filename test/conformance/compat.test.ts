import { afterAll, beforeAll, describe } from '@jest/globals';
import { canMoveDaemon, openWorld, type World } from './harness/world.ts';
import { describeBoot2010 } from './suites/boot-2010.ts';
import { describeBuilds } from './suites/builds.ts';
import { describeCache } from './suites/cache.ts';
import { describeSamples } from './suites/samples.ts';

/** The first run on a machine installs the daemon. */
const INSTALL_TIME = 10 * 60_000;

if (canMoveDaemon) {
  describe('layerlab --compat 20.10 does what Docker 20.10 does', () => {
    let world: World | undefined;
    const opened = (): World => {
      if (world === undefined) throw new Error('dockerd did not come up');
      return world;
    };

    beforeAll(async () => {
      world = await openWorld('20.10');
    }, INSTALL_TIME);

    afterAll(async () => {
      await world?.close();
    }, 120_000);

    describeBuilds(opened, '20.10');
    describeSamples(opened);
    describeCache(opened);
    describeBoot2010(opened);
  });
}
