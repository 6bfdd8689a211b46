/** @typedef {import('./row.js').Result} Result */

/**
 * How much of another's time we take, by row: `{ "files-cold": { "buildkit-28": 0.15, "floor": 1.4 } }`. Less is better.
 *
 * @typedef {Record<string, Record<string, number>>} Ratios
 */

/** Worse by half. */
const LIMIT = 1.5;

/**
 * The ratios of some results: to the peer of each row, and to its floor.
 *
 * @param {readonly Result[]} results
 * @returns {Ratios}
 */
export function ratiosOf(results) {
  return Object.fromEntries(
    results.map(({ id, against, ours, peers, floor }) => {
      const peer = peers[against];
      const ratios = {
        ...(peer === undefined ? {} : { [against]: share(ours.ms, peer.ms) }),
        ...(floor === undefined ? {} : { floor: share(ours.ms, floor.ms) }),
      };
      return [id, ratios];
    }),
  );
}

function share(ours, theirs) {
  return Number((ours / theirs).toPrecision(3));
}

/**
 * A row whose ratio is told: `times` is how many times the committed one it is.
 *
 * @typedef {{ readonly row: string, readonly of: string, readonly was: number, readonly is: number, readonly times: number,
 *   readonly worse: boolean }} Comparison
 */

/**
 * Compares ratios with those that were committed: to the peer where both have one, else to the floor. A row that only one of
 * them has is not compared.
 *
 * @param {Ratios} committed
 * @param {Ratios} now
 * @returns {Comparison[]}
 */
export function compareRatios(committed, now) {
  return Object.entries(now).flatMap(([row, ratios]) => {
    const before = committed[row] ?? {};
    const common = Object.keys(ratios).filter((of) => before[of] !== undefined);
    const of = common.find((each) => each !== 'floor') ?? common[0];
    if (of === undefined) return [];
    const times = ratios[of] / before[of];
    return [{ row, of, was: before[of], is: ratios[of], times, worse: times > LIMIT }];
  });
}

/**
 * Older ratios with newer ones put over them, in the order of the rows' names.
 *
 * @param {Ratios} older
 * @param {Ratios} newer
 * @returns {Ratios}
 */
export function mergeRatios(older, newer) {
  const merged = { ...older, ...newer };
  return Object.fromEntries(
    Object.keys(merged)
      .sort()
      .map((row) => [row, merged[row]]),
  );
}

/**
 * The better of two measurements of the same rows, ratio by ratio; a row of one of them alone is taken as it is.
 *
 * @param {Ratios} first
 * @param {Ratios} second
 * @returns {Ratios}
 */
export function smallerRatios(first, second) {
  return Object.fromEntries(
    Object.entries(first).map(([row, ratios]) => {
      const others = second[row] ?? {};
      const smaller = Object.entries(ratios).map(([of, ratio]) => [of, Math.min(ratio, others[of] ?? ratio)]);
      return [row, Object.fromEntries(smaller)];
    }),
  );
}
