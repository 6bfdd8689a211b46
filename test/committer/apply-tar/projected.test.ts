import { lstatSync, readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { applyTar } from '../../../src/committer/apply-tar.ts';
import { layerTar } from '../../../src/store/layer-tar.ts';
import type { LayerRecord } from '../../../src/store/layerdb.ts';
import { openStore, type Store } from '../../../src/store/store.ts';
import { removeTempFolders, tempFolder } from '../../temp-root.ts';
import { daemonCases } from './daemon-cases.ts';

afterEach(removeTempFolders);

/** A data-root as a user without root's rights has it: what his disk cannot hold is left to tar-split. */
const projectedStore = () => ({ ...openStore(tempFolder(), { mode: 'write' }), projected: true });

/** Their whiteouts (one: the root) hold bytes, which are on no disk, the daemon's neither; real ones are empty. */
const WITH_LOST_BYTES = new Set([
  'dot-file',
  'wh-wh-opq1',
  'wh-wh-foo',
  'opq-root',
  'opq-missing-dir',
  'opq-after',
  'wh-normal',
  'wh-then-file',
  'wh-then-dir',
  'wh-through-symlink',
  'wh-in-implied',
]);

async function readTar(store: Store, layer: LayerRecord): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (const chunk of await layerTar(store, layer.chainId)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

describe('a layer on a host that holds no owners, devices and whiteouts', () => {
  for (const one of daemonCases.filter(({ error }) => error === undefined)) {
    it(`${one.name}: has the same digest, and gives the same tar back where the tar has no bytes in markers`, async () => {
      const store = projectedStore();
      const layer = await applyTar({ store, chunks: [one.tar] });
      expect(layer.diffId).toBe(one.diffId);
      if (WITH_LOST_BYTES.has(one.name)) {
        await expect(readTar(store, layer)).rejects.toMatchObject({ code: 'LL_CORRUPT' });
      } else {
        expect((await readTar(store, layer)).equals(one.tar)).toBe(true);
      }
      store.close();
    });
  }

  it('can be read and removed by its owner, and has neither devices nor whiteouts', async () => {
    const store = projectedStore();
    for (const name of ['readonly-dir', 'devices', 'wh-normal']) {
      const one = daemonCases.find((candidate) => candidate.name === name);
      const layer = await applyTar({ store, chunks: [one?.tar ?? Buffer.alloc(0)] });
      const diff = store.overlay.diffPath(layer.cacheId);
      for (const entry of readdirSync(diff, { withFileTypes: true })) {
        const stat = lstatSync(`${diff}/${entry.name}`);
        expect(entry.isFile() || entry.isDirectory()).toBe(true);
        expect(stat.mode & 0o600).toBe(0o600);
        expect(stat.uid).toBe(process.geteuid?.());
      }
    }
    store.close();
  });
});
