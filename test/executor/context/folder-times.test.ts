import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ContextFilter, ContextTree } from '../../../src/executor/context/context-tree.ts';
import type { FileNode } from '../../../src/snapshot/file-tree.ts';

const OPENED = 42n;
const SENT = 1_400_000_000;

// As a Docker 20.10.24 daemon copied folders of the context: what came into a folder had moved its time.
describe('the times of folders in a context', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'layerlab-context-'));
    for (const name of ['full', 'empty', 'hidden']) mkdirSync(join(folder, name));
    for (const name of ['full/a', 'hidden/b']) writeFileSync(join(folder, name), '');
    for (const name of ['full', 'empty', 'hidden']) utimesSync(join(folder, name), SENT, SENT);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const filter: ContextFilter = { ignores: (path) => path === 'hidden/b', mayContainIncluded: () => true };
  const times = (keeps: boolean): readonly (bigint | undefined)[] => {
    const tree = new ContextTree(folder, filter, OPENED, 'buildkit', keeps);
    const child = (name: string): FileNode | undefined => tree.child(tree.root, name);
    return ['full', 'empty', 'hidden'].map((name) => child(name)?.mtime);
  };

  it('are those they were sent with', () => {
    const sent = BigInt(SENT) * 1_000_000_000n;
    expect(times(true)).toEqual([sent, sent, sent]);
  });

  it('are lost for Docker 20.10 where something is in them', () => {
    const sent = BigInt(SENT) * 1_000_000_000n;
    expect(times(false)).toEqual([OPENED, sent, sent]);
  });
});
