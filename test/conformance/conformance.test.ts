import { afterAll, beforeAll, describe } from '@jest/globals';
import { canMoveDaemon, openWorld, type World } from './harness/world.ts';
import { describeBook } from './suites/book.ts';
import { describeBoot } from './suites/boot.ts';
import { describeBuilds } from './suites/builds.ts';
import { describeCache, describeRemoteCache } from './suites/cache.ts';
import { describeCacheFrom } from './suites/cache-from.ts';
import { describeCheck } from './suites/check.ts';
import { describeCheckFaults } from './suites/check-faults.ts';
import { describeChecks } from './suites/checks.ts';
import { describeCompare } from './suites/compare.ts';
import { describeForeign } from './suites/foreign.ts';
import { describeImport } from './suites/import.ts';
import { describeRandom } from './suites/random.ts';
import { describeRandomCache } from './suites/random-cache.ts';
import { describeRandomChecks } from './suites/random-checks.ts';
import { describeSamples } from './suites/samples.ts';

/** The first run on a machine unpacks a whole distribution for the daemon. */
const INSTALL_TIME = 30 * 60_000;

describe('layerlab does what dockerd does', () => {
  let world: World | undefined;
  const opened = (): World => {
    if (world === undefined) throw new Error('dockerd did not come up');
    return world;
  };

  beforeAll(async () => {
    world = await openWorld('28');
  }, INSTALL_TIME);

  afterAll(async () => {
    await world?.close();
  }, 120_000);

  describeImport(opened);
  describeBuilds(opened);
  describeRandom(opened);
  describeRandomCache(opened);
  describeSamples(opened);
  describeCache(opened);
  describeCacheFrom(opened);
  describeRemoteCache(opened);
  describeChecks(opened);
  describeCheckFaults(opened);
  describeRandomChecks(opened);
  describeBook(opened);
  describeCompare(opened);
  if (canMoveDaemon) {
    describeForeign(opened);
    describeBoot(opened);
    describeCheck(opened);
  }
});
