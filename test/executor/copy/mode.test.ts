import { describe, expect, it } from '@jest/globals';
import { parseMode } from '../../../src/executor/copy/mode.ts';
import { copies2010 } from '../../../src/profiles/copy-format.ts';

describe('parseMode', () => {
  it('takes octal modes for all files alike', () => {
    expect(parseMode('755').apply(0o600, false)).toBe(0o755);
    expect(parseMode('4711').apply(0o600, false)).toBe(0o4711);
    expect(parseMode('0').apply(0o600, true)).toBe(0);
    expect(parseMode('755').octal).toBe(0o755);
  });

  // What chmod(1) of GNU coreutils gives for the same modes, with umask 0.
  it.each([
    ['u=rwX,go=rX', 0o640, false, 0o644],
    ['u=rwX,go=rX', 0o750, false, 0o755],
    ['u=rwX,go=rX', 0o700, true, 0o755],
    ['a+x', 0o644, false, 0o755],
    ['+x', 0o644, false, 0o755],
    ['go-rwx', 0o777, false, 0o700],
    ['u+s', 0o755, false, 0o4755],
    ['g+s,+t', 0o755, true, 0o3755],
    ['o=u', 0o750, false, 0o757],
    ['g=o', 0o604, false, 0o644],
    ['u-w+x', 0o644, false, 0o544],
  ])('%s on %o', (text, mode, isDir, expected) => {
    expect(parseMode(text).apply(mode, isDir)).toBe(expected);
  });

  // Where BuildKit's library, made after BSD's setmode(3), does otherwise; asked of a daemon 28.5.
  it.each([
    ['o+t', 0o644, false, 0o644],
    ['o-t', 0o1777, true, 0o1777],
    ['ugo+t', 0o644, false, 0o1644],
    ['a=rX', 0o6711, false, 0o555],
    ['a=rX', 0o1644, false, 0o1444],
    ['u=g,g=o', 0o6711, false, 0o6111],
    ['u+x,go+X', 0o644, false, 0o744],
    ['u=rwx,g=u-w,o=', 0o644, false, 0o750],
    ['o+s', 0o644, false, 0o644],
  ])('%s on %o as the daemon', (text, mode, isDir, expected) => {
    expect(parseMode(text).apply(mode, isDir)).toBe(expected);
  });

  it.each(['888', '10000', 'x', '', 'u', 'u=rwz', '-5'])('refuses %j in BuildKit words', (text) => {
    expect(() => parseMode(text)).toThrow(
      `invalid chmod parameter: '${text}'. it should be octal string and between 0 and 07777`,
    );
  });

  // Asked of a Docker 20.10.24 daemon.
  it.each([
    ['640', 0o6711, 0o6640],
    ['4755', 0o644, 0o755],
    ['10644', 0o600, 0o644],
    ['99', 0o600, 0o600],
    ['u+x', 0o600, 0o600],
    ['', 0o600, 0o600],
  ])('takes permissions alone for Docker 20.10: %j on %o', (text, mode, expected) => {
    const change = parseMode(text, copies2010);
    expect(change?.apply(mode, false) ?? mode).toBe(expected);
    expect(change?.octal).toBeUndefined();
  });
});
