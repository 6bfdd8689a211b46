/** A place of an alignment: positions in the two lists, undefined where one of them has nothing to set beside the other. */
export interface AlignedPair {
  readonly a: number | undefined;
  readonly b: number | undefined;
}

/** Above this many cells the longest common subsequence is not worth its memory; equal ends are still found. */
const LARGEST = 4_000_000;

/**
 * Sets two lists of texts side by side: equal texts by their longest common subsequence, and what differs between two equal
 * ones pair by pair where `akin` says that one may stand for the other. The order of both lists is kept.
 */
export function alignTexts(
  a: readonly string[],
  b: readonly string[],
  akin: (a: string, b: string) => boolean,
): readonly AlignedPair[] {
  const pairs: AlignedPair[] = [];
  let [fromA, fromB] = [0, 0];
  for (const [atA, atB] of [...equalPairs(a, b), [a.length, b.length] as const]) {
    pairs.push(...fillGap(a, b, [fromA, atA], [fromB, atB], akin));
    if (atA < a.length && atB < b.length) pairs.push({ a: atA, b: atB });
    [fromA, fromB] = [atA + 1, atB + 1];
  }
  return pairs;
}

type Span = readonly [from: number, to: number];

function fillGap(
  a: readonly string[],
  b: readonly string[],
  [fromA, toA]: Span,
  [fromB, toB]: Span,
  akin: (a: string, b: string) => boolean,
): readonly AlignedPair[] {
  const pairs: AlignedPair[] = [];
  let next = fromB;
  for (let at = fromA; at < toA; at += 1) {
    let match = next;
    while (match < toB && !akin(a[at] ?? '', b[match] ?? '')) match += 1;
    if (match >= toB) {
      pairs.push({ a: at, b: undefined });
      continue;
    }
    for (; next < match; next += 1) pairs.push({ a: undefined, b: next });
    pairs.push({ a: at, b: match });
    next = match + 1;
  }
  for (; next < toB; next += 1) pairs.push({ a: undefined, b: next });
  return pairs;
}

function equalPairs(a: readonly string[], b: readonly string[]): readonly (readonly [number, number])[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail])
    tail += 1;
  const starts = Array.from({ length: head }, (_, at) => [at, at] as const);
  const ends = Array.from({ length: tail }, (_, at) => [a.length - tail + at, b.length - tail + at] as const);
  return [...starts, ...middlePairs(a, b, [head, a.length - tail], [head, b.length - tail]), ...ends];
}

function middlePairs(
  a: readonly string[],
  b: readonly string[],
  [fromA, toA]: Span,
  [fromB, toB]: Span,
): readonly (readonly [number, number])[] {
  const rows = toA - fromA;
  const columns = toB - fromB;
  if (rows === 0 || columns === 0 || rows * columns > LARGEST) return [];
  const width = columns + 1;
  const lengths = new Uint32Array((rows + 1) * width);
  const at = (row: number, column: number): number => lengths[row * width + column] ?? 0;
  for (let row = rows - 1; row >= 0; row -= 1) {
    for (let column = columns - 1; column >= 0; column -= 1) {
      lengths[row * width + column] =
        a[fromA + row] === b[fromB + column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const pairs: (readonly [number, number])[] = [];
  for (let row = 0, column = 0; row < rows && column < columns; ) {
    if (a[fromA + row] === b[fromB + column]) {
      pairs.push([fromA + row, fromB + column]);
      row += 1;
      column += 1;
    } else if (at(row + 1, column) >= at(row, column + 1)) row += 1;
    else column += 1;
  }
  return pairs;
}
