import { describe, expect, it } from '@jest/globals';
import { tarDialect } from '../../src/committer/tar-dialect.ts';
import { opaqueEntry, tarEntryOf, whiteoutEntry } from '../../src/committer/tar-entry-of.ts';
import { layers2010 } from '../../src/profiles/layer-format.ts';
import type { FileNode } from '../../src/snapshot/file-tree.ts';

const dialect = tarDialect(layers2010, {
  user: (uid) => (uid === 33 ? 'www-data' : ''),
  group: (gid) => (gid === 6 ? 'disk' : ''),
});

const node = (kind: FileNode['kind'], mode: number): FileNode => ({
  kind,
  mode,
  uid: 33,
  gid: 6,
  size: 0,
  mtime: 0n,
  atime: 0n,
  major: 0,
  minor: 0,
  target: kind === 'symlink' ? 'x' : '',
  inode: '',
  path: '',
  xattrs: () => new Map(),
});

// As a Docker 20.10.24 daemon wrote such files, with both builders.
describe('headers of Docker 20.10', () => {
  it.each([
    ['file', 0o6755, 0o106755],
    ['dir', 0o1777, 0o41777],
    ['symlink', 0o777, 0o120777],
    ['char', 0o644, 0o20644],
    ['block', 0o644, 0o60644],
    ['fifo', 0o600, 0o10600],
  ] as const)('have the kind of a %s in the mode, and names', (kind, mode, written) => {
    expect(tarEntryOf(node(kind, mode), 'x', undefined, dialect)).toMatchObject({
      mode: written,
      uname: 'www-data',
      gname: 'disk',
    });
  });

  it('of a further name of a symbolic link have the kind of the link', () => {
    const entry = tarEntryOf(node('symlink', 0o777), 't', 's', dialect);
    expect(entry).toMatchObject({ type: '1', mode: 0o120777, linkname: 's' });
  });

  it('of whiteouts and opaque marks have names, but no kind', () => {
    const names = { uname: 'www-data', gname: 'disk' };
    expect(whiteoutEntry(node('char', 0), 'd/', 'x', dialect)).toMatchObject({ mode: 0o600, ...names });
    // Both Docker versions leave the special bits out.
    expect(opaqueEntry(node('dir', 0o2770), 'd/', dialect)).toMatchObject({ mode: 0o770, ...names });
  });
});
