import { describe, expect, it } from '@jest/globals';
import { builderProfile } from '../../src/profiles/builder-profile.ts';

describe('builderProfile', () => {
  it('gives Docker 28 when no version is named', () => {
    expect(builderProfile('buildkit')).toBe(builderProfile('buildkit', '28'));
    expect(builderProfile('classic').compat).toBe('28');
  });

  it.each([
    ['buildkit', '28', 'list'],
    ['buildkit', '20.10', 'map'],
    ['classic', '28', 'words'],
    ['classic', '20.10', 'words'],
  ] as const)('%s of %s shows EXPOSE as a %s', (builder, compat, text) => {
    expect(builderProfile(builder, compat)).toMatchObject({ builder, compat, exposeText: text });
  });

  it('cannot be changed', () => {
    expect(Object.isFrozen(builderProfile('classic', '20.10'))).toBe(true);
  });
});
