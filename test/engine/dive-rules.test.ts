import { describe, expect, it } from '@jest/globals';
import { type DiveRuleTexts, readDiveFile, tryDiveRules } from '../../src/engine/waste/dive-rules.ts';

const figures = { efficiency: 0.95, wastedBytes: 20_000_000, userWastedPercent: 0.2 };
const outcomes = (text: string | undefined, flags: DiveRuleTexts = {}): readonly string[] =>
  tryDiveRules({ file: text === undefined ? undefined : '.dive-ci', text: text ?? '', flags }, figures).map(
    ({ name, status }) => `${name} ${status}`,
  );

// The file as dive's README has it; limits that are met exactly hold (dive's ci/rules.go).
const SAMPLE = `rules:
  # If the efficiency is measured below X%, mark as failed.
  lowestEfficiency: 0.95
  highestWastedBytes: 20MB
  highestUserWastedPercent: 0.20
`;

describe('the rules of dive', () => {
  it('hold where a limit is met, and fail beyond', () => {
    expect(outcomes(SAMPLE)).toEqual([
      'highestUserWastedPercent pass',
      'highestWastedBytes pass',
      'lowestEfficiency pass',
    ]);
    expect(outcomes(SAMPLE.replace('0.95', '0.951').replace('20MB', '19.9MB').replace('0.20', '0.19'))).toEqual([
      'highestUserWastedPercent fail',
      'highestWastedBytes fail',
      'lowestEfficiency fail',
    ]);
  });

  it('are 0.1, disabled and 0.9 where nobody says otherwise, and flags go before the file', () => {
    const defaults = ['highestUserWastedPercent fail', 'highestWastedBytes skip', 'lowestEfficiency pass'];
    expect(outcomes(undefined)).toEqual(defaults);
    expect(outcomes('')).toEqual(defaults);
    expect(outcomes('rules:\n  other: 1\nmore: [1]\n')).toEqual(defaults);
    expect(outcomes(SAMPLE, { lowestEfficiency: '0.99', highestWastedBytes: 'disabled' })).toEqual([
      'highestUserWastedPercent pass',
      'highestWastedBytes skip',
      'lowestEfficiency fail',
    ]);
  });

  it.each(['disabled', '" Disabled "', 'off', 'false', '""'])('are off with %s', (text) => {
    expect(
      outcomes(`rules: { lowestEfficiency: ${text}, highestWastedBytes: ${text}, highestUserWastedPercent: ${text} }`),
    ).toEqual(['highestUserWastedPercent skip', 'highestWastedBytes skip', 'lowestEfficiency skip']);
  });

  it('are read under every name that dive gave them', () => {
    expect(readDiveFile('Rules:\n  LOWESTEFFICIENCY: 1\n', 'x')).toEqual({ lowestEfficiency: '1' });
    expect(readDiveFile('rules:\n  lowest-efficiency: 0.5\n  highest-wasted-bytes: 1k\n', 'x')).toEqual({
      lowestEfficiency: '0.5',
      highestWastedBytes: '1k',
    });
    expect(readDiveFile('rules:\n  lowest-efficiency-threshold: 0.4\n  highest_user_wasted_percent: 0\n', 'x')).toEqual(
      {
        lowestEfficiency: '0.4',
        highestUserWastedPercent: '0',
      },
    );
  });

  it.each([
    'rules: [1]',
    'rules: 5',
    'rules: { lowestEfficiency: 95 }',
    'rules: { lowestEfficiency: -1 }',
    'rules: { lowestEfficiency: a }',
    'rules: { highestUserWastedPercent: { a: 1 } }',
    'rules: { highestWastedBytes: 20 apples }',
    'rules: {',
    'a: &a [1]\nrules: *a',
  ])('that are none are refused: %s', (text) => {
    expect(() => outcomes(text)).toThrow(expect.objectContaining({ code: 'LL_USAGE' }));
  });
});
