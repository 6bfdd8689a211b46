import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

/** A data-root to be damaged, with the handles that damages are planted by. */
export interface Victim {
  readonly root: string;
  /** A layer of `tag`, counted from the base. */
  layer(tag: string, index: number): VictimLayer;
  imageId(tag: string): string;
  containerId(name: string): string;
  mount(container: string): string;
}

export interface VictimLayer {
  readonly chain: string;
  /** `layerdb/sha256/<chain>` */
  readonly record: string;
  /** `overlay2/<cache-id>` */
  readonly snapshot: string;
  readonly link: string;
}

export interface PlantedDamage {
  readonly id: string;
  /** For several of one id. */
  readonly variant?: string;
  readonly full?: true;
  plant(victim: Victim): void;
}

const LAYERS = 'image/overlay2/layerdb/sha256';
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
const read = (file: string): string => fs.readFileSync(file, 'latin1');

/** Reads the handles with code of its own: what is tested is not asked about itself. */
export function openVictim(root: string): Victim {
  const config = (tag: string): { rootfs: { diff_ids: string[] } } =>
    JSON.parse(read(path.join(root, 'image/overlay2/imagedb/content/sha256', imageId(tag))));
  const imageId = (tag: string): string => {
    const { Repositories } = JSON.parse(read(path.join(root, 'image/overlay2/repositories.json'))) as {
      Repositories: Record<string, Record<string, string>>;
    };
    const id = Repositories[tag.split(':')[0] ?? '']?.[tag.includes(':') ? tag : `${tag}:latest`];
    if (id === undefined) throw new Error(`no image ${tag}`);
    return id.slice(7);
  };
  const containerId = (name: string): string => {
    for (const id of fs.readdirSync(path.join(root, 'containers'))) {
      if (JSON.parse(read(path.join(root, 'containers', id, 'config.v2.json'))).Name === `/${name}`) return id;
    }
    throw new Error(`no container ${name}`);
  };
  return {
    root,
    imageId,
    containerId,
    mount: (container) => path.join(root, 'image/overlay2/layerdb/mounts', containerId(container)),
    layer: (tag, index) => {
      let chain = '';
      for (const diffId of config(tag).rootfs.diff_ids.slice(0, index + 1)) {
        chain = chain === '' ? diffId : `sha256:${sha(`${chain} ${diffId}`)}`;
      }
      const record = path.join(root, LAYERS, chain.slice(7));
      const snapshot = path.join(root, 'overlay2', read(path.join(record, 'cache-id')));
      return { chain: chain.slice(7), record, snapshot, link: read(path.join(snapshot, 'link')) };
    },
  };
}

/** Replaces a file whatever it was, its mode kept. */
function put(file: string, text: string): void {
  const mode = fs.lstatSync(file, { throwIfNoEntry: false })?.mode ?? 0o644;
  fs.rmSync(file, { force: true, recursive: true });
  fs.writeFileSync(file, text, { mode: mode & 0o777 });
}

const NOBODY = 'f'.repeat(64);

