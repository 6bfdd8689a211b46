import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { EarlyFiles } from '../../../src/committer/ahead/early-files.ts';
import type { EarlyWriters, Writers } from '../../../src/committer/ahead/open-writers.ts';
import { placeBatch } from '../../../src/committer/ahead/place-batch.ts';
import { placeEarly } from '../../../src/committer/ahead/place-early.ts';
import type { StreamHash } from '../../../src/committer/hash-thread/stream-hash.ts';
import { PartReader } from '../../../src/committer/part-reader.ts';
import { DIALECT_28 } from '../../../src/committer/tar-dialect.ts';
import { type WriteChangeOptions, writeChange, writeChangeAhead } from '../../../src/committer/write-change.ts';
import { writeEarly } from '../../../src/committer/write-early.ts';
import { unpackArchive } from '../../../src/executor/copy/add-archive.ts';
import { loadCrc64 } from '../../../src/formats/crc64.ts';
import { encodeTarHeader, NO_XATTRS, TAR_END, type TarEntry, tarPadding } from '../../../src/formats/tar-header.ts';
import { ChangeTree } from '../../../src/snapshot/change-tree.ts';
import { emptyTree } from '../../../src/snapshot/empty-tree.ts';

const NOW = 1_445_412_480n * 1_000_000_000n;

/** An entry of an archive; a regular file of root's unless told. */
export interface Entry extends Partial<TarEntry> {
  readonly name: string;
  readonly content?: string;
}

export function tarOf(entries: readonly Entry[]): Buffer {
  const parts = entries.flatMap(({ content = '', ...entry }) => {
    const bytes = Buffer.from(content);
    const header = encodeTarHeader({
      ...{ type: '0', mode: entry.type === '5' ? 0o755 : 0o644, uid: 0, gid: 0, mtime: 1_400_000_000, linkname: '' },
      ...{ uname: '', gname: '', devmajor: 0, devminor: 0, xattrs: NO_XATTRS, size: bytes.length },
      ...entry,
    });
    return [header, bytes, tarPadding(bytes.length)];
  });
  return Buffer.concat([...parts, TAR_END]);
}

export interface Form {
  readonly faithful: boolean;
  readonly asFromTar?: boolean;
  readonly latestTime?: bigint;
  readonly gzip?: boolean;
  /** Has the layer hashed from the archive by this, while the files are on their way. */
  readonly hash?: () => StreamHash;
  /** Has one of these read the archive for who hashes. */
  readonly readers?: Pick<Writers, 'read'>;
  /** Called when the archive is read, before its layer is made. */
  readonly meanwhile?: () => void;
}

/** What unpacking came to: the layer, all that lies on the disk, and what was placed while the archive was read. */
export interface Unpacked {
  readonly layer: unknown;
  readonly files: unknown;
}

export interface BothWays {
  readonly twoPasses: Unpacked;
  readonly early: Unpacked;
  /** The files that were placed early and stayed; undefined where nothing could stay. */
  readonly kept: readonly string[] | undefined;
}

/** Unpacks an archive as it was before files were placed early, and with that. */
export async function unpackBothWays(folder: string, tar: Buffer, form: Form): Promise<BothWays> {
  const archive = join(folder, 'archive');
  writeFileSync(archive, form.gzip === true ? gzipSync(tar) : tar);
  const twoPasses = await settle(folder, async () => {
    const tree = await unpack(folder, archive, undefined);
    return writeChange(tree, await optionsOf(folder, form));
  });
  let kept: string[] | undefined;
  const early = await settle(folder, async () => {
    const writers = await writersOf();
    const { diff, faithful, latestTime, asFromTar } = await optionsOf(folder, form);
    const names = new Set<string>();
    const files = new EarlyFiles(
      {
        ...writers,
        early: (batch) => writers.early(batch).finally(() => batch.names.split('\0').map((n) => names.add(n))),
      },
      { diff, faithful, latestTime, asFromTar },
    );
    const tree = await unpack(folder, archive, files);
    form.meanwhile?.();
    if (form.hash !== undefined && files.fits(tree)) {
      const layer = await writeEarly(tree, await optionsOf(folder, form), files, form.readers, form.hash());
      if (layer === undefined) throw new Error('nothing was hashed from the archive');
      kept = [...names].filter((name) => files.has(name)).sort();
      return layer;
    }
    if (await files.keep(tree)) {
      kept = [...names].filter((name) => files.has(name)).sort();
      return writeChangeAhead(tree, await optionsOf(folder, form), writers, { early: files });
    }
    rmSync(diff, { recursive: true });
    mkdirSync(diff);
    return writeChange(tree, await optionsOf(folder, form));
  });
  return { twoPasses, early, kept };
}

async function settle(folder: string, work: () => Promise<object>): Promise<Unpacked> {
  for (const name of ['diff', 'staging']) {
    rmSync(join(folder, name), { recursive: true, force: true });
    mkdirSync(join(folder, name));
  }
  try {
    return { layer: await work(), files: list(join(folder, 'diff')) };
  } catch (error) {
    return { layer: String(error), files: undefined };
  }
}

async function unpack(folder: string, archive: string, early: EarlyFiles | undefined): Promise<ChangeTree> {
  const tree = new ChangeTree(emptyTree(NOW), () => NOW);
  const staging = join(folder, 'staging');
  await unpackArchive(tree, archive, { staging, owner: undefined, now: () => NOW, asParts: true, early }, []);
  return tree;
}

async function optionsOf(folder: string, { faithful, asFromTar, latestTime }: Form): Promise<WriteChangeOptions> {
  return {
    ...{ diff: join(folder, 'diff'), faithful, dialect: DIALECT_28, crc: (await loadCrc64())() },
    ...{ latestTime, asFromTar: asFromTar === true },
  };
}

/** What the threads do, a moment later in this one. */
async function writersOf(): Promise<EarlyWriters> {
  const crc = (await loadCrc64())();
  const parts = new PartReader();
  const later = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    depth: 2,
    place: async (batch) => {
      await later();
      placeBatch(batch, () => false);
    },
    early: async (batch) => {
      await later();
      placeEarly(batch, crc, parts, () => false);
    },
    read: async () => undefined,
    remove: () => undefined,
    close: async () => undefined,
  };
}

/** All that lies in a folder, with what a layer holds of it. What is read moves times, so these come first. */
function list(folder: string): unknown[] {
  const links = new Map<bigint, string>();
  const walk = (prefix: string): { readonly row: readonly string[]; readonly path: string }[] =>
    readdirSync(join(folder, prefix), { encoding: 'latin1', withFileTypes: true })
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap(({ name }) => {
        const own = `${prefix}${name}`;
        const path = join(folder, own);
        const stat = lstatSync(path, { bigint: true });
        const first = links.get(stat.ino) ?? own;
        links.set(stat.ino, first);
        const times = [stat.mtimeNs, stat.atimeNs];
        const row = [own, first, stat.mode.toString(8), stat.uid, stat.gid, ...times, stat.nlink, stat.rdev].map(
          String,
        );
        return [{ row, path }, ...(stat.isDirectory() ? walk(`${own}/`) : [])];
      });
  return walk('').map(({ row, path }) => [...row, contentOf(path)]);
}

function contentOf(path: string): string {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return readlinkSync(path);
  return stat.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : '';
}
