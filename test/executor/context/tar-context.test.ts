import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DIALECT_28 } from '../../../src/committer/tar-dialect.ts';
import { openTarContext } from '../../../src/executor/context/tar-context.ts';
import { findSources } from '../../../src/executor/copy/find-sources.ts';
import { hashSources } from '../../../src/executor/copy/hash-sources.ts';
import type { TarEntry } from '../../../src/formats/tar-entry.ts';
import { resolvePath } from '../../../src/snapshot/resolve-path.ts';
import { tarEntry, wholeTar } from './make-tar.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerlab-tar-context-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The tar of some files, in a file. */
function tarOf(files: Readonly<Record<string, string>>, owned: Partial<TarEntry> = {}): string {
  const path = join(folder, 'tar');
  const entries = Object.entries(files).map(([name, content]) =>
    tarEntry(name, { content, mtime: 1_300_000_000, ...owned }),
  );
  writeFileSync(path, wholeTar(...entries));
  return path;
}

const OWNED = { uid: 12, gid: 34, mode: 0o4751, uname: 'man', gname: 'backup' };

describe('a tar as the context', () => {
  it('keeps owners and modes for BuildKit', async () => {
    const tar = tarOf({ own: 'f\n' }, OWNED);
    const { tree } = await openTarContext(tar, join(folder, 'files'), 'buildkit');
    const { node } = resolvePath(tree, 'own', true);
    expect(node).toMatchObject({ kind: 'file', mode: 0o4751, uid: 12, gid: 34, mtime: 1_300_000_000n * 10n ** 9n });
    expect(readFileSync(node?.path ?? '', 'utf8')).toBe('f\n');
  });

  it('is root`s for classic, and known by the header it came with, as Docker 28.5 names it', async () => {
    const tar = tarOf({ own: 'f\n' }, OWNED);
    const { tree } = await openTarContext(tar, join(folder, 'files'), 'classic');
    expect(resolvePath(tree, 'own', true).node).toMatchObject({ mode: 0o4751, uid: 0, gid: 0 });
    expect(hashSources(tree, findSources(tree, 'own'), DIALECT_28)).toBe(
      'file:0112577c3bbe4ed0417a54cf6c77c42122db9a851629b957f4fd5f0d94bfe272',
    );
  });

  it('has the folders that it does not name', async () => {
    const { tree, remove } = await openTarContext(tarOf({ 'a/b/c': 'x', top: 'y' }), join(folder, 'files'), 'classic');
    expect(tree.names(tree.root)).toEqual(['a', 'top']);
    remove('top');
    expect(tree.names(tree.root)).toEqual(['a']);
    expect(resolvePath(tree, 'a/b', true).node).toMatchObject({ kind: 'dir', mode: 0o755, implied: true });
  });

  it('writes no name of it to the disk', async () => {
    const tar = tarOf({ 'dir/name-of-a-file': 'x' });
    const staging = join(folder, 'files');
    await openTarContext(tar, staging, 'buildkit');
    expect(readdirSync(staging)).toEqual([expect.stringMatching(/^archive\d+-0$/)]);
  });
});
