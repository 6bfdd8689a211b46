import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { applyTar } from '../committer/apply-tar.ts';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { toByteString } from '../formats/bytestring.ts';
import { type ContainerConfig, emptyContainerConfig } from '../formats/container-config.ts';
import { type Digest, digestOf } from '../formats/digest.ts';
import { formatGoTime, nowNanos, timeFromNanos } from '../formats/go-time.ts';
import { encodeClassicImage } from '../formats/image-config.ts';
import { parseReference, type Reference, withDefaultTag } from '../formats/reference.ts';
import type { Platform } from '../planner/plan-options.ts';
import { DOCKER_VERSION } from '../profiles/docker-version.ts';
import { openStore } from '../store/store.ts';
import { decompress } from '../transports/decompress.ts';
import { folderTar } from '../transports/folder-tar.ts';
import { openInput, readChunks } from '../transports/open-input.ts';
import { hostPlatform } from './build/host-platform.ts';
import { configFromChanges } from './import-changes.ts';
import { importedFrom, isUrl, withDownload } from './import-from-url.ts';
import { tagImage } from './tag.ts';

export interface ImportOptions {
  readonly dataRoot: string;
  /** A tar of a root file system, perhaps compressed; the http(s) URL of one; a folder; or `-` for a tar on standard input. */
  readonly source: string;
  /** The name to give to the image. */
  readonly reference?: string;
  /** Dockerfile instructions that change its config. */
  readonly changes?: readonly string[];
  /** Stands in the history; `Imported from -`, or from the URL, unless told. */
  readonly message?: string;
  /** `linux/arm64/v8`; this host's unless told. */
  readonly platform?: string;
  /** Called with the bytes of the tar so far. */
  readonly onProgress?: (bytes: number) => void;
}

export interface ImportResult {
  readonly id: Digest;
}

/**
 * Makes an image of one layer from a root file system, as `docker import` does (moby daemon/images/image_import.go). Throws
 * LL_TAR and more for the tar, LL_FETCH for a URL, LL_PARSE for a change, LL_REFERENCE, LL_USAGE for a platform.
 */
export async function importImage(options: ImportOptions): Promise<ImportResult> {
  const platform = options.platform === undefined ? hostPlatform() : parsePlatform(options.platform);
  const reference = options.reference === undefined ? undefined : parseName(options.reference);
  const config = configFromChanges(options.changes ?? [], platform);
  if (isUrl(options.source)) {
    const { dataRoot, source: url, onProgress } = options;
    const message = options.message || importedFrom(url);
    return withDownload({ dataRoot, url, ...(onProgress === undefined ? {} : { onProgress }) }, (path) =>
      importImage({ ...options, source: path, message }),
    );
  }
  const source = openSource(options.source);
  try {
    const store = openStore(options.dataRoot, { mode: 'write' });
    try {
      const { onProgress } = options;
      const layer = await applyTar({
        store,
        chunks: source.chunks,
        ...(onProgress === undefined ? {} : { onProgress }),
      });
      const bytes = imageBytes(layer.diffId, config, platform, options.message || 'Imported from -');
      store.lease().hold([digestOf(bytes)]);
      const id = store.images.create(bytes);
      if (reference !== undefined) tagImage(store, id, reference);
      return { id };
    } finally {
      store.close();
    }
  } finally {
    source.close();
  }
}

function imageBytes(diffId: Digest, config: ContainerConfig, platform: Platform, comment: string): Buffer {
  const created = formatGoTime(timeFromNanos(nowNanos()));
  return encodeClassicImage({
    architecture: platform.architecture,
    os: platform.os,
    ...(platform.variant === undefined ? {} : { variant: platform.variant }),
    author: '',
    comment,
    created,
    container: '',
    containerConfig: emptyContainerConfig,
    config,
    dockerVersion: DOCKER_VERSION,
    history: [{ created, comment }],
    diffIds: [diffId],
    unknown: new Map(),
  });
}

interface Source {
  readonly chunks: Iterable<Buffer> | AsyncIterable<Buffer>;
  close(): void;
}

function openSource(source: string): Source {
  if (source !== '-' && statSync(source, { throwIfNoEntry: false })?.isDirectory() === true) {
    return { chunks: folderTar(toByteString(resolve(source))), close: () => {} };
  }
  const input = openInput(source);
  return { chunks: decompress(readChunks(input.fd)).chunks, close: () => input.close() };
}

function parseName(text: string): Reference {
  const reference = parseReference(text);
  if (reference.digest !== undefined) throw new LayerlabError('LL_REFERENCE', 'cannot import digest reference');
  return withDefaultTag(reference);
}

function parsePlatform(text: string): Platform {
  const [os = '', architecture, variant, ...rest] = text.split('/');
  if (os !== 'linux' && /^(?:windows|darwin|freebsd)$/.test(os)) {
    throw new LayerlabError('LL_USAGE', 'operating system is not supported');
  }
  if (
    os !== 'linux' ||
    rest.length > 0 ||
    ![architecture, variant].every((part) => part === undefined || /^[a-z0-9]+$/.test(part))
  ) {
    throw new LayerlabError(
      'LL_USAGE',
      `${JSON.stringify(text)}: unknown operating system or architecture: invalid argument`,
    );
  }
  return {
    os,
    architecture: architecture ?? hostPlatform().architecture,
    ...(variant === undefined ? {} : { variant }),
  };
}
