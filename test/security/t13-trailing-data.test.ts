import { afterEach, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../src/formats/digest.ts';
import { layerTar } from '../../src/store/layer-tar.ts';
import { applyToFresh } from '../committer/apply-tar/apply-case.ts';
import { daemonCase } from '../committer/apply-tar/daemon-cases.ts';
import { removeTempFolders } from '../temp-root.ts';

afterEach(removeTempFolders);

describe('T13: data behind the end of a tar', () => {
  for (const size of [1, 511, 512, 40_000, 3 << 20]) {
    it(`${size} bytes of it count in the digest, and come back when the layer is read`, async () => {
      const tar = Buffer.concat([daemonCase('abs').tar, Buffer.alloc(size, 0x4a)]);
      const { store, layer } = await applyToFresh(tar, 60_000);
      expect(layer.diffId).toBe(digestOf(tar));
      const chunks: Buffer[] = [];
      for (const chunk of await layerTar(store, layer.chainId)) chunks.push(Buffer.from(chunk));
      expect(Buffer.concat(chunks).equals(tar)).toBe(true);
    });
  }
});
