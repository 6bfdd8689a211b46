import { type ByteString, fromByteString } from '../../formats/bytestring.ts';
import { type Crc64, loadCrc64 } from '../../formats/crc64.ts';
import { openSha256 } from '../../formats/sha256.ts';
import {
  decompressTarSplit,
  parseTarSplit,
  type TarSplitEntry,
  tarSplitHeaders,
} from '../../formats/tar-split-reader.ts';
import { ioError } from '../../host/io-error.ts';
import type { RootFile, RootFiles } from '../../host/root-files.ts';
import type { DamageId } from './damage-catalogue.ts';
import { layerFileOpener } from './layer-file-opener.ts';

/** A layer whose every byte is to be read. */
export interface LayerJob {
  /** Its name in layerdb. */
  readonly layer: string;
  readonly diffId: string;
  readonly tarSplit: ByteString;
  readonly diff: ByteString;
  /** What its `size` file says; undefined where that says nothing. */
  readonly size: number | undefined;
}

/** Plain data: it crosses from one thread to another. */
export interface LayerVerdict {
  readonly layer: string;
  readonly faults: readonly LayerFault[];
}

export interface LayerFault {
  readonly id: DamageId | 'unreadable';
  readonly where: ByteString;
  readonly detail: string;
  readonly expected?: string;
}

const CHUNK = 1 << 20;
const SMALL = 64 << 20;
/** More files than this of one layer are only counted. */
const SHOWN = 10;

/**
 * Puts the tar of a layer together from its tar-split and its files, and compares every checksum, the digest and the size.
 * `onBytes` is told of what was read. Never throws for what it finds.
 */
export async function verifyLayer(
  files: RootFiles,
  job: LayerJob,
  onBytes: (count: number) => void,
): Promise<LayerVerdict> {
  const crc = (await loadCrc64())();
  const faults: LayerFault[] = [];
  let text: Buffer;
  try {
    text = decompressTarSplit(readWhole(files, job.tarSplit));
    const { digest, sums } = readLayer(files, job, parseTarSplit(text), crc, faults, onBytes);
    if (faults.length === 0 && digest !== job.diffId) {
      const detail = `its tar has the digest ${digest.slice(7, 19)}, not ${job.diffId.slice(7, 19)}`;
      faults.push({ id: 'diff-id-wrong', where: job.diff, detail });
    }
    checkSize(files, job, text, sums, faults);
  } catch (error) {
    const known = ioError(error, 'reading a layer');
    if (known.code === 'LL_NO_RIGHT' || known.code === 'LL_IO') faults.push(ioFault(job.tarSplit, error));
    else faults.push({ id: 'tar-split-corrupt', where: job.tarSplit, detail: known.message });
  }
  return { layer: job.layer, faults: cut(faults, job) };
}

function readLayer(
  files: RootFiles,
  job: LayerJob,
  entries: Iterable<TarSplitEntry>,
  crc: Crc64,
  faults: LayerFault[],
  onBytes: (count: number) => void,
): { readonly digest: string; readonly sums: number } {
  const open = layerFileOpener(files, job.diff);
  const buffer = Buffer.allocUnsafe(CHUNK);
  const hash = openSha256();
  let sums = 0;
  for (const entry of entries) {
    if (entry.kind === 'segment') {
      hash.update(entry.bytes);
      continue;
    }
    sums += entry.size;
    if (entry.size === 0) continue;
    const where = `${job.diff}/${entry.name}`;
    let file: RootFile | undefined;
    try {
      file = open(entry.name);
      if (file === undefined) {
        faults.push({ id: 'content-missing', where, detail: 'is in the layer, and not on the disk' });
        continue;
      }
      if (file.size !== entry.size) {
        const detail = `has ${file.size} bytes, and had ${entry.size}`;
        faults.push({ id: 'content-changed', where, detail });
        continue;
      }
      crc.init();
      let at = 0;
      while (at < entry.size) {
        const count = file.read(buffer, at);
        if (count === 0) break;
        const chunk = buffer.subarray(0, Math.min(count, entry.size - at));
        crc.update(chunk);
        hash.update(chunk);
        at += chunk.length;
        onBytes(chunk.length);
      }
      if (at !== entry.size) {
        const detail = `has ${at} bytes, and had ${entry.size}`;
        faults.push({ id: 'content-changed', where, detail });
      } else if (entry.crc === undefined || !crc.digest().equals(entry.crc)) {
        faults.push({ id: 'content-changed', where, detail: 'has other bytes than it had' });
      }
    } catch (error) {
      faults.push(
        ioError(error, '').code === 'LL_CORRUPT'
          ? { id: 'content-missing', where, detail: 'is no regular file any more' }
          : ioFault(where, error),
      );
    } finally {
      file?.close();
    }
  }
  return { digest: `sha256:${hash.digest()}`, sums };
}

