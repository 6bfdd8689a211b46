import { execFileSync } from 'node:child_process';
import { appendFileSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { toByteString } from '../../../src/formats/bytestring.ts';
import type { Digest } from '../../../src/formats/digest.ts';
import { openStore } from '../../../src/store/store.ts';
import { loadOciImage } from '../../../src/transports/oci-layout/load-oci-image.ts';
import type { OciPlatform } from '../../../src/transports/oci-layout/oci-descriptor.ts';
import { removeTempFolders, tempFolder } from '../../temp-root.ts';
import { fixtureIds } from '../docker-archive/fixture-archive.ts';
import { type Descriptor, INDEX, LAYER, MANIFEST, put, readJson, savedLayout, writeIndex } from './make-layout.ts';

afterEach(removeTempFolders);

const blob = (folder: string, digest: string): string => join(folder, 'blobs/sha256', digest.slice(7));

/** Loads an image into a store of its own. */
async function load(folder: string, tag = 'latest', digest?: Digest, wanted = 'amd64') {
  const store = openStore(`${tempFolder()}/root`, { mode: 'write' });
  const choose = (offered: readonly OciPlatform[]) => offered.findIndex(({ architecture }) => architecture === wanted);
  try {
    const { id, config } = await loadOciImage(store, toByteString(folder), { tag, digest, choose });
    return { id, layers: config.diffIds.length, stored: store.layers.list().length };
  } finally {
    const left = readdirSync(`${store.dataRoot}/overlay2`).length - 1;
    expect(left).toBe(store.layers.list().length);
    store.close();
  }
}

/** The one manifest of a layout, and its document. */
function only(folder: string) {
  const [entry] = readJson(folder, 'index.json').manifests as Descriptor[];
  if (entry === undefined) throw new Error('no manifest');
  const manifest = JSON.parse(readFileSync(blob(folder, entry.digest), 'utf8')) as {
    config: Descriptor;
    layers: Descriptor[];
  };
  return { entry, manifest };
}

describe('an OCI image layout', () => {
  it('of docker save gives the image with the id that docker has for it', async () => {
    expect((await load(savedLayout('buildkit'))).id).toBe(fixtureIds.buildkit);
    const several = savedLayout('several');
    expect((await load(several, 'child')).id).toBe(fixtureIds.child);
    expect((await load(several, 'buildkit')).id).toBe(fixtureIds.buildkit);
    await expect(load(several, 'nosuch')).rejects.toMatchObject({ code: 'LL_ARCHIVE' });
  });

  it('is taken by digest, or by the only image there is whatever its tag', async () => {
    const folder = savedLayout('buildkit');
    const { entry } = only(folder);
    expect((await load(folder, 'nosuch')).id).toBe(fixtureIds.buildkit);
    expect((await load(folder, 'nosuch', entry.digest)).id).toBe(fixtureIds.buildkit);
    await expect(load(folder, 'latest', `sha256:${'0'.repeat(64)}`)).rejects.toMatchObject({ code: 'LL_ARCHIVE' });
  });

  it.each(['gzip', 'zstd'])('may have layers compressed by %s', async (kind) => {
    const folder = savedLayout('buildkit');
    const { manifest } = only(folder);
    const pack = (bytes: Buffer): Buffer =>
      kind === 'gzip' ? gzipSync(bytes) : execFileSync('zstd', ['-q', '-c'], { input: bytes });
    const layers = manifest.layers.map(({ digest }) =>
      put(folder, `${LAYER}+${kind}`, pack(readFileSync(blob(folder, digest)))),
    );
    writeIndex(folder, [put(folder, MANIFEST, { ...manifest, layers })]);
    const { id, stored, layers: count } = await load(folder);
    expect([id, stored]).toEqual([fixtureIds.buildkit, count]);
  });

  it('leads on by platform, and past attestations', async () => {
    const folder = savedLayout('buildkit');
    const { entry } = only(folder);
    const other = put(folder, MANIFEST, { config: entry, layers: [] });
    const index = put(folder, INDEX, {
      manifests: [
        { ...other, platform: { os: 'unknown', architecture: 'unknown' } },
        { ...other, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
        { ...entry, platform: { os: 'linux', architecture: 'amd64' } },
      ],
    });
    writeIndex(folder, [{ ...index, annotations: { 'org.opencontainers.image.ref.name': 'v1' } }]);
    expect((await load(folder, 'v1')).id).toBe(fixtureIds.buildkit);
    await expect(load(folder, 'v1', undefined, 's390x')).rejects.toThrow('linux/arm64, linux/amd64');
  });
});

describe('a hostile OCI image layout', () => {
  it('is refused where a blob is not what its digest says, and leaves nothing', async () => {
    for (const pick of ['config', 'layer', 'manifest'] as const) {
      const folder = savedLayout('buildkit');
      const { entry, manifest } = only(folder);
      const { digest } = { config: manifest.config, layer: manifest.layers.at(-1) ?? entry, manifest: entry }[pick];
      const bytes = readFileSync(blob(folder, digest));
      bytes[bytes.length - 1] = 0x01;
      writeFileSync(blob(folder, digest), bytes);
      await expect(load(folder)).rejects.toMatchObject({ code: 'LL_DIGEST' });
    }
  });

  it('is refused where a blob is longer than it says', async () => {
    const folder = savedLayout('buildkit');
    const { manifest } = only(folder);
    appendFileSync(blob(folder, manifest.layers[0]?.digest ?? ''), 'more');
    await expect(load(folder)).rejects.toThrow('bytes long, not');
  });

  it('is refused where a layer has the digest of its blob, but not that of the config', async () => {
    const folder = savedLayout('buildkit');
    const { manifest } = only(folder);
    const layers = manifest.layers.map(() => put(folder, LAYER, Buffer.alloc(1024)));
    writeIndex(folder, [put(folder, MANIFEST, { ...manifest, layers })]);
    await expect(load(folder)).rejects.toMatchObject({ code: 'LL_DIGEST' });
  });

  it.each(['sha256:../../../../etc/passwd', '../../etc/passwd', 'sha512:00', `sha256:${'A'.repeat(64)}`])(
    'makes no path of the digest %s',
    async (digest) => {
      const folder = savedLayout('buildkit');
      writeIndex(folder, [{ mediaType: MANIFEST, digest, size: 1 }]);
      await expect(load(folder)).rejects.toThrow('which is no sha256 digest');
    },
  );

  it('has no links followed, and no fifo waited for', async () => {
    const folder = savedLayout('buildkit');
    const { entry } = only(folder);
    rmSync(blob(folder, entry.digest));
    symlinkSync('/etc/passwd', blob(folder, entry.digest));
    await expect(load(folder)).rejects.toThrow('is no file');
    rmSync(join(folder, 'index.json'));
    execFileSync('mkfifo', [join(folder, 'index.json')]);
    await expect(load(folder)).rejects.toThrow('is no file');
    rmSync(join(folder, 'index.json'));
    await expect(load(folder)).rejects.toThrow('is missing');
  });

  it('may not nest without end, list without end, or be without end', async () => {
    const folder = savedLayout('buildkit');
    let index = only(folder).entry;
    for (let depth = 0; depth < 6; depth += 1) index = put(folder, INDEX, { manifests: [index] });
    writeIndex(folder, [index]);
    await expect(load(folder)).rejects.toThrow('nest too deep');
    writeIndex(folder, Array<Descriptor>(1001).fill(index));
    await expect(load(folder)).rejects.toMatchObject({ code: 'LL_LIMIT' });
    writeFileSync(join(folder, 'index.json'), Buffer.alloc(5 << 20, 0x20));
    await expect(load(folder)).rejects.toMatchObject({ code: 'LL_LIMIT' });
  });

  it.each([
    ['index.json is a list', '[]'],
    ['index.json is cut off', '{"manifests":['],
    ['manifests is a text', '{"manifests":"x"}'],
    ['an entry is a number', '{"manifests":[1]}'],
    ['a size is negative', `{"manifests":[{"digest":"sha256:${'0'.repeat(64)}","size":-1}]}`],
    ['a size is a text', `{"manifests":[{"digest":"sha256:${'0'.repeat(64)}","size":"1"}]}`],
  ])('is an error in words where %s', async (_what, text) => {
    const folder = savedLayout('buildkit');
    writeFileSync(join(folder, 'index.json'), text);
    await expect(load(folder)).rejects.toMatchObject({ code: expect.stringMatching(/^LL_(ARCHIVE|JSON)$/) });
  });
});
