import { createHash } from 'node:crypto';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { tempFolder } from '../temp-root.ts';

/** The data-root that a published walk through a dockerd's disk shows (seed 002): one image of four layers, one container. */
export const seed = {
  name: 'russellgao/openresty:1.17.8.2-5-alpine',
  container: '4ec800c3ec10654a6ea2b2317ac198514748464a217ef63bb58ef67874a79ae0',
  mountId: 'b04b728c94b5a269e9d102329c930e3781212717e830e1941e1008088d823cdc',
  diffIds: [
    'sha256:50644c29ef5a27c9a40c393a73ece2479de78325cae7d762ef3cdc19bf42dd0a',
    'sha256:9c572ba82b91e3ac35c7351bdacc6876c67f5d9bc69c5e51e8b2deeafae95e4f',
    'sha256:1680a9f16b18732726d0656b6d6ff9611a3c4460ca870827b537a87bbe10cc22',
    'sha256:8521b614863046bf4bb604e3586feeca8b7ce1372f1d6664a5545e85ad9ca472',
  ],
  chainIds: [
    'sha256:50644c29ef5a27c9a40c393a73ece2479de78325cae7d762ef3cdc19bf42dd0a',
    'sha256:fe267088885017d5e9a4621e68617a7f35e58dc2d0d747927882da21059854e3',
    'sha256:5f72760956a669e4c9b33aa3f2f04baa84b0f4cf1e11676049981bafcbba74da',
    'sha256:228fb92e31891f472e9857ee11d13c404ff7c88e808b05ce4ebdc80d785d71f3',
  ],
  cacheIds: [
    '8cbfb8b74c887e780747c8e6f4b3b9223a513ff6d69770bac16abb76da4e314f',
    'f1cf8b173467c98e08f3d276d7ccd8f9892c7c71dec2c4b335c39c6f175ae744',
    '00b65b9c288df8c0ae7cdacba531a7dc5cb006e6c768e19ee36055717b782acc',
    '5da215c4f218cbb1d9825fa111c21bf381dc35a9e6c7c6cd5c3ea952316031e4',
  ],
  links: [
    'MUHXHRXFSGNCBKQ2AUXDFOUDLF',
    '33RV26M4VMX3ZUISOG26USXBKR',
    'HG76ICE67NTXFL7AYXCMI3EK4Y',
    'L5XCYQVZ6DOSLJNP6HXCZQZ7A5',
  ],
  initLink: 'BGEYC7V6ULKFOOIITWCEKITQEU',
  mountLink: '2NFRHNZBFYCUAPMTFCKUR5R4DS',
  /** Of the topmost layer, as the seed prints it. */
  topLower: 'l/HG76ICE67NTXFL7AYXCMI3EK4Y:l/33RV26M4VMX3ZUISOG26USXBKR:l/MUHXHRXFSGNCBKQ2AUXDFOUDLF',
  sizes: [5574537, 98318464, 1762, 1591],
} as const;

export interface SeedRoot {
  readonly dataRoot: string;
  readonly imageId: string;
}

/** Writes that data-root; the files of the layers are made up, as the seed does not have them. */
export function seedRoot(): SeedRoot {
  const dataRoot = join(tempFolder(), 'docker');
  const put = (path: string, text: string | Buffer): void => {
    mkdirSync(dirname(join(dataRoot, path)), { recursive: true });
    writeFileSync(join(dataRoot, path), text);
  };
  const config = JSON.stringify({
    architecture: 'amd64',
    created: '2020-09-18T16:25:11.080239395Z',
    history: [
      { created: '2020-05-29T21:19:46Z', created_by: '/bin/sh -c #(nop) ADD file:c92c248239f8 in / ' },
      { created: '2020-05-29T21:19:46Z', created_by: '/bin/sh -c #(nop)  CMD ["/bin/sh"]', empty_layer: true },
      { created: '2020-09-18T16:25:10Z', created_by: '/bin/sh -c apk add --no-cache build-base' },
      {
        created: '2020-09-18T16:25:10Z',
        created_by: '/bin/sh -c #(nop) COPY file:1 in /usr/local/openresty/nginx.conf ',
      },
      {
        created: '2020-09-18T16:25:11Z',
        created_by: '/bin/sh -c #(nop) COPY file:2 in /etc/nginx/conf.d/default.conf ',
      },
    ],
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: seed.diffIds },
  });
  const imageId = createHash('sha256').update(config).digest('hex');
  put(
    'image/overlay2/repositories.json',
    JSON.stringify({ Repositories: { 'russellgao/openresty': { [seed.name]: `sha256:${imageId}` } } }),
  );
  put(`image/overlay2/imagedb/content/sha256/${imageId}`, config);
  const snapshot = (id: string, link: string, lower: readonly string[]): void => {
    put(`overlay2/${id}/link`, link);
    put(`overlay2/${id}/diff/etc/made-by-${link}`, link);
    if (lower.length > 0) {
      put(`overlay2/${id}/lower`, lower.map((name) => `l/${name}`).join(':'));
      mkdirSync(join(dataRoot, `overlay2/${id}/work`));
    }
    mkdirSync(join(dataRoot, 'overlay2/l'), { recursive: true });
    symlinkSync(`../${id}/diff`, join(dataRoot, `overlay2/l/${link}`));
  };
  seed.chainIds.forEach((chain, at) => {
    const folder = `image/overlay2/layerdb/sha256/${chain.slice(7)}`;
    put(`${folder}/diff`, seed.diffIds[at] ?? '');
    put(`${folder}/cache-id`, seed.cacheIds[at] ?? '');
    put(`${folder}/size`, String(seed.sizes[at]));
    put(`${folder}/tar-split.json.gz`, gzipSync(''));
    if (at > 0) put(`${folder}/parent`, seed.chainIds[at - 1] ?? '');
    snapshot(seed.cacheIds[at] ?? '', seed.links[at] ?? '', seed.links.slice(0, at).toReversed());
  });
  const below = seed.links.toReversed();
  snapshot(`${seed.mountId}-init`, seed.initLink, below);
  snapshot(seed.mountId, seed.mountLink, [seed.initLink, ...below]);
  const mounts = `image/overlay2/layerdb/mounts/${seed.container}`;
  put(`${mounts}/mount-id`, seed.mountId);
  put(`${mounts}/init-id`, `${seed.mountId}-init`);
  put(`${mounts}/parent`, seed.chainIds[3]);
  put(
    `containers/${seed.container}/config.v2.json`,
    `${JSON.stringify({ State: { Running: true }, ID: seed.container, Config: { Image: seed.name }, Image: `sha256:${imageId}`, Name: '/openresty-app-1' })}\n`,
  );
  return { dataRoot, imageId: `sha256:${imageId}` };
}
