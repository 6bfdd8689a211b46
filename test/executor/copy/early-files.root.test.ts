import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Entry, tarOf, unpackBothWays } from './unpack-both-ways.ts';

// Needs root: owners, special bits, devices.
describe('files of an archive that are placed while it is read, as root', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'layerlab-early-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const file = (name: string, more: Partial<Entry> = {}): Entry => ({ name, content: `content of ${name}`, ...more });
  const dir = (name: string, more: Partial<Entry> = {}): Entry => ({
    name: `${name}/`,
    type: '5',
    mode: 0o755,
    ...more,
  });

  it.each<[string, readonly Entry[], readonly string[]]>([
    [
      'owners',
      [dir('a', { uid: 7, gid: 8 }), file('a/b', { uid: 1000, gid: 1001 }), file('c', { gid: 5 })],
      ['a/b', 'c'],
    ],
    [
      'special bits, which a change of owner takes away',
      [file('a', { mode: 0o4755, uid: 3 }), file('b', { mode: 0o2755, gid: 4 }), file('c', { mode: 0o6711 })],
      ['a', 'b', 'c'],
    ],
    [
      'files of root in folders that hand their group down',
      [
        dir('a', { mode: 0o2775, gid: 50 }),
        file('a/b'),
        dir('a/c'),
        file('a/c/d'),
        { name: 'a/empty' },
        { name: 'a/link', type: '2', linkname: 'b' },
        file('a/caps', { xattrs: new Map([['user.note', Buffer.from('n')]]) }),
      ],
      ['a/b', 'a/c/d'],
    ],
    [
      'folders that nobody may enter',
      [dir('a', { mode: 0 }), file('a/b'), dir('a/c', { mode: 0o100 }), file('a/c/d')],
      ['a/b', 'a/c/d'],
    ],
    [
      'devices and fifos',
      [
        { name: 'd', type: '3', devmajor: 1, devminor: 3, mode: 0o666 },
        file('f'),
        { name: 'p', type: '6', mode: 0o600 },
      ],
      ['f'],
    ],
    ['a device in place of a file', [file('a'), { name: 'a', type: '3', devmajor: 1, devminor: 3 }, file('b')], ['b']],
    [
      'a further name that brings another owner and mode',
      [file('a', { uid: 1 }), { name: 'b', type: '1', linkname: 'a', uid: 2, mode: 0o600 }, file('c')],
      ['c'],
    ],
    ['extended attributes', [file('a', { xattrs: new Map([['user.note', Buffer.from('n')]]) }), file('b')], ['b']],
  ])('come with %s as in two passes', async (_, entries, kept) => {
    for (const asFromTar of [false, true]) {
      const both = await unpackBothWays(folder, tarOf(entries), { faithful: true, asFromTar });
      expect(both.early).toEqual(both.twoPasses);
      expect(both.early.files).toBeDefined();
      // In the classic builder only file capabilities are left of extended attributes.
      const own = entries.filter(({ xattrs }) => asFromTar && xattrs !== undefined).map(({ name }) => name);
      expect(both.kept).toEqual([...kept, ...own].sort());
    }
  });
});
