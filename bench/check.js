import { compareRatios } from './ratios.js';

/**
 * Tells every row that is worse by half than the committed ratio.
 *
 * @param {import('./ratios.js').Ratios} committed
 * @param {import('./ratios.js').Ratios} now
 * @returns {{ readonly text: string, readonly worse: readonly string[], readonly failed: boolean }} `worse`: ids of rows
 */
export function checkRatios(committed, now) {
  const compared = compareRatios(committed, now);
  const worse = compared.filter((each) => each.worse);
  const lines = worse.map(
    ({ row, of, was, is, times }) => `worse: ${row}: ${is} of ${of}, was ${was} (${times.toFixed(2)} times)`,
  );
  const rows = compared.length === 1 ? '1 ratio' : `${compared.length} ratios`;
  lines.push(
    compared.length === 0
      ? 'No row could be compared: the committed ratios know none of what was measured.'
      : `${rows} compared, ${worse.length === 0 ? 'none' : worse.length} worse by half.`,
  );
  return {
    text: `${lines.join('\n')}\n`,
    worse: worse.map(({ row }) => row),
    failed: worse.length > 0 || compared.length === 0,
  };
}