/** Damage to the records of a layer that only `bk` (and what was committed on it) stands on. */
const records: PlantedDamage[] = [
  ...(['diff', 'cache-id', 'size'] as const).flatMap((file): PlantedDamage[] => [
    { id: `${file}-missing`, plant: (v) => fs.rmSync(path.join(v.layer('bk', 3).record, file)) },
    { id: `${file}-empty`, plant: (v) => put(path.join(v.layer('bk', 3).record, file), '') },
    { id: `${file}-invalid`, plant: (v) => put(path.join(v.layer('bk', 3).record, file), '../../../etc') },
  ]),
  { id: 'size-wrong', full: true, plant: (v) => put(path.join(v.layer('bk', 3).record, 'size'), '123456') },
  { id: 'parent-missing', plant: (v) => fs.rmSync(path.join(v.layer('bk', 3).record, 'parent')) },
  { id: 'parent-empty', plant: (v) => put(path.join(v.layer('bk', 3).record, 'parent'), '') },
  { id: 'parent-invalid', plant: (v) => put(path.join(v.layer('bk', 3).record, 'parent'), 'sha256:no') },
  {
    id: 'chain-id-wrong',
    variant: 'another diff_id',
    plant: (v) => put(path.join(v.layer('bk', 3).record, 'diff'), `sha256:${NOBODY}`),
  },
  {
    id: 'chain-id-wrong',
    variant: 'another name',
    plant: (v) => fs.renameSync(v.layer('bk', 3).record, path.join(v.root, LAYERS, NOBODY)),
  },
  {
    id: 'parent-layer-missing',
    plant: (v) => fs.rmSync(v.layer('bk', 2).record, { recursive: true }),
  },
  { id: 'tar-split-missing', plant: (v) => fs.rmSync(path.join(v.layer('bk', 3).record, 'tar-split.json.gz')) },
  { id: 'tar-split-empty', plant: (v) => put(path.join(v.layer('bk', 3).record, 'tar-split.json.gz'), '') },
  {
    id: 'tar-split-corrupt',
    full: true,
    plant: (v) => {
      const file = path.join(v.layer('bk', 3).record, 'tar-split.json.gz');
      fs.truncateSync(file, fs.statSync(file).size - 20);
    },
  },
  {
    id: 'layer-empty',
    plant: (v) => {
      const { record } = v.layer('bk', 3);
      for (const name of fs.readdirSync(record)) fs.rmSync(path.join(record, name));
    },
  },
  { id: 'layer-id-invalid', plant: (v) => fs.mkdirSync(path.join(v.root, LAYERS, '\u001b[31mred\u001b[0m')) },
  {
    id: 'cache-id-shared',
    plant: (v) => put(path.join(v.layer('bk', 3).record, 'cache-id'), path.basename(v.layer('bk', 2).snapshot)),
  },
  { id: 'descriptor-invalid', plant: (v) => put(path.join(v.layer('bk', 3).record, 'descriptor.json'), '{"a":') },
];