/** BuildKit counts the contents of files, everything else also the texts of links: both are right. */
function checkSize(files: RootFiles, job: LayerJob, text: Buffer, sums: number, faults: LayerFault[]): void {
  if (faults.some(({ id }) => id !== 'diff-id-wrong')) return;
  if (job.size === sums || job.size === sums + linkTexts(text) || job.size === diskSize(files, job.diff)) return;
  const where = job.tarSplit.replace(/[^/]*$/, 'size');
  faults.push({
    id: 'size-wrong',
    where,
    detail: `says ${job.size}, and the files have ${sums}`,
    expected: String(sums),
  });
}

function linkTexts(text: Buffer): number {
  let length = 0;
  for (const header of tarSplitHeaders(parseTarSplit(text))) if (header.type === '2') length += header.linkname.length;
  return length;
}

/**
 * The size that dockerd records for a layer: contents alone for a snapshot of BuildKit's, else the texts of links too.
 * From tar-split, or from the disk where that cannot be read.
 */
export function deriveSize(files: RootFiles, tarSplit: ByteString, diff: ByteString): number {
  try {
    const text = decompressTarSplit(readWhole(files, tarSplit));
    let sums = 0;
    for (const entry of parseTarSplit(text)) sums += entry.kind === 'file' ? entry.size : 0;
    const isBuildkit = /\/[0-9a-z]{25}\/diff$/.test(diff);
    return isBuildkit ? sums : sums + linkTexts(text);
  } catch {
    return diskSize(files, diff);
  }
}

/** What dockerd counts where it extracts a layer: every file once, links by their texts (moby pkg/directory Size). */
function diskSize(files: RootFiles, dir: ByteString, seen: Set<string> = new Set()): number {
  let size = 0;
  for (const name of files.names(dir) ?? []) {
    const path = `${dir}/${name}`;
    const stat = files.lstat(path);
    if (stat === undefined || (stat.inode !== '' && seen.has(stat.inode))) continue;
    if (stat.inode !== '') seen.add(stat.inode);
    if (stat.kind === 'dir') size += diskSize(files, path, seen);
    else size += stat.kind === 'symlink' ? (files.readlink(path)?.length ?? 0) : stat.size;
  }
  return size;
}

function readWhole(files: RootFiles, path: ByteString): Buffer {
  const file = files.open(path);
  if (file === undefined) return Buffer.alloc(0);
  try {
    const bytes = Buffer.alloc(Math.min(file.size, SMALL * 4));
    for (let done = 0; done < bytes.length; ) {
      const count = file.read(bytes.subarray(done), done);
      if (count === 0) return bytes.subarray(0, done);
      done += count;
    }
    return bytes;
  } finally {
    file.close();
  }
}

function ioFault(where: ByteString, error: unknown): LayerFault {
  const known = ioError(error, `reading ${fromByteString(where)}`);
  return known.code === 'LL_NO_RIGHT'
    ? { id: 'unreadable', where, detail: 'permission denied' }
    : { id: 'read-failed', where, detail: known.message };
}

function cut(faults: readonly LayerFault[], job: LayerJob): readonly LayerFault[] {
  if (faults.length <= SHOWN) return faults;
  const [first] = faults;
  const rest = faults.length - SHOWN;
  const more = { id: first?.id ?? 'content-missing', where: job.diff, detail: `and ${rest} more files of this layer` };
  return [...faults.slice(0, SHOWN), more];
}
