/**
 * The time in which the cases are built. It starts with the first of them, not with each: a build that makes a layer which
 * is there already gets the older one, with the older one's times.
 */
export interface BuildWindow {
  /** Nanoseconds since the epoch. */
  readonly from: bigint;
  readonly to: bigint;
}

const SECOND = 1_000_000_000n;

export const nowNanos = (): bigint => BigInt(Date.now()) * 1_000_000n;

/** The start of a window: a full second that begins now, so that even times cut to seconds are before it or in it. */
export async function startWindow(): Promise<bigint> {
  await new Promise((resolve) => setTimeout(resolve, 1000 - (Date.now() % 1000)));
  return (nowNanos() / SECOND) * SECOND;
}

/** A window from a start that {@link startWindow} gave until now. */
export function closeWindow(start: bigint): BuildWindow {
  return { from: start, to: nowNanos() + 1_000_000n };
}

export function holds(window: BuildWindow, nanos: bigint): boolean {
  return nanos >= window.from && nanos <= window.to;
}

/** As {@link holds}, for a time that was cut to the second. */
export function holdsSecond(window: BuildWindow, seconds: number): boolean {
  const whole = BigInt(Math.floor(seconds));
  return whole >= window.from / SECOND && whole <= window.to / SECOND;
}

/** RFC 3339 with up to nine decimals. */
export function parseRfc3339(text: string): bigint {
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? '';
  const whole = Date.parse(text.replace(/\.\d+/, ''));
  return BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9));
}