const snapshots: PlantedDamage[] = [
  { id: 'snapshot-missing', plant: (v) => fs.rmSync(v.layer('bk', 3).snapshot, { recursive: true }) },
  {
    id: 'snapshot-diff-missing',
    plant: (v) => fs.rmSync(path.join(v.layer('bk', 3).snapshot, 'diff'), { recursive: true }),
  },
  {
    id: 'snapshot-orphan',
    plant: (v) => {
      const dir = path.join(v.root, 'overlay2', 'e'.repeat(64));
      fs.mkdirSync(path.join(dir, 'diff'), { recursive: true });
      fs.chmodSync(dir, 0o710);
      fs.writeFileSync(path.join(dir, 'link'), 'A'.repeat(26));
      fs.symlinkSync(`../${'e'.repeat(64)}/diff`, path.join(v.root, 'overlay2/l', 'A'.repeat(26)));
    },
  },
  { id: 'snapshot-id-invalid', plant: (v) => fs.mkdirSync(path.join(v.root, 'overlay2/no id')) },
  { id: 'link-missing', plant: (v) => fs.rmSync(path.join(v.layer('bk', 3).snapshot, 'link')) },
  { id: 'link-empty', plant: (v) => put(path.join(v.layer('bk', 3).snapshot, 'link'), '') },
  { id: 'link-invalid', plant: (v) => put(path.join(v.layer('bk', 3).snapshot, 'link'), '../../x') },
  { id: 'link-shared', plant: (v) => put(path.join(v.layer('bk', 3).snapshot, 'link'), v.layer('bk', 2).link) },
  { id: 'link-broken', plant: (v) => fs.rmSync(path.join(v.root, 'overlay2/l', v.layer('bk', 3).link)) },
  {
    id: 'link-wrong',
    plant: (v) => {
      const link = path.join(v.root, 'overlay2/l', v.layer('bk', 3).link);
      fs.rmSync(link);
      fs.symlinkSync(`../${path.basename(v.layer('bk', 2).snapshot)}/diff`, link);
    },
  },
  {
    id: 'link-outside',
    plant: (v) => {
      const link = path.join(v.root, 'overlay2/l', v.layer('bk', 3).link);
      fs.rmSync(link);
      fs.symlinkSync('../../../../../etc', link);
    },
  },
  {
    id: 'link-orphan',
    plant: (v) => fs.symlinkSync(`../${NOBODY}/diff`, path.join(v.root, 'overlay2/l', 'B'.repeat(26))),
  },
  { id: 'lower-missing', plant: (v) => fs.rmSync(path.join(v.layer('bk', 3).snapshot, 'lower')) },
  { id: 'lower-empty', plant: (v) => put(path.join(v.layer('bk', 3).snapshot, 'lower'), '') },
  { id: 'lower-invalid', plant: (v) => put(path.join(v.layer('bk', 3).snapshot, 'lower'), 'l/short') },
  { id: 'lower-outside', plant: (v) => put(path.join(v.layer('bk', 3).snapshot, 'lower'), '../../../../etc') },
  {
    id: 'lower-broken',
    plant: (v) => put(path.join(v.layer('bk', 3).snapshot, 'lower'), `l/${'C'.repeat(26)}`),
  },
  {
    id: 'lower-loop',
    plant: (v) => put(path.join(v.layer('bk', 3).snapshot, 'lower'), `l/${v.layer('bk', 3).link}`),
  },
  {
    id: 'lower-wrong',
    plant: (v) => put(path.join(v.layer('bk', 3).snapshot, 'lower'), `l/${v.layer('bk', 0).link}`),
  },
  {
    id: 'work-missing',
    plant: (v) => {
      const id = read(path.join(v.mount('stopped'), 'mount-id'));
      fs.rmSync(path.join(v.root, 'overlay2', id, 'work'), { recursive: true });
    },
  },
  { id: 'mount-dead', plant: (v) => fs.mkdirSync(path.join(v.layer('bk', 3).snapshot, 'merged'), { mode: 0o700 }) },
  { id: 'mode-open', plant: (v) => fs.chmodSync(path.join(v.root, 'overlay2'), 0o755) },
  {
    id: 'mode-open',
    variant: 'of a config',
    plant: (v) => fs.chmodSync(path.join(v.root, 'containers', v.containerId('stopped'), 'config.v2.json'), 0o644),
  },
];

/** A file with content in the layer that `RUN echo 1 > /w/1` made. */
const contents: PlantedDamage[] = [
  { id: 'content-missing', full: true, plant: (v) => fs.rmSync(path.join(v.layer('bk', 4).snapshot, 'diff/w/1')) },
  {
    id: 'content-changed',
    variant: 'same size',
    full: true,
    plant: (v) => fs.writeFileSync(path.join(v.layer('bk', 4).snapshot, 'diff/w/1'), '7\n'),
  },
  {
    id: 'content-changed',
    variant: 'longer',
    full: true,
    plant: (v) => fs.appendFileSync(path.join(v.layer('bk', 4).snapshot, 'diff/w/1'), 'more\n'),
  },
  {
    id: 'content-missing',
    variant: 'a link out of the layer',
    full: true,
    plant: (v) => {
      const file = path.join(v.layer('bk', 4).snapshot, 'diff/w/1');
      fs.rmSync(file);
      fs.symlinkSync('/etc/hostname', file);
    },
  },
  {
    id: 'diff-id-wrong',
    full: true,
    plant: (v) => {
      // Another owner in a header: every checksum of a file still fits.
      const file = path.join(v.layer('bk', 4).record, 'tar-split.json.gz');
      const lines = gunzipSync(fs.readFileSync(file)).toString().split('\n');
      const entry = JSON.parse(lines[0] ?? '') as { payload: string };
      const header = Buffer.from(entry.payload, 'base64');
      header.write('0000001\0', 108, 'latin1');
      header.write('        ', 148, 'latin1');
      let sum = 0;
      for (const byte of header.subarray(0, 512)) sum += byte;
      header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
      lines[0] = JSON.stringify({ ...entry, payload: header.toString('base64') });
      fs.writeFileSync(file, gzipSync(lines.join('\n')));
    },
  },
];

