import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { applyTar } from '../../src/committer/apply-tar.ts';
import { LayerlabError } from '../../src/errors/layerlab-error.ts';
import { encodeTarHeader, NO_XATTRS, TAR_END, type TarEntry, tarPadding } from '../../src/formats/tar-header.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { tempFolder } from '../temp-root.ts';

export type Entry = Partial<TarEntry> & { readonly name: string; readonly data?: string };

/** A tar of these entries; regular files of mode 0644 unless they say otherwise. */
export function hostileTar(entries: readonly Entry[]): Buffer {
  const parts = entries.flatMap(({ data = '', ...entry }) => {
    const content = Buffer.from(data);
    const header = encodeTarHeader({
      type: '0',
      mode: 0o644,
      uid: 0,
      gid: 0,
      size: content.length,
      mtime: 1_500_000_000,
      linkname: '',
      uname: '',
      gname: '',
      devmajor: 0,
      devminor: 0,
      xattrs: NO_XATTRS,
      ...entry,
    });
    return [header, content, tarPadding(content.length)];
  });
  return Buffer.concat([...parts, TAR_END]);
}

export const dir = (name: string): Entry => ({ name: `${name}/`, type: '5', mode: 0o755 });
export const symlink = (name: string, linkname: string): Entry => ({ name, type: '2', mode: 0o777, linkname });
export const hardlink = (name: string, linkname: string): Entry => ({ name, type: '1', linkname });
export const file = (name: string, data = 'evil'): Entry => ({ name, data });

export interface Outcome {
  readonly store: Store;
  /** The `diff` folder; undefined where the tar was refused. */
  readonly diff: string | undefined;
  readonly code: string | undefined;
}

/**
 * Applies a tar to a data-root that has a victim beside it, and checks what must hold of any tar: the victim and the folders
 * around are as before, and of a refused tar nothing is left.
 */
export async function applyHostile(tar: Buffer): Promise<Outcome> {
  const outer = tempFolder();
  mkdirSync(`${outer}/victim`);
  writeFileSync(`${outer}/victim/file`, 'untouched');
  mkdirSync(`${outer}/root`);
  const store = openStore(`${outer}/root`, { mode: 'write' });
  const before = namesIn(outer, store);
  const outcome = await attempt(store, tar);
  store.close();
  if (namesIn(outer, store) !== before) throw new Error('something was made outside of the layer');
  if (readFileSync(`${outer}/victim/file`, 'utf8') !== 'untouched') throw new Error('the victim was changed');
  if (readdirSync(`${outer}/victim`).length !== 1) throw new Error('something was made beside the victim');
  if (existsSync('/layerlab-escaped')) throw new Error('a file was made in the root of the host');
  return outcome;
}

async function attempt(store: Store, tar: Buffer): Promise<Outcome> {
  try {
    const layer = await applyTar({ store, chunks: [tar] });
    return { store, diff: store.overlay.diffPath(layer.cacheId), code: undefined };
  } catch (error) {
    if (!(error instanceof LayerlabError)) throw error;
    if (store.overlay.list().length > 0) throw new Error('a snapshot was left behind');
    return { store, diff: undefined, code: error.code };
  }
}

/** All that a way out of a layer would lead to first; the layers' own folders left out. */
function namesIn(outer: string, store: Store): string {
  const { root, image, own } = store.paths;
  return [outer, root, image, own].map((path) => readdirSync(path).sort().join(' ')).join('; ');
}
