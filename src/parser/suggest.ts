/** The edit distance of two texts (insert, delete, replace, one each). Both are short; long ones are cut at 64. */
function editDistance(a: string, b: string): number {
  const left = [...a.slice(0, 64)];
  const right = [...b.slice(0, 64)];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [row, char] of left.entries()) {
    const current = [row + 1];
    for (const [column, other] of right.entries()) {
      const replaced = (previous[column] ?? 0) + (char === other ? 0 : 1);
      current.push(Math.min(replaced, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[right.length] ?? 0;
}

function matchCase(match: string, model: string): string {
  if (model === model.toLowerCase()) return match.toLowerCase();
  return model === model.toUpperCase() ? match.toUpperCase() : match;
}

/**
 * The nearest option within two edits, or an empty text; also where the value is one of the options (buildkit
 * util/suggest). With `ignoreCase` the answer takes the case of `value`.
 */
export function nearestOption(value: string, options: readonly string[], ignoreCase = false): string {
  const wanted = ignoreCase ? value.toLowerCase() : value;
  let best = 3;
  let match = '';
  for (const option of options) {
    const candidate = ignoreCase ? option.toLowerCase() : option;
    if (candidate === wanted) return '';
    const distance = editDistance(wanted, candidate);
    if (distance < best) {
      best = distance;
      match = ignoreCase ? matchCase(candidate, value) : option;
    }
  }
  return match;
}

/** Docker's ` (did you mean X?)` for the nearest option, or an empty text. */
export function didYouMean(value: string, options: readonly string[], ignoreCase = false): string {
  const match = nearestOption(value, options, ignoreCase);
  return match === '' ? '' : ` (did you mean ${match}?)`;
}
