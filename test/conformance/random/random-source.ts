/** Choices that are the same for the same seed, on any machine. */
export interface RandomSource {
  /** A whole number from 0 up to, but not, `end`. */
  below(end: number): number;
  pick<T>(list: readonly T[]): T;
  /** True in so many of a hundred cases. */
  percent(share: number): boolean;
  /** As many values as `least` and up to `more` further ones. */
  several<T>(least: number, more: number, make: () => T): T[];
}

/** Numbers by a linear congruential generator of 32 bits, of which the upper ones are taken. */
export function openRandomSource(seed: number): RandomSource {
  let state = Math.imul(seed, 2_654_435_761) >>> 0;
  const below = (end: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * end);
  };
  return {
    below,
    pick: (list) => {
      const value = list[below(list.length)];
      if (value === undefined) throw new Error('nothing to choose from');
      return value;
    },
    percent: (share) => below(100) < share,
    several: (least, more, make) => Array.from({ length: least + below(more + 1) }, make),
  };
}
