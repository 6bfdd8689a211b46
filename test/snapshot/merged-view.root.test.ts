import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeWhiteout } from '../../src/host/syscalls.ts';
import { lsetxattr } from '../../src/host/xattrs.ts';
import { DiskLayer } from '../../src/snapshot/disk-layer.ts';
import { MergedView } from '../../src/snapshot/merged-view.ts';
import { resolvePath } from '../../src/snapshot/resolve-path.ts';

// Needs root: whiteouts are device files and opaque marks are trusted attributes.
describe('MergedView of layers on disk', () => {
  let root: string;
  let view: MergedView;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'layerlab-view-'));
    for (const dir of ['low/a', 'low/gone', 'low/replaced', 'top/a', 'top/replaced', 'top/fresh']) {
      mkdirSync(join(root, dir), { recursive: true });
    }
    for (const file of ['low/a/one', 'low/a/two', 'low/gone/x', 'low/replaced/old', 'top/a/two', 'top/replaced/new']) {
      writeFileSync(join(root, file), file);
    }
    symlinkSync('a', join(root, 'low/link'));
    makeWhiteout(join(root, 'top/gone'));
    makeWhiteout(join(root, 'top/a/one'));
    lsetxattr(join(root, 'top/replaced'), 'trusted.overlay.opaque', Buffer.from('y'));
    view = new MergedView([new DiskLayer(join(root, 'top')), new DiskLayer(join(root, 'low'))]);
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const names = (path: string) => view.names(resolvePath(view, path, true).node as never);

  it('merges folders, hides what is deleted and what is below an opaque folder', () => {
    expect(names('/')).toEqual(['a', 'fresh', 'link', 'replaced']);
    expect(names('a')).toEqual(['two']);
    expect(names('replaced')).toEqual(['new']);
    expect(resolvePath(view, 'gone/x', true).node).toBeUndefined();
    expect(resolvePath(view, 'replaced/old', true).node).toBeUndefined();
  });

  it('takes a file from the nearest layer that has it', () => {
    expect(resolvePath(view, 'link/two', true).node?.path).toBe(join(root, 'top/a/two'));
  });

  it('has an empty root without layers', () => {
    const empty = new MergedView([]);
    expect(empty.names(empty.root)).toEqual([]);
    expect(empty.root.mode).toBe(0o755);
  });
});
