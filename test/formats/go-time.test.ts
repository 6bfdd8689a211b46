import { describe, expect, it, jest } from '@jest/globals';
import {
  formatGoTime,
  inLocalZone,
  inUtc,
  nanosOf,
  nowNanos,
  parseGoTime,
  timeFromNanos,
  ZERO_TIME,
} from '../../src/formats/go-time.ts';
import { fixture } from './fixture.ts';

// Seconds, nanoseconds, offset in minutes and the text printed again, or null, as a Go program says.
const vectors: {
  readonly times: readonly (readonly [string, readonly [number, number, number, string] | null])[];
} = JSON.parse(fixture('go-vectors.json').toString());

describe('times', () => {
  it.each(vectors.times)('reads %j as Go does', (text, expected) => {
    if (expected === null) {
      expect(() => parseGoTime(text)).toThrow(expect.objectContaining({ code: 'LL_JSON' }));
      return;
    }
    const [seconds, nanos, offsetMinutes, printed] = expected;
    expect(parseGoTime(text)).toEqual({ seconds, nanos, offsetMinutes });
    expect(formatGoTime({ seconds, nanos, offsetMinutes })).toBe(printed);
  });

  it('convert to nanoseconds and back, before 1970 too', () => {
    for (const text of ['1969-12-31T23:59:59.5Z', ZERO_TIME, '2020-09-18T16:25:11.080239395Z']) {
      expect(formatGoTime(timeFromNanos(nanosOf(parseGoTime(text))))).toBe(text);
    }
  });

  it('refuse a year that RFC 3339 cannot hold', () => {
    expect(() => formatGoTime({ seconds: 253402300800, nanos: 0, offsetMinutes: 0 })).toThrow(
      expect.objectContaining({ code: 'LL_JSON' }),
    );
  });

  it('show the zone of the process', () => {
    // Newfoundland: three and a half hours behind, two and a half in summer.
    const zone = jest.spyOn(Date.prototype, 'getTimezoneOffset');
    zone.mockImplementation(function (this: Date) {
      return this.getUTCMonth() === 6 ? 150 : 210;
    });
    try {
      const winter = inLocalZone(parseGoTime('2024-01-15T12:00:00.5Z'));
      const summer = inLocalZone(parseGoTime('2024-07-15T12:00:00.5Z'));
      expect(formatGoTime(winter)).toBe('2024-01-15T08:30:00.5-03:30');
      expect(formatGoTime(summer)).toBe('2024-07-15T09:30:00.5-02:30');
      expect(formatGoTime(inUtc(summer))).toBe('2024-07-15T12:00:00.5Z');
      zone.mockReturnValue(-120);
      expect(formatGoTime(inLocalZone(winter))).toBe('2024-01-15T14:00:00.5+02:00');
    } finally {
      zone.mockRestore();
    }
  });

  it('tick forward and near the clock', () => {
    const before = Date.now();
    let last = nowNanos();
    for (let count = 0; count < 1000; count++) {
      const next = nowNanos();
      expect(next >= last).toBe(true);
      last = next;
    }
    const milliseconds = Number(last / 1_000_000n);
    expect(milliseconds).toBeGreaterThan(before - 200);
    expect(milliseconds).toBeLessThan(Date.now() + 200);
  });
});