const images: PlantedDamage[] = [
  {
    id: 'image-id-invalid',
    plant: (v) =>
      fs.writeFileSync(path.join(v.root, 'image/overlay2/imagedb/content/sha256/..x'), '{}', { mode: 0o600 }),
  },
  { id: 'config-empty', plant: (v) => put(config(v, 'bk2'), '') },
  { id: 'config-digest-wrong', plant: (v) => put(config(v, 'bk2'), read(config(v, 'bk2')).slice(0, -30)) },
  {
    id: 'config-digest-wrong',
    variant: 'of another image',
    plant: (v) => put(config(v, 'bk2'), read(config(v, 'bk'))),
  },
  {
    id: 'config-invalid',
    plant: (v) => {
      const text = '{"rootfs":{"type":"layers","diff_ids":["nonsense"]}}';
      put(path.join(path.dirname(config(v, 'bk2')), sha(text)), text);
      fs.chmodSync(path.join(path.dirname(config(v, 'bk2')), sha(text)), 0o600);
    },
  },
  {
    id: 'image-layer-missing',
    plant: (v) => {
      const { record, snapshot, link } = v.layer('bk2', 4);
      fs.rmSync(record, { recursive: true });
      fs.rmSync(snapshot, { recursive: true });
      fs.rmSync(path.join(v.root, 'overlay2/l', link));
    },
  },
  {
    id: 'rootfs-mismatch',
    plant: (v) => {
      const value = JSON.parse(read(config(v, 'bk2'))) as { history: unknown[] };
      const text = JSON.stringify({ ...value, history: [...value.history, { created_by: 'x' }] });
      const file = path.join(path.dirname(config(v, 'bk2')), sha(text));
      fs.writeFileSync(file, text, { mode: 0o600 });
    },
  },
  {
    id: 'metadata-parent-missing',
    plant: (v) => put(path.join(metadata(v, 'cl'), 'parent'), `sha256:${NOBODY}`),
  },
  { id: 'metadata-parent-invalid', plant: (v) => put(path.join(metadata(v, 'cl'), 'parent'), '') },
  {
    id: 'metadata-orphan',
    plant: (v) => fs.mkdirSync(path.join(path.dirname(metadata(v, 'cl')), NOBODY), { mode: 0o700 }),
  },
  { id: 'repositories-missing', plant: (v) => fs.rmSync(repositories(v)) },
  { id: 'repositories-empty', plant: (v) => put(repositories(v), '') },
  { id: 'repositories-corrupt', plant: (v) => put(repositories(v), read(repositories(v)).slice(0, -40)) },
  {
    id: 'reference-image-missing',
    plant: (v) => put(repositories(v), read(repositories(v)).replaceAll(v.imageId('bk2'), NOBODY)),
  },
  {
    id: 'reference-invalid',
    variant: 'no id',
    plant: (v) => put(repositories(v), read(repositories(v)).replaceAll(`sha256:${v.imageId('bk2')}`, 'sha256:..')),
  },
  {
    id: 'reference-invalid',
    variant: 'a terminal escape',
    plant: (v) => put(repositories(v), read(repositories(v)).replace('"bk2:latest"', '"bk2:\\u001b[2Jlatest"')),
  },
];

