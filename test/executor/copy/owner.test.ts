import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { resolveOwner } from '../../../src/executor/copy/owner.ts';
import { ChangeTree } from '../../../src/snapshot/change-tree.ts';
import { MergedView } from '../../../src/snapshot/merged-view.ts';

const folder = mkdtempSync(join(tmpdir(), 'layerlab-owner-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function system(): ChangeTree {
  const tree = new ChangeTree(new MergedView([]), () => 0n);
  tree.makeDir(['etc'], { kind: 'dir', mode: 0o755, uid: 0, gid: 0, mtime: 0n });
  for (const [name, text] of [
    ['passwd', 'root:x:0:0::/:/bin/sh\napp:x:1000:1000::/:/bin/sh\n'],
    ['group', 'root:x:0:\nstaff:x:50:\n'],
  ] as const) {
    const path = join(folder, name);
    writeFileSync(path, text);
    const owned = { mode: 0o644, uid: 0, gid: 0, mtime: 0n, size: text.length };
    tree.put(['etc', name], { kind: 'file', ...owned, content: { kind: 'file', path } });
  }
  return tree;
}

// What a daemon 28.5 gives for the same texts.
describe('--chown with BuildKit', () => {
  it.each([
    ['app', 1000, 1000],
    ['app:', 1000, 0],
    [':staff', 0, 50],
    [':', 0, 0],
    ['app:no-such-group', 1000, 1000],
    ['nobody-here', 0, 0],
    ['2147483647', 2147483647, 2147483647],
    ['2147483648', 0, 0],
    ['1:2147483648', 1, 1],
    ['4294967294', 0, 0],
  ])('%s is %i:%i', (text, uid, gid) => {
    expect(resolveOwner(system(), text, 'buildkit')).toEqual({ uid, gid });
  });

  // Whatever the image's own files say of root: with uid 44 and gid 66 in them the daemon gives the same.
  it.each([
    ['root', 0, 0],
    ['5:root', 5, 0],
    ['root:5', 0, 5],
    ['root:root', 0, 0],
    ['5:', 5, 0],
  ])('%s is %i:%i on scratch too', (text, uid, gid) => {
    expect(resolveOwner(system(), text, 'buildkit', true)).toEqual({ uid, gid });
  });

  // A daemon 20.10 on a stage with one file in it; 28.5 takes such names for root, or the user's own number.
  it.each([
    ['app', 'passwd'],
    ['app:5', 'passwd'],
    ['5:staff', 'group'],
    [':staff', 'group'],
  ])('20.10 needs the file that %s is looked up in', (text, file) => {
    const tree = new ChangeTree(new MergedView([]), () => 0n);
    expect(() => resolveOwner(tree, text, 'buildkit', false, true)).toThrow(
      `open /etc/${file}: no such file or directory`,
    );
    expect(resolveOwner(tree, '5:root', 'buildkit', false, true)).toEqual({ uid: 5, gid: 0 });
  });

  it('does not look root up', () => {
    const tree = system();
    const path = join(folder, 'other-root');
    writeFileSync(path, 'root:x:44:55::/:/x\n');
    const owned = { mode: 0o644, uid: 0, gid: 0, mtime: 0n, size: 19 };
    tree.put(['etc', 'passwd'], { kind: 'file', ...owned, content: { kind: 'file', path } });
    expect(resolveOwner(tree, 'root', 'buildkit')).toEqual({ uid: 0, gid: 0 });
  });

  it.each(['app', '1:staff', ':staff'])('%s cannot be looked up on scratch', (text) => {
    expect(() => resolveOwner(system(), text, 'buildkit', true)).toThrow('invalid user index: -1');
    expect(resolveOwner(system(), '1:2', 'buildkit', true)).toEqual({ uid: 1, gid: 2 });
  });
});
