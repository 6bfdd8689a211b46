import type { ConformanceCase } from '../harness/case.ts';
import { randomBuild } from '../random/random-build.ts';

/** A seed and how many builds, `7:200`; a few of one seed unless told. */
const WANTED = process.env.LAYERLAB_RANDOM_BUILDS ?? '1:12';

/** The random builds that are asked for by `LAYERLAB_RANDOM_BUILDS`. */
export function chosenBuilds(): readonly ConformanceCase[] {
  const [seed = Number.NaN, count = Number.NaN] = WANTED.split(':').map(Number);
  if (!Number.isInteger(seed) || !Number.isInteger(count)) {
    throw new Error(`LAYERLAB_RANDOM_BUILDS is ${WANTED}, and has to be SEED:COUNT`);
  }
  return Array.from({ length: count }, (_, number) => randomBuild(seed, number));
}
