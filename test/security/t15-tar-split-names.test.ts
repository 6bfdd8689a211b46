import { describe, expect, it } from '@jest/globals';
import type { TarEntry } from '../../src/formats/tar-entry.ts';
import { NO_XATTRS } from '../../src/formats/tar-header.ts';
import { TarSplitLayer } from '../../src/snapshot/tar-split-layer.ts';

function file(name: string): TarEntry {
  return {
    ...{ name, type: '0', mode: 0o644, uid: 0, gid: 0, size: 1, mtime: 0, linkname: '', uname: '', gname: '' },
    ...{ devmajor: 0, devminor: 0, xattrs: NO_XATTRS },
  };
}

describe('T15: a tar-split that names files above its layer', () => {
  it('has only those below', () => {
    const layer = new TarSplitLayer('/r/overlay2/x/diff', ['../up', 'a/../../up', 'a/..', '/abs', 'a/b'].map(file));
    expect(layer.names('').map(({ name }) => name)).toEqual(['abs', 'a']);
    expect(layer.names('a').map(({ name }) => name)).toEqual(['b']);
    expect(layer.get('a/b')?.path).toBe('/r/overlay2/x/diff/a/b');
  });
});
