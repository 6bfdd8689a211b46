import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FileBatch } from '../../../src/committer/ahead/file-batch.ts';
import { placeBatch } from '../../../src/committer/ahead/place-batch.ts';
import type { LayerResult } from '../../../src/committer/layer-result.ts';
import { DIALECT_28 } from '../../../src/committer/tar-dialect.ts';
import { type WriteChangeOptions, writeChange, writeChangeAhead } from '../../../src/committer/write-change.ts';
import { unpackArchive } from '../../../src/executor/copy/add-archive.ts';
import { loadCrc64 } from '../../../src/formats/crc64.ts';
import { ChangeTree } from '../../../src/snapshot/change-tree.ts';
import { emptyTree } from '../../../src/snapshot/empty-tree.ts';

const NOW = 1_445_412_480n * 1_000_000_000n;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerlab-parts-'));
  for (const name of ['staging', 'diff']) mkdirSync(join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What lies in the archive: sizes around those of a block and of a buffer, a name that needs a PAX header, two names of one file. */
const contents = new Map([
  ['empty', Buffer.alloc(0)],
  ['one', Buffer.from('1')],
  ['block', Buffer.alloc(512, 'b')],
  ['more', Buffer.alloc(513, 'm')],
  ['large', Buffer.from(Array.from({ length: 600_001 }, (_, i) => (i * i) >> 7))],
  [`dir/${'long-'.repeat(30)}name`, Buffer.from('of a long name')],
  ['last', Buffer.from('the last one')],
]);

/** By the tar program of this host: headers that are not our own. */
function makeTar(): string {
  const source = join(folder, 'source');
  for (const [name, content] of contents) {
    mkdirSync(join(source, name, '..'), { recursive: true });
    writeFileSync(join(source, name), content);
  }
  execFileSync('ln', [join(source, 'more'), join(source, 'other')]);
  const tar = join(folder, 'archive');
  execFileSync('tar', ['--format=posix', '-C', source, '-cf', tar, ...contents.keys(), 'other']);
  rmSync(source, { recursive: true });
  return tar;
}

async function unpack(tar: string, asParts = true): Promise<ChangeTree> {
  const tree = new ChangeTree(emptyTree(NOW), () => NOW);
  const adder = { staging: join(folder, 'staging'), owner: undefined, now: () => NOW, asParts };
  await unpackArchive(tree, tar, adder, []);
  return tree;
}

async function optionsOf(diff: string): Promise<WriteChangeOptions> {
  return {
    diff: join(folder, diff),
    faithful: false,
    dialect: DIALECT_28,
    crc: (await loadCrc64())(),
    latestTime: undefined,
    asFromTar: false,
  };
}

async function write(tree: ChangeTree, diff = 'diff'): Promise<LayerResult> {
  return writeChange(tree, await optionsOf(diff));
}

/** By what the threads do, a moment later in this one. */
async function writeAhead(tree: ChangeTree, batches: FileBatch[] = []): Promise<LayerResult> {
  const place = async (batch: FileBatch): Promise<void> => {
    batches.push(batch);
    await new Promise((resolve) => setImmediate(resolve));
    placeBatch(batch, () => false);
  };
  return writeChangeAhead(tree, await optionsOf('diff'), {
    depth: 2,
    place,
    read: async () => undefined,
    remove: () => undefined,
    close: async () => undefined,
  });
}

function expectContents(): void {
  for (const [name, content] of [...contents, ['other', contents.get('more')] as const]) {
    expect(readFileSync(join(folder, 'diff', name)).equals(content ?? Buffer.alloc(0))).toBe(true);
  }
}

describe('the contents of an archive that ADD unpacks', () => {
  it('are read from a plain tar where they lie', async () => {
    const tree = await unpack(makeTar());
    expect(readdirSync(join(folder, 'staging'))).toEqual([]);
    await write(tree);
    expectContents();
  });

  it('are read from one file where the tar is compressed', async () => {
    const tar = makeTar();
    writeFileSync(tar, gzipSync(readFileSync(tar)));
    const tree = await unpack(tar);
    expect(readdirSync(join(folder, 'staging'))).toEqual([expect.stringMatching(/^archive\d+$/)]);
    await write(tree);
    expectContents();
  });

  it('give the layer that they give in a file each', async () => {
    const tar = makeTar();
    const whole = await write(await unpack(tar));
    mkdirSync(join(folder, 'again'));
    const { diffId, contentSize, diskSize } = await write(await unpack(tar, false), 'again');
    expect(whole).toMatchObject({ diffId, contentSize, diskSize });
  });

  it('are read from the archive by the threads that copy small files, too', async () => {
    const tar = makeTar();
    const { diffId, diskSize } = await write(await unpack(tar, false));
    rmSync(join(folder, 'diff'), { recursive: true });
    mkdirSync(join(folder, 'diff'));
    const batches: FileBatch[] = [];
    expect(await writeAhead(await unpack(tar), batches)).toMatchObject({ diffId, diskSize });
    // Not the empty one, the large one, and the one of two names.
    expect(batches.map(({ part, paths }) => [part?.path, paths.split('\0').length / 2])).toEqual([[tar, 4]]);
    expectContents();
    expect(statSync(join(folder, 'diff/more')).ino).toBe(statSync(join(folder, 'diff/other')).ino);
  });

  it('are refused where the archive changed before those threads read it', async () => {
    const tar = makeTar();
    const tree = await unpack(tar);
    appendFileSync(tar, 'more');
    await expect(writeAhead(tree)).rejects.toMatchObject({ code: 'LL_CONTEXT' });
  });

  it('are refused where the archive grew before they were read', async () => {
    const tar = makeTar();
    const tree = await unpack(tar);
    appendFileSync(tar, 'more');
    await expect(write(tree)).rejects.toMatchObject({ code: 'LL_CONTEXT' });
  });

  it('are refused where the archive was cut before they were read', async () => {
    const tar = makeTar();
    const tree = await unpack(tar);
    truncateSync(tar, 4096);
    await expect(write(tree)).rejects.toMatchObject({ code: 'LL_CONTEXT' });
  });

  it('are refused where another file took the place of the archive', async () => {
    const tar = makeTar();
    const tree = await unpack(tar);
    const bytes = readFileSync(tar);
    writeFileSync(`${tar}.new`, bytes.fill('x', 1024));
    execFileSync('mv', [`${tar}.new`, tar]);
    await expect(write(tree)).rejects.toMatchObject({ code: 'LL_CONTEXT' });
  });

  it('are refused where the archive breaks off', async () => {
    const tar = makeTar();
    truncateSync(tar, 4096);
    await expect(unpack(tar)).rejects.toMatchObject({ code: 'LL_TAR' });
  });
});

describe('a large content of a plain archive', () => {
  const at = (tar: string, name: string): number => readFileSync(tar).indexOf(contents.get(name) as Buffer);

  it.each([
    ['within what is passed over', (tar: string) => at(tar, 'large') + 500_000, 'LL_TAR'],
    ['at its last byte', (tar: string) => at(tar, 'large') + 600_000, 'LL_TAR'],
  ])('is missed where the archive breaks off %s', async (_, end, code) => {
    const tar = makeTar();
    truncateSync(tar, end(tar));
    await expect(unpack(tar)).rejects.toMatchObject({ code });
  });

  it('may be the last of an archive that has no end, and no padding', async () => {
    const tar = makeTar();
    truncateSync(tar, at(tar, 'large') + 600_001);
    await write(await unpack(tar));
    expect(readFileSync(join(folder, 'diff', 'large')).equals(contents.get('large') as Buffer)).toBe(true);
  });

  it('is not taken for there where its header says more than the archive holds', async () => {
    const tar = makeTar();
    const bytes = readFileSync(tar);
    const header = bytes.lastIndexOf('large', at(tar, 'large')) & ~511;
    // 8 GiB less a byte: the most that eleven octal digits say.
    bytes.write('77777777777', header + 124, 'latin1');
    const sum = bytes
      .subarray(header, header + 512)
      .reduce((all, byte, i) => all + (i >= 148 && i < 156 ? 32 : byte), 0);
    bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, header + 148, 'latin1');
    writeFileSync(tar, bytes);
    await expect(unpack(tar)).rejects.toMatchObject({ code: 'LL_TAR' });
  });
});

describe('the sha256 of an archive that is unpacked', () => {
  const digest = async (tar: string): Promise<string | undefined> => {
    const tree = new ChangeTree(emptyTree(NOW), () => NOW);
    const adder = { staging: join(folder, 'staging'), owner: undefined, now: () => NOW, asParts: true, isHashed: true };
    return unpackArchive(tree, tar, adder, []);
  };
  const asked = (tar: string): string => execFileSync('sha256sum', [tar], { encoding: 'utf8' }).slice(0, 64);

  it('is that of its bytes, compressed as they are', async () => {
    const tar = makeTar();
    expect(await digest(tar)).toBe(asked(tar));
    writeFileSync(tar, gzipSync(readFileSync(tar)));
    expect(await digest(tar)).toBe(asked(tar));
  });

  it('takes in what follows the end of the tar', async () => {
    const tar = makeTar();
    appendFileSync(tar, Buffer.alloc(3_000_000, 'x'));
    expect(await digest(tar)).toBe(asked(tar));
  });
});
