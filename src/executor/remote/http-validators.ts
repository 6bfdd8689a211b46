import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { type ByteString, fsPath } from '../../formats/bytestring.ts';
import { sha256 } from '../../formats/sha256.ts';
import { ioError } from '../../host/io-error.ts';
import type { DataRootPaths } from '../../store/layout.ts';
import { CACHE_FOLDER } from '../../store/pending-layers.ts';

/** What a server said of a URL once, so that it can be asked whether that still holds. */
export interface HttpValidator {
  readonly etag: string;
  /** 64 hex digits: what the file was. */
  readonly sha256: string;
}

/** `layerlab/cache/http/<sha256 of the URL>.json`. One may be lost at any time, and a broken one is none. */
export function findValidator(paths: DataRootPaths, url: string): HttpValidator | undefined {
  try {
    const { etag, sha256 } = JSON.parse(readFileSync(fsPath(pathOf(paths, url)), 'utf8')) as Record<string, unknown>;
    const isWhole = typeof etag === 'string' && typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256);
    return isWhole && isHeader(etag) ? { etag, sha256 } : undefined;
  } catch {
    return undefined;
  }
}

export function keepValidator(paths: DataRootPaths, url: string, validator: HttpValidator): void {
  if (!isHeader(validator.etag)) return;
  const path = pathOf(paths, url);
  const temporary = `${path}.${process.pid}`;
  try {
    mkdirSync(fsPath(path.slice(0, path.lastIndexOf('/'))), { recursive: true, mode: 0o700 });
    writeFileSync(fsPath(temporary), JSON.stringify(validator), { mode: 0o600 });
    renameSync(fsPath(temporary), fsPath(path));
  } catch (error) {
    throw ioError(error, 'writing the build cache');
  }
}

/** The name is a hash: a URL may hold a password. */
function pathOf(paths: DataRootPaths, url: string): ByteString {
  return `${paths.own}/${CACHE_FOLDER}/http/${sha256(url)}.json`;
}

function isHeader(etag: string): boolean {
  return /^[\x21-\x7e]{1,512}$/.test(etag);
}
