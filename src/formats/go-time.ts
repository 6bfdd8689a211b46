import { LayerlabError } from '../errors/layerlab-error.ts';

/** A moment as Go's time.Time prints it. */
export interface GoTime {
  /** Seconds since 1970-01-01T00:00:00Z; before it, negative. */
  readonly seconds: number;
  /** 0 to 999,999,999, always counted forward from `seconds`. */
  readonly nanos: number;
  /** East of UTC; 0 prints as `Z`. */
  readonly offsetMinutes: number;
}

/** Go's zero time.Time: "never". */
export const ZERO_TIME = '0001-01-01T00:00:00Z';

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;

function invalid(text: string): never {
  throw new LayerlabError('LL_JSON', `invalid time ${JSON.stringify(text.slice(0, 60))}`, {
    hint: 'A time is written as in 2006-01-02T15:04:05.999999999Z (RFC 3339).',
  });
}

/**
 * Reads an RFC 3339 time, as Go's time.Parse(time.RFC3339Nano, text) does: digits of the fraction past the ninth are cut
 * off. Throws LL_JSON.
 */
export function parseGoTime(text: string): GoTime {
  const match = RFC3339.exec(text);
  if (match === null) return invalid(text);
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHour, offsetMinute] = match;
  const fields = [Number(year), Number(month), Number(day), Number(hour), Number(minute), Number(second)] as const;
  const [y, mo, d, h, mi, s] = fields;
  if (h > 23 || mi > 59 || s > 59) return invalid(text);
  const date = new Date(0);
  date.setUTCFullYear(y, mo - 1, d);
  // An impossible date such as 30 February rolls over into another month.
  if (date.getUTCMonth() !== mo - 1 || date.getUTCDate() !== d) return invalid(text);
  let offsetMinutes = 0;
  if (sign !== undefined) {
    if (Number(offsetHour) > 24 || Number(offsetMinute) > 60) return invalid(text);
    const minutes = Number(offsetHour) * 60 + Number(offsetMinute);
    offsetMinutes = sign === '-' ? 0 - minutes : minutes;
  }
  return {
    seconds: date.getTime() / 1000 + h * 3600 + mi * 60 + s - offsetMinutes * 60,
    nanos: Number(fraction.slice(0, 9).padEnd(9, '0')),
    offsetMinutes,
  };
}

/**
 * Prints a moment in Go's time.RFC3339Nano layout: the fraction loses its trailing zeros and is left out when zero. Throws
 * LL_JSON for a year outside 0 to 9999, which Go's JSON refuses too.
 */
export function formatGoTime(time: GoTime): string {
  const shifted = new Date((time.seconds + time.offsetMinutes * 60) * 1000);
  const year = shifted.getUTCFullYear();
  if (!(year >= 0 && year <= 9999)) {
    throw new LayerlabError('LL_JSON', 'a time cannot be printed: its year is outside of 0 to 9999');
  }
  const clock = `${String(year).padStart(4, '0')}-${two(shifted.getUTCMonth() + 1)}-${two(shifted.getUTCDate())}T${two(
    shifted.getUTCHours(),
  )}:${two(shifted.getUTCMinutes())}:${two(shifted.getUTCSeconds())}`;
  const fraction = time.nanos === 0 ? '' : `.${String(time.nanos).padStart(9, '0').replace(/0+$/, '')}`;
  return `${clock}${fraction}${formatOffset(time.offsetMinutes)}`;
}

/**
 * Nanoseconds since 1970-01-01T00:00:00Z, now. Ticks finer than a millisecond; runs backward only when the clock of the host
 * is set back.
 */
export function nowNanos(): bigint {
  const elapsed = process.hrtime.bigint() - startTicks;
  const wall = BigInt(Date.now()) * 1_000_000n;
  // The two clocks drift apart (and the wall clock may be set): follow the wall clock once they differ by 50 ms.
  if (abs(startWall + elapsed - wall) > 50_000_000n) {
    startTicks = process.hrtime.bigint();
    startWall = wall;
    return wall;
  }
  return startWall + elapsed;
}

let startTicks = process.hrtime.bigint();
let startWall = BigInt(Date.now()) * 1_000_000n;

/** A moment in UTC from nanoseconds since 1970. */
export function timeFromNanos(nanos: bigint): GoTime {
  const rest = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return { seconds: Number((nanos - rest) / 1_000_000_000n), nanos: Number(rest), offsetMinutes: 0 };
}

/** Nanoseconds since 1970 of a moment. */
export function nanosOf(time: GoTime): bigint {
  return BigInt(time.seconds) * 1_000_000_000n + BigInt(time.nanos);
}

/** The same moment in the zone that the process runs in (TZ), as a Go program prints time.Now(). */
export function inLocalZone(time: GoTime): GoTime {
  const west = new Date(time.seconds * 1000).getTimezoneOffset();
  return { ...time, offsetMinutes: 0 - Math.trunc(west) };
}

/** The same moment in UTC. */
export function inUtc(time: GoTime): GoTime {
  return { ...time, offsetMinutes: 0 };
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

function formatOffset(minutes: number): string {
  if (minutes === 0) return 'Z';
  const absolute = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(absolute / 60))}:${two(absolute % 60)}`;
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}
