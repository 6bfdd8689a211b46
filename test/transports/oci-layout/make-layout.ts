import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf, hexOf } from '../../../src/formats/digest.ts';
import { tempFolder } from '../../temp-root.ts';
import { type FixtureName, fixturePath } from '../docker-archive/fixture-archive.ts';

type Json = Readonly<Record<string, unknown>>;

/** A descriptor of bytes that `put` has stored. */
export interface Descriptor extends Json {
  readonly mediaType: string;
  readonly digest: `sha256:${string}`;
  readonly size: number;
}

/** What `docker save` of Docker 28.5 wrote, unpacked: an image layout. */
export function savedLayout(name: FixtureName): string {
  const folder = tempFolder();
  execFileSync('tar', ['-xzf', fixturePath(name), '-C', folder]);
  return folder;
}

export function readJson(folder: string, path: string): Json {
  return JSON.parse(readFileSync(join(folder, path), 'utf8')) as Json;
}

/** Stores a blob and says where it is. */
export function put(folder: string, mediaType: string, content: Buffer | Json): Descriptor {
  const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
  const digest = digestOf(bytes);
  mkdirSync(join(folder, 'blobs/sha256'), { recursive: true });
  writeFileSync(join(folder, 'blobs/sha256', hexOf(digest)), bytes);
  return { mediaType, digest, size: bytes.length };
}

export function writeIndex(folder: string, manifests: readonly Json[]): void {
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
}

export const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const INDEX = 'application/vnd.oci.image.index.v1+json';
export const LAYER = 'application/vnd.oci.image.layer.v1.tar';
