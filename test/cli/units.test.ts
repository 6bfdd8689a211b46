import { describe, expect, it } from '@jest/globals';
import { formatGeneral, humanDuration, humanSize, humanSizeWithPrecision, progressSize } from '../../src/cli/units.ts';

describe('humanSizeWithPrecision', () => {
  it.each([
    [0, '0B'],
    [1_982_681, '1.98MB'],
    [12, '12B'],
    [1000, '1kB'],
    [4096, '4.1kB'],
    [127_000_000, '127MB'],
    [1_500_000_000, '1.5GB'],
    [999, '999B'],
    [999_999, '1e+03kB'],
  ])('prints %d bytes as docker images does: %s', (bytes, text) => {
    expect(humanSizeWithPrecision(bytes, 3)).toBe(text);
  });
});

describe('humanSize', () => {
  it.each([
    [1_982_681, '1.983MB'],
    [2048, '2.048kB'],
    [13_310, '13.31kB'],
    [1536, '1.536kB'],
  ])('keeps four digits of %d: %s', (bytes, text) => {
    expect(humanSize(bytes)).toBe(text);
  });
});

describe('progressSize', () => {
  it.each([
    [2, '2B'],
    [209, '209B'],
    [2300, '2.30kB'],
    [5_242_880, '5.24MB'],
  ])('prints %d as BuildKit: %s', (bytes, text) => {
    expect(progressSize(bytes)).toBe(text);
  });
});

describe('humanDuration', () => {
  const minute = 60_000;
  const hour = 60 * minute;
  const day = 24 * hour;
  // The cases of go-units' own test (duration_test.go).
  it.each([
    [450, 'Less than a second'],
    [1000, '1 second'],
    [47_000, '47 seconds'],
    [minute, 'About a minute'],
    [3 * minute, '3 minutes'],
    [35 * minute + 40_000, '35 minutes'],
    [1 * hour, 'About an hour'],
    [1.75 * hour, '2 hours'],
    [3 * hour, '3 hours'],
    [day, '24 hours'],
    [1.5 * day, '36 hours'],
    [2.5 * day, '2 days'],
    [14 * day, '2 weeks'],
    [28 * day, '4 weeks'],
    [35 * day, '5 weeks'],
    [60 * day, '2 months'],
    [365 * day, '12 months'],
    [730 * day, '2 years'],
    [3 * 365 * day, '3 years'],
  ])('says %d ms as %s', (milliseconds, text) => {
    expect(humanDuration(milliseconds)).toBe(text);
  });
});

describe('formatGeneral', () => {
  it.each([
    [100, 3, '100'],
    [1.5, 3, '1.5'],
    [0.00001234, 3, '1.23e-05'],
    [0, 4, '0'],
  ])('prints %d with %d digits as C does: %s', (value, precision, text) => {
    expect(formatGeneral(value, precision)).toBe(text);
  });
});
