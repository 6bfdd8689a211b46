import { describe, expect, it } from '@jest/globals';
import { frontendFeatures } from '../../src/profiles/frontend-features.ts';

const BUILT_IN = ['checksum', 'exclude', 'link', 'unpack'];
const NEWEST = ['checksum', 'device', 'exclude', 'link', 'parents', 'security', 'unpack'];

describe('frontendFeatures', () => {
  // The versions of the release notes of docker/dockerfile.
  it.each([
    [undefined, BUILT_IN],
    ['docker/dockerfile:1', NEWEST],
    ['docker/dockerfile', NEWEST],
    ['docker.io/docker/dockerfile-upstream:master-labs', NEWEST],
    [`docker/dockerfile:1.20@sha256:${'a'.repeat(64)}`, [...BUILT_IN, 'parents', 'security']],
    ['docker/dockerfile:1.20.0-rc1', [...BUILT_IN, 'parents', 'security']],
    ['docker/dockerfile:1.19 and more', BUILT_IN],
    ['docker/dockerfile:1.18', ['checksum', 'link', 'unpack']],
    ['docker/dockerfile:1.7-labs', ['checksum', 'exclude', 'link', 'parents', 'security']],
    ['docker/dockerfile:1.7', ['checksum', 'link']],
    ['docker/dockerfile:1.3', []],
    ['docker/dockerfile:1.26', [...BUILT_IN, 'parents', 'security']],
    ['docker/dockerfile:1.14-labs', ['checksum', 'device', 'exclude', 'link', 'parents', 'security']],
    ['docker/dockerfile:1-labs', NEWEST],
    ['docker/dockerfile:experimental', NEWEST],
    ['example.org/my/frontend:1-labs', BUILT_IN],
    ['docker/dockerfile:', BUILT_IN],
    ['', BUILT_IN],
  ])('%s', (syntax, flags) => {
    expect([...frontendFeatures(syntax)].sort()).toEqual([...flags].sort());
  });
});
