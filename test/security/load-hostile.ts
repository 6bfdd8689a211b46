import { writeFileSync } from 'node:fs';
import { load } from '../../src/engine/load.ts';
import { LayerlabError } from '../../src/errors/layerlab-error.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { tempFolder } from '../temp-root.ts';
import { type ArchiveContent, archiveOf } from '../transports/docker-archive/make-archive.ts';

export interface LoadOutcome {
  readonly store: Store;
  readonly code: string | undefined;
  readonly message: string;
}

/** Loads an archive of these files into a fresh data-root. */
export async function loadHostile(
  files: readonly (readonly [string, ArchiveContent])[] | Buffer,
): Promise<LoadOutcome> {
  const dataRoot = `${tempFolder()}/root`;
  const input = `${tempFolder()}/archive`;
  writeFileSync(input, Buffer.isBuffer(files) ? files : archiveOf(files));
  let failure: LayerlabError | undefined;
  try {
    await load({ dataRoot, input });
  } catch (error) {
    if (!(error instanceof LayerlabError)) throw error;
    failure = error;
  }
  return { store: openStore(dataRoot, { mode: 'read' }), code: failure?.code, message: failure?.message ?? '' };
}
