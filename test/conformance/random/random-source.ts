/** Choices that are the same for the same seed, on any machine. */
export interface RandomSource {
  /** A whole number from 0 up to, but not, `end`. */
  below(end: number): number;
  pick<T>(list: readonly T[]): T;
  /** One that is usual, and of a hundred so many times one that often ends the build. */
  mostly<T>(usual: readonly T[], odd: readonly T[], share?: number): T;
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
  const pick = <T>(list: readonly T[]): T => {
    const value = list[below(list.length)];
    if (value === undefined) throw new Error('nothing to choose from');
    return value;
  };
  return {
    below,
    pick,
    mostly: (usual, odd, share = 5) => pick(below(100) < share && odd.length > 0 ? odd : usual),
    percent: (share) => below(100) < share,
    several: (least, more, make) => Array.from({ length: least + below(more + 1) }, make),
  };
}
