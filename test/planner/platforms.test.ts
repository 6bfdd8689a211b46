import { describe, expect, it } from '@jest/globals';
import type { Platform } from '../../src/planner/plan-options.ts';
import { formatPlatform, normalizePlatform, parsePlatform, servesPlatform } from '../../src/planner/platforms.ts';

const host: Platform = { os: 'linux', architecture: 'amd64' };
const parse = (text: string): Platform => parsePlatform(text, host);

// What an image FROM scratch was for after a build of Docker 28.5 with this --platform: by BuildKit, by classic.
describe('--platform', () => {
  it.each([
    ['linux/arm64', 'linux/arm64', 'linux/arm64'],
    ['linux/arm64/v8', 'linux/arm64', 'linux/arm64/v8'],
    ['linux/arm', 'linux/arm/v7', 'linux/arm'],
    ['linux/arm/v6', 'linux/arm/v6', 'linux/arm/v6'],
    ['linux/amd64/v3', 'linux/amd64/v3', 'linux/amd64/v3'],
    ['arm64', 'linux/arm64', 'linux/arm64'],
    ['linux', 'linux/amd64', 'linux/amd64'],
    ['linux/aarch64', 'linux/arm64', 'linux/arm64'],
  ])('%s', (text, buildkit, classic) => {
    expect(formatPlatform(normalizePlatform(parse(text)))).toBe(buildkit);
    expect(formatPlatform(parse(text))).toBe(classic);
  });

  it.each([
    ['a/b/c/d', '"a/b/c/d": cannot parse platform specifier: invalid argument'],
    ['bogus', '"bogus": unknown operating system or architecture: invalid argument'],
    [
      'linux/X@Y',
      '"x@y" is an invalid component of "linux/x@y": platform specifier component must match "^[A-Za-z0-9_.-]+$": invalid argument',
    ],
  ])('%s is none', (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });
});

// Whether Docker 28.5 took an image that was imported for the first where BuildKit was asked for the second.
describe('an image', () => {
  it.each([
    ['linux/amd64', 'linux/amd64/v2', true],
    ['linux/amd64', 'linux/386', false],
    ['linux/amd64', 'linux/arm64', false],
    ['linux/386', 'linux/amd64', true],
    ['linux/386', 'linux/386', true],
    ['linux/amd64/v3', 'linux/amd64', false],
    ['linux/amd64/v3', 'linux/amd64/v2', false],
    ['linux/amd64/v3', 'linux/amd64/v4', true],
    ['linux/arm/v6', 'linux/arm64', true],
    ['linux/arm/v6', 'linux/arm', true],
    ['linux/arm/v6', 'linux/arm/v5', false],
    ['linux/arm/v6', 'linux/arm/v6', true],
    ['linux/arm64/v9', 'linux/arm64', false],
    ['linux/arm64', 'linux/arm64/v9', true],
    ['linux/arm64', 'linux/arm64', true],
    ['linux/arm64', 'linux/amd64', false],
  ])('for %s where %s is asked for: %s', (image, asked, taken) => {
    expect(servesPlatform(parse(image), parse(asked))).toBe(taken);
  });
});
