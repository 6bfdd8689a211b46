import { readdirSync, readFileSync } from 'node:fs';
import type { Digest } from '../../src/formats/digest.ts';
import { digestOf } from '../../src/formats/digest.ts';
import { layerTar } from '../../src/store/layer-tar.ts';
import { chainOf } from '../../src/store/layerdb.ts';
import { openStore } from '../../src/store/store.ts';

/** Checks what must hold of a data-root at any time, also after a kill; returns the names and the images that are there. */
export async function checkStore(root: string): Promise<{ readonly names: string[]; readonly images: Digest[] }> {
  JSON.parse(readFileSync(`${root}/image/overlay2/repositories.json`, 'utf8'));
  const store = openStore(root, { mode: 'read' });
  const names = store.references.list();
  for (const { reference, id } of names) {
    if (!store.images.has(id)) throw new Error(`${reference} stands for an image that is not there`);
  }
  for (const id of store.images.list()) {
    const config = store.images.config(id);
    const top = chainOf(config?.diffIds ?? []);
    if (top === undefined) continue;
    for (const layer of store.layers.chain(top)) {
      const chunks: Buffer[] = [];
      for (const chunk of await layerTar(store, layer.chainId)) chunks.push(Buffer.from(chunk));
      if (digestOf(Buffer.concat(chunks)) !== layer.diffId) throw new Error(`layer ${layer.chainId} has other bytes`);
    }
  }
  return { names: names.map(({ reference }) => reference), images: store.images.list() };
}

/** Checks that nothing is left over: every snapshot belongs to a layer, every link to a snapshot, no temporary files. */
export function checkTidy(root: string): void {
  const store = openStore(root, { mode: 'write' });
  store.close();
  const layers = store.layers.list().map(({ cacheId }) => cacheId);
  const orphans = store.overlay.list().filter((cacheId) => !layers.includes(cacheId));
  if (orphans.length > 0) throw new Error(`orphans: ${orphans.join(' ')}`);
  const links = readdirSync(store.paths.links);
  if (links.length !== store.overlay.list().length)
    throw new Error(`${links.length} links for ${layers.length} snapshots`);
  for (const dir of [store.paths.tmp, store.paths.leases]) {
    const rest = readdirSync(dir);
    if (rest.length > 0) throw new Error(`left in ${dir}: ${rest.join(' ')}`);
  }
}
