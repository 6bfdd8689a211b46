import { describe, expect, it } from '@jest/globals';
import { builderProfile } from '../../src/profiles/builder-profile.ts';
import { fileSyntax, syntax28, syntax2010 } from '../../src/profiles/dockerfile-syntax.ts';

const OLD = ['keep-git-dir', 'network', 'start-interval'];
const BUILT_IN = [...OLD, 'checksum', 'device', 'exclude', 'link', 'unpack'];
const NEWEST = [...OLD, 'checksum', 'device', 'exclude', 'link', 'parents', 'security', 'unpack'];

describe('fileSyntax', () => {
  // The versions of the release notes of docker/dockerfile.
  it.each([
    [undefined, BUILT_IN],
    ['docker/dockerfile:1', NEWEST],
    ['docker/dockerfile', NEWEST],
    ['docker.io/docker/dockerfile-upstream:master-labs', NEWEST],
    [`docker/dockerfile:1.20@sha256:${'a'.repeat(64)}`, [...BUILT_IN, 'parents', 'security']],
    ['docker/dockerfile:1.20.0-rc1', [...BUILT_IN, 'parents', 'security']],
    ['docker/dockerfile:1.19 and more', BUILT_IN],
    ['docker/dockerfile:1.18', [...OLD, 'checksum', 'device', 'link', 'unpack']],
    ['docker/dockerfile:1.7-labs', [...OLD, 'checksum', 'exclude', 'link', 'parents', 'security']],
    ['docker/dockerfile:1.7', [...OLD, 'checksum', 'link']],
    ['docker/dockerfile:1.3', ['network']],
    ['docker/dockerfile:1.26', [...BUILT_IN, 'parents', 'security']],
    ['docker/dockerfile:1.14-labs', [...OLD, 'checksum', 'device', 'exclude', 'link', 'parents', 'security']],
    ['docker/dockerfile:1-labs', NEWEST],
    ['docker/dockerfile:experimental', NEWEST],
    ['example.org/my/frontend:1-labs', BUILT_IN],
    ['docker/dockerfile:', BUILT_IN],
    ['', BUILT_IN],
  ])('%s', (syntax, flags) => {
    expect([...fileSyntax(syntax28, syntax).features].sort()).toEqual([...flags].sort());
  });

  it('adds to what Docker 20.10 knows', () => {
    const known = (line: string | undefined) => {
      const { features, heredocs } = fileSyntax(syntax2010, line);
      return [...features, ...(heredocs ? ['<<'] : [])].sort();
    };
    expect(known(undefined)).toEqual([]);
    expect(known('docker/dockerfile:1.2')).toEqual([]);
    expect(known('docker/dockerfile:1.4')).toEqual(['<<', 'link', 'network']);
  });

  it('takes no line in the classic builder, nor in a part of a file that is settled', () => {
    const labs = 'docker/dockerfile:1-labs';
    const { syntax } = builderProfile('classic');
    expect(fileSyntax(syntax, labs)).toBe(syntax);
    const settled = fileSyntax(syntax28, undefined);
    expect(fileSyntax(settled, labs)).toBe(settled);
  });
});
