import { createHash } from 'node:crypto';
import type { Crc64 } from '../../src/formats/crc64.ts';
import type { TarEntry } from '../../src/formats/tar-entry.ts';
import { TarReader } from '../../src/formats/tar-reader.ts';
import { type TarSplitOptions, TarSplitWriter } from '../../src/formats/tar-split-writer.ts';

export interface ReadFile {
  readonly entry: TarEntry | undefined;
  /** Set for a PAX global header. */
  readonly globalName: string | undefined;
  readonly raw: Buffer;
  readonly content: Buffer;
}

/** Everything a tar holds, its bytes pushed in chunks of `step`. */
export function readTar(tar: Buffer, step = tar.length): { files: ReadFile[]; bytes: Buffer; padding: number } {
  const files: ReadFile[] = [];
  const parts: Buffer[] = [];
  let content: Buffer[] = [];
  let padding = 0;
  let current: { entry: TarEntry; raw: Buffer } | undefined;
  const keep = (bytes: Buffer): Buffer => {
    const copy = Buffer.from(bytes);
    parts.push(copy);
    return copy;
  };
  const reader = new TarReader({
    header: (entry, raw) => {
      current = { entry, raw: keep(raw) };
      content = [];
    },
    globalHeader: (name, raw) =>
      files.push({ entry: undefined, globalName: name, raw: keep(raw), content: Buffer.alloc(0) }),
    data: (chunk) => content.push(keep(chunk)),
    end: () => {
      if (current !== undefined) files.push({ ...current, globalName: undefined, content: Buffer.concat(content) });
    },
    padding: (bytes) => {
      padding += keep(bytes).length;
    },
    trailing: keep,
  });
  for (let at = 0; at < tar.length; at += step) {
    // A reader must not rely on the chunk after the call.
    const chunk = Buffer.from(tar.subarray(at, at + step));
    reader.push(chunk);
    chunk.fill(0x5a);
  }
  reader.finish();
  return { files, bytes: Buffer.concat(parts), padding };
}

/** The tar-split of a tar, as the committer makes it. */
export function splitTar(tar: Buffer, crc: Crc64, options: TarSplitOptions = {}, step = 1 << 20): Buffer {
  const writer = new TarSplitWriter(options);
  let name = '';
  let size = 0;
  const reader = new TarReader({
    header: (entry, raw, dataSize) => {
      writer.segment(raw);
      name = entry.name;
      size = dataSize;
      crc.init();
    },
    globalHeader: (global, raw) => {
      writer.segment(raw);
      writer.file(global, 0, undefined);
    },
    data: (chunk) => crc.update(chunk),
    end: () => writer.file(name, size, size === 0 ? undefined : crc.digest()),
    padding: (bytes) => writer.segment(bytes),
    trailing: (bytes) => writer.trailing(bytes),
  });
  for (let at = 0; at < tar.length; at += step) reader.push(tar.subarray(at, at + step));
  reader.finish();
  return writer.finish();
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
