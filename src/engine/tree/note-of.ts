import { isDigest } from '../../formats/digest.ts';
import type { Store } from '../../store/store.ts';
import { shortHex } from './short-hex.ts';
import { peek, type WhoIsWho } from './who-is-who.ts';

/** What is known of a path of a data-root, by its parts relative to it; empty where nothing is. */
export function noteOf(store: Store, who: WhoIsWho, parts: readonly string[]): string {
  const path = parts.join('/');
  const fixed = FIXED.get(path);
  if (fixed !== undefined) return fixed;
  const value = (): string => peek(store, path) ?? '';
  const [top, second] = parts;
  if (top === 'image' && second === 'overlay2') return imageNote(who, parts.slice(2), value);
  if (top === 'overlay2') return overlayNote(who, parts.slice(1), value);
  if (top === 'containers') return containerNote(who, parts.slice(1));
  return '';
}

const FIXED: ReadonlyMap<string, string> = new Map([
  ['image', 'all that is known of images, a folder a storage driver'],
  ['image/overlay2', 'images and layers of the overlay2 driver'],
  ['image/overlay2/repositories.json', 'which names stand for which images'],
  ['image/overlay2/distribution', 'what pull and push remember of blobs'],
  ['image/overlay2/distribution/diffid-by-digest', 'compressed blob -> diff_id'],
  ['image/overlay2/distribution/v2metadata-by-diffid', 'diff_id -> blobs and where they were'],
  ['image/overlay2/imagedb', 'images'],
  ['image/overlay2/imagedb/content', 'image configs, each named by its own sha256'],
  ['image/overlay2/imagedb/metadata', 'what is noted of images beside their configs'],
  ['image/overlay2/layerdb', 'layers'],
  ['image/overlay2/layerdb/sha256', 'committed layers, each named by its chain_id'],
  ['image/overlay2/layerdb/mounts', 'writable layers of containers'],
  ['image/overlay2/layerdb/tmp', 'layers being recorded'],
  ['overlay2', 'the files of all layers, a folder a layer named by its cache-id'],
  ['overlay2/l', 'short names of the layers, for the mount call'],
  ['containers', 'configs and logs of containers'],
  ['builder', 'a cache of the classic builder, long unused'],
  ['buildkit', "BuildKit's databases and cache"],
  ['containerd', "containerd's state"],
  ['engine-id', "this daemon's id"],
  ['layerlab', "layerlab's own: lock, leases, build cache"],
  ['network', 'networks and addresses given out'],
  ['plugins', 'plugins of docker'],
  ['runtimes', 'start scripts of OCI runtimes'],
  ['swarm', 'state of swarm mode'],
  ['tmp', 'downloads and uploads on their way'],
  ['trust', 'keys of content trust, long unused'],
  ['volumes', 'volumes and their files'],
]);

const RECORD: Readonly<Record<string, string>> = {
  'cache-id': 'cache-id: which folder of overlay2/ has the files',
  'descriptor.json': 'the blob it was pulled as',
  diff: 'diff_id: sha256 of the layer tar',
  parent: 'chain_id of the layer below',
  size: 'bytes of this layer',
  'tar-split.json.gz': 'gives the layer tar back, with the files of diff/',
};

function imageNote(who: WhoIsWho, parts: readonly string[], value: () => string): string {
  const [database, kind, third = '', fourth = ''] = parts;
  if (database === 'imagedb') {
    const id = `sha256:${third === 'sha256' ? '' : third}`;
    if (third === 'sha256') {
      const digest = `sha256:${fourth}`;
      if (!isDigest(digest)) return '';
      const name = who.image(digest);
      if (kind === 'content') return `config of ${name}`;
      if (parts.length === 4) return `notes on ${name}`;
      return parts[4] === 'parent' ? `built from ${parentName(who, value())}` : oneLine(value());
    }
    return isDigest(id) ? who.image(id) : '';
  }
  if (database === 'layerdb' && kind === 'sha256') {
    const chain = `sha256:${third}`;
    if (!isDigest(chain)) return third === '' ? '' : 'half-removed';
    if (fourth === '') return who.layer(chain);
    return recordNote(who, fourth, value);
  }
  if (database === 'layerdb' && kind === 'mounts') {
    if (fourth === '') return who.container(third);
    const text = value();
    if (fourth === 'parent') return isDigest(text) ? `stands on ${who.layer(text)}` : '';
    return `overlay2/${shortHex(text)}${text.endsWith('-init') ? '…-init' : ''}: ${who.snapshot(text)}`;
  }
  if (database === 'distribution') return distributionNote(who, kind, fourth, value);
  return '';
}

function parentName(who: WhoIsWho, text: string): string {
  return isDigest(text) ? who.image(text) : 'what is no image id';
}

function recordNote(who: WhoIsWho, file: string, value: () => string): string {
  const what = RECORD[file] ?? '';
  if (file === 'cache-id') return `overlay2/${shortHex(value())}`;
  if (file === 'diff') return `diff_id ${shortHex(value())}`;
  if (file === 'size') return `${value()} bytes`;
  if (file !== 'parent') return what;
  const text = value();
  return isDigest(text) ? `on ${who.layer(text)}` : what;
}

function distributionNote(who: WhoIsWho, kind: string | undefined, name: string, value: () => string): string {
  if (name === '') return '';
  if (kind === 'diffid-by-digest') {
    const diffId = value();
    return isDigest(diffId) ? who.diff(diffId) : '';
  }
  const diffId = `sha256:${name}`;
  return isDigest(diffId) ? who.diff(diffId) : '';
}

function overlayNote(who: WhoIsWho, parts: readonly string[], value: () => string): string {
  const [cacheId = '', file] = parts;
  if (cacheId === 'l') return file === undefined ? '' : who.link(file);
  if (file === undefined) return who.snapshot(cacheId);
  if (parts.length > 2) return '';
  if (file === 'link') return `l/${value()}`;
  if (file === 'lower') {
    const links = value().split(':');
    return `${links.length === 1 ? '1 layer' : `${links.length} layers`} below: ${links.map((link) => who.link(link.slice(2))).join('; ')}`;
  }
  return OVERLAY[file] ?? '';
}

const OVERLAY: Readonly<Record<string, string>> = {
  committed: 'others stand on it: mounted read-only from now on',
  diff: 'the files',
  merged: 'where it is mounted',
  work: "overlayfs' scratch folder",
};

function containerNote(who: WhoIsWho, parts: readonly string[]): string {
  const [id = '', file] = parts;
  if (file === undefined) return who.container(id);
  if (parts.length > 2) return '';
  return file === `${id}-json.log` ? 'what it wrote to stdout and stderr' : (CONTAINER[file] ?? '');
}

const CONTAINER: Readonly<Record<string, string>> = {
  checkpoints: 'states it can be put back to',
  'config.v2.json': 'what it is and how it was',
  'hostconfig.json': 'what it may use of the host',
  hostname: 'its /etc/hostname',
  hosts: 'its /etc/hosts',
  mounts: 'its /dev/shm',
  'resolv.conf': 'its /etc/resolv.conf',
  'resolv.conf.hash': 'tells whether somebody changed resolv.conf',
};

function oneLine(text: string): string {
  return text === '\x01' ? 'yes' : text;
}
