import {
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { toByteString } from '../../src/formats/bytestring.ts';

type Calls = typeof import('../../src/host/quick-calls.ts');
type Files = typeof import('../../src/host/disk-root-files.ts');
type Libc = typeof import('../../src/host/libc.ts');

let folder: string;
const at = (name: string): string => toByteString(join(folder, name));
/** Whether this host has such calls at all: elsewhere all that can be asked is that they say so. */
const has = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerlab-quick-'));
  writeFileSync(join(folder, 'file'), 'h\xe9llo', { encoding: 'latin1', mode: 0o640 });
  utimesSync(join(folder, 'file'), -1.5, -86_400.25);
  linkSync(join(folder, 'file'), join(folder, 'same'));
  writeFileSync(join(folder, 'empty'), '');
  writeFileSync(join(folder, 'new\u00e9'), 'x');
  writeFileSync(join(folder, 'huge'), '');
  truncateSync(join(folder, 'huge'), 5 * 2 ** 32);
  mkdirSync(join(folder, 'folder'), { mode: 0o1700 });
  symlinkSync('file', join(folder, 'link'));
  symlinkSync('nowhere', join(folder, 'dangling'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Each test has the modules anew, as a process has them at its start. */
const load = async (warm: boolean): Promise<{ readonly calls: Calls; readonly files: Files['diskRootFiles'] }> => {
  const libc: Libc = await import('../../src/host/libc.ts');
  if (warm) libc.libcHas('statx');
  const calls: Calls = await import('../../src/host/quick-calls.ts');
  const { diskRootFiles }: Files = await import('../../src/host/disk-root-files.ts');
  return { calls, files: diskRootFiles };
};

beforeEach(() => {
  jest.resetModules();
});

describe('quick calls', () => {
  it('leave the few files of a short command to Node, and begin where there are many', async () => {
    const { calls } = await load(false);
    expect(calls.statQuickly(at('file'))).toBeNull();
    expect(calls.readTextQuickly(at('file'), 100)).toBeNull();
    expect(calls.readFileQuickly(at('file'), 100)).toBeNull();
    expect(calls.readLinkQuickly(at('link'))).toBeNull();
    expect(calls.isQuicklyAbsent(at('none'))).toBe(false);
    for (let i = 0; i < 100; i++) calls.statQuickly(at('file'));
    expect(calls.isQuicklyAbsent(at('none'))).toBe(has);
  });

  if (!has) return;

  it('say of files of all kinds what Node says', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(folder, 'socket'), resolve));
    try {
      const ordinary = (await load(false)).files;
      const names = [
        'file',
        'same',
        'empty',
        'new\u00e9',
        'huge',
        'folder',
        'link',
        'dangling',
        'socket',
        'none',
        'file/x',
      ];
      const paths = [...names.map(at), '/dev/null', '/dev/tty'];
      // First, since it moves the time of access of a link.
      const links = paths.map((path) => ordinary.readlink(path));
      const expected = paths.map((path) => ordinary.lstat(path));
      jest.resetModules();
      const { files } = await load(true);
      expect(paths.map((path) => files.lstat(path))).toEqual(expected);
      expect(paths.map((path) => files.readlink(path))).toEqual(links);
      expect(files.lstat(at('file'))?.mtime).toBe(lstatSync(join(folder, 'file'), { bigint: true }).mtimeNs);
      expect(files.lstat(at('huge'))?.size).toBe(5 * 2 ** 32);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('read files whole, each into bytes of its own', async () => {
    const { calls } = await load(true);
    expect(calls.readTextQuickly(at('file'), 5)).toBe('h\xe9llo');
    const bytes = calls.readFileQuickly(at('file'), 5);
    expect(calls.readFileQuickly(at('empty'), 5)).toEqual(Buffer.alloc(0));
    expect(bytes).toEqual(Buffer.from('h\xe9llo', 'latin1'));
    expect(calls.readTextQuickly(at('empty'), 5)).toBe('');
    expect(calls.readLinkQuickly(at('link'))).toBe('file');
  });

  it('know what is absent', async () => {
    const { calls } = await load(true);
    for (const path of [at('none'), at('none/below')]) {
      expect(calls.statQuickly(path)).toBeUndefined();
      expect(calls.isQuicklyAbsent(path)).toBe(true);
      expect(calls.readTextQuickly(path, 5)).toBeUndefined();
      expect(calls.readFileQuickly(path, 5)).toBeUndefined();
      expect(calls.readLinkQuickly(path)).toBeUndefined();
    }
    expect(calls.readLinkQuickly(at('file'))).toBeUndefined();
  });

  it('list the names of a folder, and of many only those that are asked for', async () => {
    const { calls } = await load(true);
    const many = join(folder, 'many');
    mkdirSync(many);
    // Several times what is read at once; some of them of bytes that are no UTF-8.
    const names = Array.from({ length: 1500 }, (_, i) => `${'n'.repeat(i % 200)}-${i}`);
    for (const name of [...names, 'some-removing', 'removing']) writeFileSync(join(many, name), '');
    writeFileSync(Buffer.from(`${toByteString(many)}/\xff-removing`, 'latin1'), '');
    const ofNode = readdirSync(many, { encoding: 'latin1' });
    expect(ofNode).toHaveLength(1503);
    expect(calls.namesQuickly(at('many'))?.sort()).toEqual(ofNode.sort());
    expect(calls.namesQuickly(at('many'), '-removing')?.sort()).toEqual(['some-removing', '\xff-removing']);
    expect(calls.namesQuickly(at('many'), 'nothing')).toEqual([]);
    expect(calls.namesQuickly(at('many'), '', 1503)).toHaveLength(1503);
    expect(calls.namesQuickly(at('many'), '', 1502)).toBeNull();
    expect(calls.namesQuickly(at('folder'))).toEqual([]);
    expect(calls.namesQuickly(at('none'))).toBeUndefined();
    expect(calls.namesQuickly(at('file'))).toBeNull();
    expect(calls.namesQuickly(at('file/below'))).toBeNull();
  });

  it('leave to Node what is below a file: it is a failure to some of those who ask', async () => {
    const { calls } = await load(true);
    expect(calls.statQuickly(at('file/below'))).toBeNull();
    expect(calls.isQuicklyAbsent(at('file/below'))).toBe(false);
    expect(calls.readTextQuickly(at('file/below'), 5)).toBeNull();
    expect(calls.readFileQuickly(at('file/below'), 5)).toBeNull();
    expect(calls.readLinkQuickly(at('file/below'))).toBeNull();
  });

  it('leave to Node what is too large, no file, behind a link, or no path', async () => {
    const { calls } = await load(true);
    expect(calls.readTextQuickly(at('file'), 4)).toBeNull();
    expect(calls.readFileQuickly(at('file'), 4)).toBeNull();
    expect(calls.readFileQuickly(at('huge'), 1 << 30)).toBeNull();
    expect(calls.readFileQuickly('/dev/zero', 100)).toBeNull();
    for (const path of [at('folder'), at('link'), `${at('file')}\0`, `/${'n'.repeat(300)}`, `/${'n/'.repeat(3000)}`]) {
      expect(calls.readTextQuickly(path, 100)).toBeNull();
      expect(calls.readFileQuickly(path, 100)).toBeNull();
    }
    expect(calls.statQuickly(`${at('file')}\0`)).toBeNull();
    expect(calls.statQuickly(`/${'n'.repeat(300)}`)).toBeNull();
  });
});
