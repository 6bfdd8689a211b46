const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of at most `width` columns for a share of a whole; what is more than nothing shows. */
export function bar(value: number, most: number, width: number): string {
  if (value <= 0 || most <= 0) return ''.padEnd(width);
  const eighths = Math.max(1, Math.round((value / most) * width * 8));
  return `${'█'.repeat(Math.floor(eighths / 8))}${EIGHTHS[eighths % 8] ?? ''}`.padEnd(width);
}
