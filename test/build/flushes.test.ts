import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { removeTempFolders, tempFolder } from '../temp-root.ts';

// These run dist/cli.cjs, which `npm test` builds first.
const launcher = join(process.cwd(), 'bin/layerlab.js');

afterEach(removeTempFolders);

/** Writes down each flush that the program asks Node for: of a file, or of a folder's names. */
const HOOK = `
const fs = require('node:fs');
const { fsyncSync } = fs;
fs.fsyncSync = (fd) => {
  fs.appendFileSync(process.env.FLUSHES, fs.fstatSync(fd).isDirectory() ? 'folder ' : 'file ');
  return fsyncSync(fd);
};`;

function building() {
  const folder = tempFolder();
  const context = join(folder, 'context');
  mkdirSync(context);
  writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\nCOPY Dockerfile /\n');
  const [hook, flushes] = [join(folder, 'hook.cjs'), join(folder, 'flushes')];
  writeFileSync(hook, HOOK);
  return (tag: string): readonly string[] => {
    writeFileSync(flushes, '');
    const args = ['--require', hook, launcher, '--data-root', join(folder, 'data'), 'build', '-q', '-t', tag, context];
    const { status, stderr } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      env: { ...process.env, FLUSHES: flushes },
    });
    expect([status, stderr]).toEqual([0, '']);
    return readFileSync(flushes, 'utf8').trim().split(' ');
  };
}

describe('what a build has on the disk when it ends', () => {
  // dockerd 28.5 on `docker tag` (strace): the file of the time is flushed and renamed, no folder is.
  it('is the time of a tagging alone, as dockerd flushes it, where the image has the name already', () => {
    const build = building();
    expect(build('one').filter((kind) => kind === 'folder').length).toBeGreaterThanOrEqual(3);
    expect(build('one')).toEqual(['file']);
  });

  it('is the file of the names and its place for a new name of an image that is there', () => {
    const build = building();
    build('one');
    expect(build('two')).toEqual(['file', 'file', 'folder', 'folder']);
  });
});
