import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  forgetVolatile,
  mountOverlay,
  mountPointsBelow,
  parseMountPoints,
  unmount,
  unmountAside,
  unmountBelow,
} from '../../src/host/overlay-mount.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerlab-overlay-'));
});
afterAll(() => {
  unmountBelow(folder);
  rmSync(folder, { recursive: true, force: true });
});

/** Folders of an overlay of n lowers, the i-th of which holds a file i. */
function folders(root: string, n: number) {
  const lowers = Array.from({ length: n }, (_, i) => join(root, 'x'.repeat(64) + i, 'diff'));
  const rest = { upper: join(root, 'upper'), work: join(root, 'work'), merged: join(root, 'merged') };
  for (const path of [...lowers, ...Object.values(rest)]) mkdirSync(path, { recursive: true });
  for (const [i, lower] of lowers.entries()) {
    writeFileSync(join(lower, `f${i}`), '');
    writeFileSync(join(lower, 'nearest'), `${i}`);
  }
  return { lowers, ...rest };
}

describe('mountOverlay', () => {
  it('shows the nearest lower and keeps a change in upper', () => {
    const overlay = folders(join(folder, 'a'), 2);
    mountOverlay(overlay);
    try {
      expect(readFileSync(join(overlay.merged, 'nearest'), 'utf8')).toBe('0');
      rmSync(join(overlay.merged, 'f1'));
    } finally {
      unmount(overlay.merged);
    }
    expect(lstatSync(join(overlay.upper, 'f1')).isCharacterDevice()).toBe(true);
    expect(readdirSync(overlay.merged)).toEqual([]);
  });

  it('leaves the same folders where it was volatile, and can be mounted again', () => {
    const overlay = folders(join(folder, 'volatile'), 1);
    for (const name of ['one', 'two']) {
      mountOverlay({ ...overlay, volatile: true });
      try {
        writeFileSync(join(overlay.merged, name), name);
      } finally {
        unmount(overlay.merged);
        forgetVolatile(overlay.work);
      }
    }
    expect(readdirSync(overlay.upper)).toEqual(['one', 'two']);
    expect(readdirSync(overlay.work)).toEqual(['work']);
    expect(readdirSync(join(overlay.work, 'work'))).toEqual([]);
    // What was not volatile has nothing to be taken away.
    forgetVolatile(overlay.work);
    forgetVolatile(overlay.upper);
  });

  it('takes 128 lowers below a long data-root', () => {
    const overlay = folders(join(folder, 'long-'.repeat(20)), 128);
    mountOverlay(overlay);
    try {
      expect(readdirSync(overlay.merged)).toHaveLength(129);
      expect(readFileSync(join(overlay.merged, 'nearest'), 'utf8')).toBe('0');
      writeFileSync(join(overlay.merged, 'new'), '');
    } finally {
      unmount(overlay.merged);
    }
    expect(readdirSync(overlay.upper)).toEqual(['new']);
  });

  it('takes names with characters that mean something in the options', () => {
    const overlay = folders(join(folder, 'a:b,c\\d'), 2);
    mountOverlay(overlay);
    try {
      expect(readFileSync(join(overlay.merged, 'nearest'), 'utf8')).toBe('0');
      expect(mountPointsBelow(join(folder, 'a:b,c\\d'))).toEqual([overlay.merged]);
    } finally {
      unmount(overlay.merged);
    }
  });

  it('says why it failed', () => {
    const overlay = folders(join(folder, 'missing'), 1);
    expect(() => mountOverlay({ ...overlay, merged: join(folder, 'nowhere') })).toThrow(/ENOENT/);
  });
});

describe('unmount', () => {
  it('detaches a mount that is in use', () => {
    const overlay = folders(join(folder, 'busy'), 1);
    mountOverlay(overlay);
    const fd = openSync(join(overlay.merged, 'f0'), 'r');
    try {
      unmount(overlay.merged);
      expect(mountPointsBelow(overlay.merged)).toEqual([]);
    } finally {
      closeSync(fd);
    }
    rmSync(join(folder, 'busy'), { recursive: true });
    expect(existsSync(overlay.merged)).toBe(false);
  });

  it('does nothing where nothing is mounted', () => {
    expect(() => unmount(folder)).not.toThrow();
    expect(() => unmount(join(folder, 'no'))).not.toThrow();
  });
});

describe('unmountAside', () => {
  it('takes a mount away, while this thread goes on', async () => {
    const overlay = folders(join(folder, 'aside'), 1);
    mountOverlay(overlay);
    const gone = unmountAside(overlay.merged);
    writeFileSync(join(folder, 'meanwhile'), '');
    await gone;
    expect(mountPointsBelow(overlay.merged)).toEqual([]);
  });

  it('detaches a mount that is in use, and does nothing where there is none', async () => {
    const overlay = folders(join(folder, 'busy-aside'), 1);
    mountOverlay(overlay);
    const fd = openSync(join(overlay.merged, 'f0'), 'r');
    try {
      await unmountAside(overlay.merged);
      expect(mountPointsBelow(overlay.merged)).toEqual([]);
    } finally {
      closeSync(fd);
    }
    await expect(unmountAside(folder)).resolves.toBeUndefined();
    await expect(unmountAside(join(folder, 'no'))).resolves.toBeUndefined();
  });
});

describe('parseMountPoints', () => {
  it('resolves the octal escapes of the kernel, innermost first', () => {
    const text = '22 1 254:0 / / rw - ext4 /dev/vda rw\n40 22 0:41 / /a\\040b\\134c rw - overlay overlay rw\n';
    expect(parseMountPoints(text)).toEqual(['/a b\\c', '/']);
  });
});
