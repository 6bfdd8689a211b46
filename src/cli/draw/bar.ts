/** A bar of `width` cells: `part` of it full, up to `whole` half-toned, the rest empty. Values over `most` fill it. */
export function bar(part: number, whole: number, most: number, width: number): string {
  if (most <= 0) return ' '.repeat(width);
  const cells = (value: number): number =>
    Math.min(width, value <= 0 ? 0 : Math.max(1, Math.round((value / most) * width)));
  const total = cells(whole);
  const full = Math.min(total, cells(part));
  return '█'.repeat(full) + '░'.repeat(total - full) + ' '.repeat(width - total);
}
