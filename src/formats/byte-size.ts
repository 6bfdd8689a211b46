const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ['k', 1e3],
  ['kb', 1e3],
  ['m', 1e6],
  ['mb', 1e6],
  ['g', 1e9],
  ['gb', 1e9],
  ['t', 1e12],
  ['tb', 1e12],
  ['p', 1e15],
  ['pb', 1e15],
  ['ki', 2 ** 10],
  ['kib', 2 ** 10],
  ['mi', 2 ** 20],
  ['mib', 2 ** 20],
  ['gi', 2 ** 30],
  ['gib', 2 ** 30],
  ['ti', 2 ** 40],
  ['tib', 2 ** 40],
  ['pi', 2 ** 50],
  ['pib', 2 ** 50],
]);

/**
 * Bytes written for people, such as `20MB`, `1.5 GiB` or `4096`: `k` is 1000, `Ki` 1024, whatever the case
 * (dustin/go-humanize ParseBytes). Undefined for what is no size.
 */
export function parseByteSize(text: string): number | undefined {
  const match = /^\s*(\d[\d,]*(?:\.\d*)?|\.\d+)\s*([a-z]*)\s*$/i.exec(text);
  const unit = UNITS.get(match?.[2]?.toLowerCase() ?? '');
  if (match === null || unit === undefined) return undefined;
  return Math.trunc(Number((match[1] ?? '').replaceAll(',', '')) * unit);
}
