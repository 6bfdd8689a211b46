import { LayerlabError } from '../errors/layerlab-error.ts';

const MAX = (1n << 63n) - 1n;

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['\u00b5s', 1_000n],
  ['\u03bcs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);

/**
 * Reads a duration such as `1h30m`, `-1.5s` or `300ms` into nanoseconds (Go time.ParseDuration). Throws LL_USAGE with Go's
 * own words, e.g. `time: missing unit in duration "5"`.
 */
export function parseGoDuration(text: string): bigint {
  const fail = (what: string): never => {
    throw new LayerlabError('LL_USAGE', `time: ${what} ${quote(text)}`, {
      hint: 'A duration is one or more numbers with a unit each: ns, us, ms, s, m or h, as in 1m30s.',
    });
  };
  const negative = text.startsWith('-');
  let rest = negative || text.startsWith('+') ? text.slice(1) : text;
  if (rest === '0') return 0n;
  if (rest === '') return fail('invalid duration');
  let total = 0n;
  while (rest !== '') {
    const number = /^([0-9]*)(\.?)([0-9]*)/.exec(rest);
    const [matched = '', whole = '', , fraction = ''] = number ?? [];
    if (whole === '' && fraction === '') return fail('invalid duration');
    // Go reads the whole part into an int64 and gives up above it.
    if (whole.length > 19 && /[^0]/.test(whole.slice(0, -19))) return fail('invalid duration');
    const value = BigInt(whole === '' ? 0 : whole);
    if (value > MAX + 1n) return fail('invalid duration');
    rest = rest.slice(matched.length);
    const [unitName = ''] = /^[^0-9.]*/.exec(rest) ?? [];
    if (unitName === '') return fail('missing unit in duration');
    const unit = UNITS.get(unitName);
    if (unit === undefined) return fail(`unknown unit ${quote(unitName)} in duration`);
    rest = rest.slice(unitName.length);
    total += value * unit + fractionOf(fraction, unit);
    if (total > MAX + 1n) return fail('invalid duration');
  }
  if (negative) return -total;
  return total > MAX ? fail('invalid duration') : total;
}

/** Prints nanoseconds as Go's Duration.String does: `1h0m0s`, `1.5s`, `250ms`, `1\u00b5s`, `0s`. */
export function formatGoDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s';
  const sign = nanoseconds < 0n ? '-' : '';
  const amount = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (amount < 1_000n) return `${sign}${amount}ns`;
  if (amount < 1_000_000n) return `${sign}${decimal(amount, 3)}\u00b5s`;
  if (amount < 1_000_000_000n) return `${sign}${decimal(amount, 6)}ms`;
  const minutes = amount / 60_000_000_000n;
  const seconds = `${decimal(amount % 60_000_000_000n, 9)}s`;
  if (minutes === 0n) return `${sign}${seconds}`;
  if (minutes < 60n) return `${sign}${minutes}m${seconds}`;
  return `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

// Go computes the fraction in floating point; so 0.3333333333333333333h is 20 minutes.
function fractionOf(digits: string, unit: bigint): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    if (value > MAX / 10n || value * 10n + BigInt(digit) > MAX + 1n) break;
    value = value * 10n + BigInt(digit);
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(value) * (Number(unit) / scale)));
}

function decimal(value: bigint, places: number): string {
  const digits = value.toString().padStart(places + 1, '0');
  const fraction = digits.slice(-places).replace(/0+$/, '');
  const whole = digits.slice(0, -places);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

// Go's own quoting for these messages: every byte outside of printable ASCII as \xNN.
function quote(text: string): string {
  let out = '"';
  for (const byte of Buffer.from(text, 'utf8')) {
    if (byte === 0x22 || byte === 0x5c) out += `\\${String.fromCharCode(byte)}`;
    else if (byte < 0x20 || byte >= 0x7f) out += `\\x${byte.toString(16).padStart(2, '0')}`;
    else out += String.fromCharCode(byte);
  }
  return `${out}"`;
}
