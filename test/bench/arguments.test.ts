import { describe, expect, it } from '@jest/globals';
import { readArguments, UsageError } from '../../bench/arguments.js';

const known = { workloads: ['files', 'runs'], peers: ['buildkit-28', 'buildah'] };

describe('the arguments of the bench', () => {
  it('are five runs of everything unless told', () => {
    expect(readArguments([], known)).toMatchObject({
      runs: 5,
      only: ['files', 'runs'],
      peers: undefined,
      output: 'table',
      check: false,
    });
  });

  it('name workloads and peers, or no peer at all', () => {
    expect(readArguments(['--only', 'runs', '--peers', 'buildah'], known)).toMatchObject({
      only: ['runs'],
      peers: ['buildah'],
    });
    expect(readArguments(['--peers', 'none'], known).peers).toEqual([]);
  });

  it.each([
    [['--only', 'runs,nothing'], 'no workload nothing; there are: files, runs'],
    [['--peers', 'podman'], 'no peer podman; there are: buildkit-28, buildah'],
    [['--runs', '0'], '--runs takes a number from 1, not 0'],
    [['--runs'], '--runs needs a value'],
    [['--fast'], 'unknown flag: --fast'],
    [['files'], 'unknown flag: files'],
  ])('are refused where they mean nothing: %j', (args, message) => {
    expect(() => readArguments(args, known)).toThrow(new UsageError(message));
  });

  it.each(['--check', '--save', '--publish'])('do not let %s judge by inputs of a twentieth', (flag) => {
    expect(() => readArguments(['--quick', flag], known)).toThrow(UsageError);
  });
});
