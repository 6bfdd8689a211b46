import { describe, expect, it } from '@jest/globals';
import { checkByBoth } from '../harness/check-by-both.ts';
import type { World } from '../harness/world.ts';
import { chosenBuilds } from './chosen-builds.ts';

/** What `lint` says of the Dockerfiles of random builds, beside docker's own client: what it finds, and what ends the checks. */
export function describeRandomChecks(world: () => World): void {
  describe('random checks', () => {
    for (const each of chosenBuilds()) {
      it(each.name, async () => {
        const { docker, layerlab } = await checkByBoth(world(), each);
        try {
          expect(layerlab).toEqual(docker);
        } catch (error) {
          throw new Error(`${(error as Error).message}\n\n${each.dockerfile}`);
        }
      });
    }
  });
}
