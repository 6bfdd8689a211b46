import { describe, expect, it } from '@jest/globals';
import { lookUpVariable, processEnvironment } from '../../../src/executor/run/environment.ts';

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

describe('processEnvironment', () => {
  it('adds HOME for BuildKit', () => {
    expect(processEnvironment('buildkit', [PATH, 'A=1'], 'buildkitsandbox', '/root')).toEqual([
      PATH,
      'A=1',
      'HOME=/root',
    ]);
  });

  it('adds HOSTNAME and a missing PATH for classic', () => {
    expect(processEnvironment('classic', ['A=1'], 'abc', '/')).toEqual([PATH, 'HOSTNAME=abc', 'A=1', 'HOME=/']);
  });

  it("lets the image's own win, an empty PATH too", () => {
    expect(processEnvironment('classic', ['PATH=', 'HOSTNAME=h', 'HOME=/zz'], 'abc', '/')).toEqual([
      'PATH=',
      'HOSTNAME=h',
      'HOME=/zz',
    ]);
  });

  it('sets an empty HOME, as runc does', () => {
    expect(processEnvironment('buildkit', ['HOME=', 'A=1'], 'h', '/root')).toEqual(['A=1', 'HOME=/root']);
  });

  it('keeps the last of equal names and drops what is no variable', () => {
    expect(processEnvironment('buildkit', ['A=1', 'HOME=/', 'A=2', 'B', '=x', 'C=a=b'], 'h', '/')).toEqual([
      'A=2',
      'HOME=/',
      'C=a=b',
    ]);
  });
});

describe('lookUpVariable', () => {
  it('gives the last one', () => {
    expect(lookUpVariable(['A=1', 'AB=3', 'A=2'], 'A')).toBe('2');
    expect(lookUpVariable(['AB=3'], 'A')).toBeUndefined();
  });
});
