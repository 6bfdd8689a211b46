import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readBytes } from '../../src/committer/copy-bytes.ts';
import { readSource } from '../../src/executor/copy/read-source.ts';

// T07: between the look at a source and its reading, somebody puts another file in its place.
describe('T07: a source that was swapped after it was looked at', () => {
  let root: string;
  let path: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'layerlab-t07-'));
    path = join(root, 'source');
    writeFileSync(join(root, 'secret'), 'of the host');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('is refused where it is a link now', () => {
    symlinkSync(join(root, 'secret'), path);
    const seen: Buffer[] = [];
    expect(() => readBytes(path, 11, (chunk) => seen.push(Buffer.from(chunk)))).toThrow('ELOOP');
    expect(() => [...readSource(path)]).toThrow('ELOOP');
    expect(seen).toEqual([]);
  });

  it('does not hang where it is a fifo now', () => {
    expect(spawnSync('mkfifo', [path]).status).toBe(0);
    expect(() => readBytes(path, 11, () => undefined)).toThrow('became shorter');
  });
});
