const DECIMAL_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'] as const;

/** Bytes as docker's listings print them: decimal units, `precision` significant digits (go-units HumanSizeWithPrecision). */
export function humanSizeWithPrecision(bytes: number, precision: number): string {
  const { value, unit } = scale(bytes);
  return formatGeneral(value, precision) + unit;
}

/** Bytes with four significant digits, e.g. `1.983MB` (go-units HumanSize). */
export function humanSize(bytes: number): string {
  return humanSizeWithPrecision(bytes, 4);
}

/** Bytes as BuildKit's progress prints them: whole bytes below 1000, then two decimals (tonistiigi/units `%.2f`). */
export function progressSize(bytes: number): string {
  const { value, unit } = scale(bytes);
  return unit === 'B' ? `${bytes}B` : value.toFixed(2) + unit;
}

/** A span of time in words, e.g. `About a minute` (go-units HumanDuration). */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const exactHours = milliseconds / 3_600_000;
  const hours = Math.trunc(exactHours + 0.5);
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.trunc(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.trunc(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24 / 30)} months`;
  return `${Math.trunc(Math.trunc(exactHours) / 24 / 365)} years`;
}

function scale(bytes: number): { readonly value: number; readonly unit: string } {
  let value = bytes;
  let index = 0;
  while (value >= 1000 && index < DECIMAL_UNITS.length - 1) {
    value /= 1000;
    index += 1;
  }
  return { value, unit: DECIMAL_UNITS[index] ?? 'YB' };
}

/** Go's and C's `%.{precision}g`: significant digits, no trailing zeros, an exponent when the number does not fit. */
export function formatGeneral(value: number, precision: number): string {
  if (value === 0) return '0';
  const digits = Math.max(precision, 1);
  const exponential = value.toExponential(digits - 1);
  const exponent = Number(exponential.slice(exponential.indexOf('e') + 1));
  if (exponent < -4 || exponent >= digits) {
    const mantissa = exponential.slice(0, exponential.indexOf('e'));
    const sign = exponent < 0 ? '-' : '+';
    return `${trimZeros(mantissa)}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  return trimZeros(value.toFixed(digits - 1 - exponent));
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text;
}
