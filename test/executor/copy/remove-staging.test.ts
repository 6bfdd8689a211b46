import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { removeStaging } from '../../../src/executor/copy/remove-staging.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerlab-staging-'));
  mkdirSync(join(folder, 'add/deeper'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the folder that archives were unpacked into', () => {
  it('goes with all that is in it, and leaves no name beside it', () => {
    writeFileSync(join(folder, 'kept'), 'kept');
    truncateSync(join(folder, 'kept'), 32 << 20);
    for (const name of ['archive1', 'archive2', 'small', 'deeper/archive'])
      writeFileSync(join(folder, 'add', name), name);
    for (const name of ['archive1', 'archive2', 'deeper/archive']) truncateSync(join(folder, 'add', name), 32 << 20);
    symlinkSync(join(folder, 'kept'), join(folder, 'add/link'));
    removeStaging(join(folder, 'add'), join(folder, 'aside'));
    expect(readdirSync(folder)).toEqual(['kept']);
  });

  it('goes where nothing can be moved out of it', () => {
    writeFileSync(join(folder, 'add/archive1'), '');
    truncateSync(join(folder, 'add/archive1'), 32 << 20);
    removeStaging(join(folder, 'add'), join(folder, 'not there/aside'));
    expect(existsSync(join(folder, 'add'))).toBe(false);
  });

  it('need not be there', () => {
    expect(() => removeStaging(join(folder, 'none'), join(folder, 'aside'))).not.toThrow();
  });
});
