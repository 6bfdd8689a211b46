import { rmSync, writeFileSync } from 'node:fs';
import type { BuildResult } from '../engine/build-options.ts';
import { ioError } from '../host/io-error.ts';

/** Removes what an earlier build wrote: it must not outlive a build that fails. Throws LL_IO. */
export function prepareMetadataFile(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch (error) {
    throw ioError(error, 'removing the metadata file');
  }
}

/**
 * Writes what `docker build --metadata-file` tells of an image in dockerd's own store (buildx build/build.go; moby
 * builder-next/exporter/mobyexporter): its id twice, as there is no manifest, and its names. Throws LL_IO.
 */
export function writeMetadataFile(file: string, { imageId, names }: BuildResult): void {
  const metadata = {
    'containerimage.config.digest': imageId,
    'containerimage.digest': imageId,
    ...(names.length === 0 ? {} : { 'image.name': names.join(',') }),
  };
  try {
    writeFileSync(file, `${JSON.stringify(metadata, undefined, 2)}\n`);
  } catch (error) {
    throw ioError(error, 'writing the metadata file');
  }
}
