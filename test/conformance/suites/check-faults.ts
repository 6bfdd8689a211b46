import { describe, expect, it } from '@jest/globals';
import { checkFaultCases } from '../cases/check-faults.ts';
import { checkByBoth } from '../harness/check-by-both.ts';
import type { World } from '../harness/world.ts';

/** What ends `lint`, and what it found until then, beside `docker build --check`. */
export function describeCheckFaults(world: () => World): void {
  describe('check faults', () => {
    for (const [index, { name, dockerfile, target }] of checkFaultCases.entries()) {
      it(name, async () => {
        const each = { name: `fault-${index}`, dockerfile, ...(target === undefined ? {} : { target }) };
        const { docker, layerlab } = await checkByBoth(world(), each);
        expect(layerlab).toEqual(docker);
      });
    }
  });
}
