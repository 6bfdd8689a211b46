import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allCases } from './cases/all-cases.ts';
import { ON_2010 } from './cases/on-2010.ts';
import { canMoveDaemon, openWorld, type World } from './harness/world.ts';
import { describeBoot2010 } from './suites/boot-2010.ts';
import { describeBuilds } from './suites/builds.ts';
import { describeCache } from './suites/cache.ts';
import { describeCheck2010 } from './suites/check-2010.ts';
import { describeRandom } from './suites/random.ts';
import { describeRandomCache } from './suites/random-cache.ts';
import { describeSamples } from './suites/samples.ts';

/** The first run on a machine installs the daemon. */
const INSTALL_TIME = 10 * 60_000;

describe('the cases for Docker 20.10', () => {
  it('are all there', () => {
    const names = new Set(allCases.flatMap(([, cases]) => cases.map(({ name }) => name)));
    expect([...ON_2010].filter((name) => !names.has(name))).toEqual([]);
  });
});

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
    describeRandom(opened, '20.10');
    describeRandomCache(opened);
    describeSamples(opened);
    describeCache(opened);
    describeCheck2010(opened);
    describeBoot2010(opened);
  });
}
