import { openStore } from '../store/store.ts';
import { type LoadProgress, loadArchive } from '../transports/docker-archive/load-archive.ts';
import { seekableInput } from '../transports/open-input.ts';

export type { LoadProgress } from '../transports/docker-archive/load-archive.ts';

export interface LoadOptions {
  readonly dataRoot: string;
  /** An archive of `docker save`, perhaps compressed; `-` for standard input. */
  readonly input: string;
  readonly onProgress?: (progress: LoadProgress) => void;
}

export interface LoadResult {
  /** What docker prints: the names that were set (`Loaded image: x`), or ids where the last image has none. */
  readonly loaded: readonly { readonly kind: 'name' | 'id'; readonly value: string }[];
}

/** Loads the images of an archive into a data-root. Throws LL_ARCHIVE, LL_TAR, LL_DIGEST, LL_LIMIT, LL_NO_SPACE and more. */
export async function load(options: LoadOptions): Promise<LoadResult> {
  const store = openStore(options.dataRoot, { mode: 'write' });
  try {
    const input = await seekableInput(store, options.input);
    try {
      const images = await loadArchive(store, input.fd, options.onProgress);
      const names = images.flatMap((image) => image.names.map((value) => ({ kind: 'name' as const, value })));
      const showIds = images.at(-1)?.names.length === 0;
      const ids = showIds ? images.map(({ id }) => ({ kind: 'id' as const, value: id })) : [];
      return { loaded: [...names, ...ids] };
    } finally {
      input.close();
    }
  } finally {
    store.close();
  }
}
