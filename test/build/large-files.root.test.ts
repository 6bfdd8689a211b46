import { spawnSync } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Lab } from './lab.ts';

const MIB = 1 << 20;
/** Read into the ring, and written and hashed by two threads where processors are idle, in one thread elsewhere. */
const LARGE = 30 * MIB + 12_345;
/** Goes through the threads that a large file has begun. */
const NEXT = 5 * MIB + 1;

// Needs root: owners, a small file system.
describe('large files', () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
  });
  afterEach(() => {
    spawnSync('umount', ['-l', join(lab.home, 'small')]);
    lab.remove();
  });

  const write = (name: string, size: number): Buffer => {
    const content = randomFillSync(Buffer.alloc(size));
    mkdirSync(join(lab.context, 'files'), { recursive: true });
    writeFileSync(join(lab.context, name), content);
    return content;
  };
  const diff = (): string => {
    const overlay = join(lab.dataRoot, 'overlay2');
    const found = readdirSync(overlay).find((id) => id !== 'l' && existsSync(join(overlay, id, 'diff')));
    return join(overlay, found ?? '', 'diff');
  };
  const diffIds = (image: string): string[] => JSON.parse(lab.ok(['inspect', image]))[0].RootFS.Layers;

  // The classic builder keeps no special bits of a file.
  it.each([
    ['buildkit', 0o104755],
    ['classic', 0o100755],
  ])('stand in their places as they were, and hash to their layer (%s)', (builder, mode) => {
    const contents = new Map(
      (
        [
          ['files/a', LARGE],
          ['files/b', 100],
          ['files/c', NEXT],
          ['files/d', LARGE],
        ] as const
      ).map(([name, size]) => [name, write(name, size)]),
    );
    for (const name of contents.keys()) {
      chmodSync(join(lab.context, name), 0o4755);
      utimesSync(join(lab.context, name), 1_600_000_000, 1_600_000_000);
    }
    lab.write('Dockerfile', 'FROM scratch\nCOPY files /files\n');
    lab.build(['-t', 'large', '--no-cache', '--builder', builder]);
    for (const [name, content] of contents) {
      const path = join(diff(), name);
      expect(readFileSync(path).equals(content)).toBe(true);
      expect(statSync(path)).toMatchObject({ mode, uid: 0, gid: 0, mtimeMs: 1_600_000_000_000 });
    }
    // The tar is made of what lies on the disk, and of the headers: its digest is that of what was hashed.
    lab.ok(['save', '-o', join(lab.home, 'large.tar'), 'large']);
    spawnSync('tar', ['-xf', join(lab.home, 'large.tar'), '-C', lab.home]);
    const manifest = JSON.parse(readFileSync(join(lab.home, 'manifest.json'), 'utf8'));
    const layer = readFileSync(join(lab.home, manifest[0].Layers[0]));
    expect(diffIds('large')).toEqual([`sha256:${createHash('sha256').update(layer).digest('hex')}`]);
  });

  it('of an archive stand in their places as they were', () => {
    const contents = new Map(
      ['files/a', 'files/b'].map((name, index) => [name, write(name, index === 0 ? LARGE : NEXT)]),
    );
    const archive = join(lab.context, 'large.tar.gz');
    expect(spawnSync('tar', ['-czf', archive, '-C', lab.context, 'files']).status).toBe(0);
    lab.write('Dockerfile', 'FROM scratch\nADD large.tar.gz /\n');
    lab.build(['-t', 'large', '--no-cache']);
    for (const [name, content] of contents) expect(readFileSync(join(diff(), name)).equals(content)).toBe(true);
  });

  it('that do not fit on the disk are said to, and leave nothing', () => {
    const small = join(lab.home, 'small');
    mkdirSync(small);
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=20m', 'tmpfs', small]).status).toBe(0);
    const dataRoot = join(small, 'root');
    write('large', LARGE);
    lab.write('Dockerfile', 'FROM scratch\nCOPY large /large\n');
    const full = lab.run(['build', '--no-cache', '-t', 'large', lab.context], { dataRoot });
    expect(full.status).toBe(8);
    expect(full.stderr).toContain('LL_NO_SPACE');
    expect(full.stderr).toContain('ENOSPC: no space left on device');
    expect(readdirSync(join(dataRoot, 'overlay2'))).toEqual(['l']);
    expect(readdirSync(join(dataRoot, 'overlay2/l'))).toEqual([]);
    expect(readdirSync(join(dataRoot, 'layerlab/tmp'))).toEqual([]);
  });

  it.each([
    ['is not there', 'COPY large missing /to/', /"\/missing": not found/],
    ['leads to itself', 'COPY large loop /to/', /loop/],
  ])('one of which %s are refused where it is copied', (_, line, message) => {
    write('large', LARGE);
    expect(spawnSync('ln', ['-s', 'loop', join(lab.context, 'loop')]).status).toBe(0);
    lab.write('Dockerfile', `FROM scratch\n${line}\n`);
    const failed = lab.run(['build', '--no-cache', lab.context]);
    expect(failed.status).not.toBe(0);
    expect(failed.stderr).toMatch(message);
    expect(failed.stderr).toContain(`>>> ${line}`);
  });
});
