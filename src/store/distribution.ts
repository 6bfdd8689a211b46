import { rmSync } from 'node:fs';
import { fsPath } from '../formats/bytestring.ts';
import { type Digest, hexOf, isDigest, parseDigest } from '../formats/digest.ts';
import { parseGoJson } from '../formats/go-json.ts';
import { diskRootFiles } from '../host/disk-root-files.ts';
import type { RootFiles } from '../host/root-files.ts';
import type { DataRootPaths } from './layout.ts';
import { readSmallFile } from './read-small-file.ts';

/** Where a layer was pulled from or pushed to. */
export interface BlobSource {
  /** Digest of the compressed blob. */
  readonly digest: Digest;
  /** Canonical name, e.g. `docker.io/library/alpine`. */
  readonly repository: string;
}

/** What pull and push remember of blobs (moby distribution/metadata). Local builds leave nothing here. */
export interface Distribution {
  /** The blobs that are known to hold a layer, oldest first. Damaged entries are left out: they are a cache. */
  sources(diffId: Digest): BlobSource[];
  /** The layer that a compressed blob holds. */
  diffIdOf(blob: Digest): Digest | undefined;
  /** Forgets all that is known of a layer. */
  remove(diffId: Digest): void;
}

const LIMIT = 1 << 20;

/** Opens the distribution cache; `lock` runs a function while no other process writes. */
export function openDistribution(
  paths: DataRootPaths,
  lock: <T>(fn: () => T) => T,
  files: RootFiles = diskRootFiles,
): Distribution {
  const sourcesPath = (diffId: Digest) =>
    `${paths.distribution}/v2metadata-by-diffid/sha256/${hexOf(parseDigest(diffId))}`;
  const diffIdPath = (blob: Digest) => `${paths.distribution}/diffid-by-digest/sha256/${hexOf(parseDigest(blob))}`;
  const sources = (diffId: Digest): BlobSource[] => parseSources(readSmallFile(sourcesPath(diffId), LIMIT, files));
  return {
    sources,
    diffIdOf: (blob) => {
      const text = readSmallFile(diffIdPath(blob), 1024, files)?.toString('latin1');
      return text !== undefined && isDigest(text) ? text : undefined;
    },
    remove: (diffId) =>
      lock(() => {
        for (const source of sources(diffId)) rmSync(fsPath(diffIdPath(source.digest)), { force: true });
        rmSync(fsPath(sourcesPath(diffId)), { force: true });
      }),
  };
}

function parseSources(bytes: Buffer | undefined): BlobSource[] {
  if (bytes === undefined) return [];
  let document: unknown;
  try {
    document = parseGoJson(bytes);
  } catch {
    return [];
  }
  if (!Array.isArray(document)) return [];
  return document.flatMap((row): BlobSource[] => {
    if (!(row instanceof Map)) return [];
    const [digest, repository] = [row.get('Digest'), row.get('SourceRepository')];
    return typeof digest === 'string' && isDigest(digest) && typeof repository === 'string'
      ? [{ digest, repository }]
      : [];
  });
}
