import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const SOURCE = new URL('../../src/transports/', import.meta.url).pathname;

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? sources(`${folder}${entry.name}/`) : [`${folder}${entry.name}`],
  );
}

describe('T14: decompressors are never programs (GHSA-x86f-5xw2-fm2r)', () => {
  it('nothing that reads archives can start a process', () => {
    const files = sources(SOURCE).filter((file) => !file.startsWith(`${SOURCE}git/`));
    expect(files.length).toBeGreaterThan(8);
    for (const file of files)
      expect(readFileSync(file, 'utf8')).not.toMatch(/child_process|worker_threads|process\.binding/);
  });

  it('only what fetches repositories comes near the one that runs git, and it reads no archive', () => {
    const near = sources(SOURCE).filter((file) => /from '\.\/(?:git\/|run-git)/.test(readFileSync(file, 'utf8')));
    expect(near.map((file) => file.slice(SOURCE.length)).sort()).toEqual([
      'git-source.ts',
      'git/classic-clone.ts',
      'git/keep-git-dir.ts',
    ]);
    for (const file of sources(`${SOURCE}git/`))
      expect(readFileSync(file, 'utf8')).not.toMatch(/decompress|tar-reader/);
  });
});
