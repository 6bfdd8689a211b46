import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { removeTree } from '../../src/store/remove-tree.ts';
import { removeTempFolders, tempFolder } from '../temp-root.ts';

afterEach(removeTempFolders);

describe('removeTree', () => {
  it('removes links and not what they point to', () => {
    const folder = tempFolder();
    mkdirSync(`${folder}/victim`);
    writeFileSync(`${folder}/victim/file`, 'untouched');
    mkdirSync(`${folder}/tree/deep`, { recursive: true });
    symlinkSync('../victim', `${folder}/tree/link`);
    symlinkSync(`${folder}/victim/file`, `${folder}/tree/deep/link`);
    removeTree(`${folder}/tree`);
    expect(readdirSync(folder)).toEqual(['victim']);
    expect(readFileSync(`${folder}/victim/file`, 'utf8')).toBe('untouched');
    symlinkSync('victim', `${folder}/root-link`);
    removeTree(`${folder}/root-link`);
    expect(readdirSync(`${folder}/victim`)).toEqual(['file']);
  });

  it('removes folders that are closed to their owner, and names of any bytes', () => {
    const folder = `${tempFolder()}/tree`;
    mkdirSync(`${folder}/closed/inner`, { recursive: true });
    writeFileSync(Buffer.from(`${folder}/closed/inner/\xff\xfe`, 'latin1'), '');
    chmodSync(`${folder}/closed/inner`, 0o500);
    chmodSync(`${folder}/closed`, 0);
    removeTree(folder);
    expect(lstatSync(folder, { throwIfNoEntry: false })).toBeUndefined();
  });

  it('takes nothing for done', () => {
    expect(() => removeTree(`${tempFolder()}/nothing`)).not.toThrow();
  });
});