const containers: PlantedDamage[] = [
  {
    id: 'container-id-invalid',
    plant: (v) => fs.mkdirSync(path.join(v.root, 'containers/not-an-id'), { mode: 0o710 }),
  },
  { id: 'container-config-missing', plant: (v) => fs.rmSync(containerConfig(v, 'stopped')) },
  { id: 'container-config-corrupt', plant: (v) => put(containerConfig(v, 'stopped'), '{"ID":') },
  { id: 'container-layers-missing', plant: (v) => fs.rmSync(v.mount('stopped'), { recursive: true }) },
  ...(['mount-id', 'init-id', 'parent'] as const).flatMap((file): PlantedDamage[] => {
    const id = file === 'parent' ? 'mount-parent' : file;
    return [
      { id: `${id}-missing`, plant: (v) => fs.rmSync(path.join(v.mount('stopped'), file)) },
      { id: `${id}-empty`, plant: (v) => put(path.join(v.mount('stopped'), file), '') },
      { id: `${id}-invalid`, plant: (v) => put(path.join(v.mount('stopped'), file), '../x') },
    ];
  }),
  {
    id: 'mount-layer-missing',
    plant: (v) => put(path.join(v.mount('stopped'), 'parent'), `sha256:${NOBODY}`),
  },
  {
    id: 'mount-snapshot-missing',
    plant: (v) =>
      fs.rmSync(path.join(v.root, 'overlay2', read(path.join(v.mount('stopped'), 'mount-id'))), { recursive: true }),
  },
  {
    id: 'mount-orphan',
    plant: (v) => fs.rmSync(path.join(v.root, 'containers', v.containerId('stopped')), { recursive: true }),
  },
];

const rest: PlantedDamage[] = [
  {
    id: 'distribution-invalid',
    plant: (v) => {
      const dir = path.join(v.root, 'image/overlay2/distribution/diffid-by-digest/sha256');
      fs.mkdirSync(dir, { recursive: true });
      fs.writeFileSync(path.join(dir, NOBODY), 'nonsense');
    },
  },
  {
    id: 'distribution-dangling',
    plant: (v) => {
      const dir = path.join(v.root, 'image/overlay2/distribution/diffid-by-digest/sha256');
      fs.mkdirSync(dir, { recursive: true });
      fs.writeFileSync(path.join(dir, NOBODY), `sha256:${NOBODY}`);
    },
  },
  {
    id: 'leftover-layer-tmp',
    plant: (v) => fs.mkdirSync(path.join(v.root, 'image/overlay2/layerdb/tmp/write-set-123'), { recursive: true }),
  },
  {
    id: 'leftover-removing',
    plant: (v) => fs.mkdirSync(path.join(v.root, LAYERS, `${NOBODY}-abcdef-removing`)),
  },
  {
    id: 'leftover-file',
    plant: (v) => fs.writeFileSync(path.join(v.root, 'image/overlay2/.tmp-repositories.json1'), '', { mode: 0o600 }),
  },
  {
    id: 'leftover-own',
    plant: (v) => {
      fs.mkdirSync(path.join(v.root, 'layerlab/tmp/removing-x'), { recursive: true });
      fs.chmodSync(path.join(v.root, 'layerlab'), 0o700);
    },
  },
  {
    id: 'cache-layer-broken',
    plant: (v) => {
      fs.mkdirSync(path.join(v.root, 'layerlab/cache/layers', NOBODY), { recursive: true });
      fs.writeFileSync(path.join(v.root, 'layerlab/cache/layers', NOBODY, 'layer.json'), '{');
      fs.chmodSync(path.join(v.root, 'layerlab'), 0o700);
    },
  },
];

/** Every damage that is planted, most of them in the newest layers of `bk`, so that `bb`, `cl` and `runs` stay intact. */
export const plantedDamages: readonly PlantedDamage[] = [
  ...records,
  ...snapshots,
  ...contents,
  ...images,
  ...containers,
  ...rest,
];

function config(v: Victim, tag: string): string {
  return path.join(v.root, 'image/overlay2/imagedb/content/sha256', v.imageId(tag));
}

function metadata(v: Victim, tag: string): string {
  return path.join(v.root, 'image/overlay2/imagedb/metadata/sha256', v.imageId(tag));
}

function repositories(v: Victim): string {
  return path.join(v.root, 'image/overlay2/repositories.json');
}

function containerConfig(v: Victim, name: string): string {
  return path.join(v.root, 'containers', v.containerId(name), 'config.v2.json');
}
