import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

/** A line of tar-split.json.gz. */
export interface TarSplitLine {
  readonly type: 1 | 2;
  readonly name?: string;
  readonly name_raw?: string;
  readonly size?: number;
  readonly payload: string | null;
  readonly position: number;
}

export function readTarSplit(layerDir: string): readonly TarSplitLine[] {
  const text = zlib.gunzipSync(fs.readFileSync(path.join(layerDir, 'tar-split.json.gz'))).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as TarSplitLine);
}

/** The lines as text, for comparison of their very spelling. */
export function readTarSplitText(layerDir: string): string {
  return zlib.gunzipSync(fs.readFileSync(path.join(layerDir, 'tar-split.json.gz'))).toString('utf8');
}

/** The layer's tar, put together from tar-split and the files on disk, as `docker save` does it. */
export function assembleTar(layerDir: string, diffDir: string): Buffer {
  const parts: Buffer[] = [];
  for (const line of readTarSplit(layerDir)) {
    if (line.type === 2) {
      parts.push(Buffer.from(line.payload ?? '', 'base64'));
    } else if (line.size !== undefined && line.size > 0) {
      const name = line.name_raw === undefined ? Buffer.from(line.name ?? '') : Buffer.from(line.name_raw, 'base64');
      parts.push(fs.readFileSync(Buffer.concat([Buffer.from(`${diffDir}/`), name])));
    }
  }
  return Buffer.concat(parts);
}
