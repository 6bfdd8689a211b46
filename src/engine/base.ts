import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { DIALECT_28 } from '../committer/tar-dialect.ts';
import { writeChange } from '../committer/write-change.ts';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fsPath, toByteString } from '../formats/bytestring.ts';
import { emptyContainerConfig } from '../formats/container-config.ts';
import { loadCrc64 } from '../formats/crc64.ts';
import { chainId, type Digest } from '../formats/digest.ts';
import { formatGoTime, nowNanos, timeFromNanos } from '../formats/go-time.ts';
import { newStringId } from '../formats/ids.ts';
import { encodeBuildkitImage } from '../formats/image-config.ts';
import { familiarString, parseReference, withDefaultTag } from '../formats/reference.ts';
import { ChangeTree } from '../snapshot/change-tree.ts';
import { lstatNode } from '../snapshot/disk-node.ts';
import { MergedView } from '../snapshot/merged-view.ts';
import { splitPath } from '../snapshot/resolve-path.ts';
import { openStore } from '../store/store.ts';
import { type HostFile, hostPrograms } from './base/host-programs.ts';
import { systemAccounts } from './base/system-accounts.ts';
import { hostPlatform } from './build/host-platform.ts';

export interface BaseOptions {
  readonly dataRoot: string;
  /** `layerlab/base:latest` unless told. */
  readonly reference?: string;
  readonly onProgress?: (progress: { readonly files: number; readonly bytes: number }) => void;
}

export interface BaseResult {
  readonly id: Digest;
  readonly reference: string;
  readonly files: number;
  readonly bytes: number;
}

const FOLDERS: readonly (readonly [path: string, mode: number])[] = [
  ['/bin', 0o755],
  ['/dev', 0o755],
  ['/etc', 0o755],
  ['/home', 0o755],
  ['/proc', 0o555],
  ['/root', 0o700],
  ['/sys', 0o555],
  ['/tmp', 0o1777],
  ['/usr', 0o755],
  ['/usr/bin', 0o755],
  ['/usr/local', 0o755],
  ['/var', 0o755],
  ['/var/tmp', 0o1777],
];

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Makes a small base image from this host's own shell, core utilities, their libraries, and the system users of its passwd
 * and group, so that Dockerfiles with RUN have something to stand on without a network. The same host gives the same image.
 *
 * @throws LL_RUN_IMPOSSIBLE on a host that is no Linux: its programs could not run in an image
 */
export async function makeBase(options: BaseOptions): Promise<BaseResult> {
  if (process.platform !== 'linux') {
    throw new LayerlabError('LL_RUN_IMPOSSIBLE', 'a base image can be made from a Linux host only', {
      hint: 'Load one instead: `layerlab load -i base.tar`.',
    });
  }
  const reference = withDefaultTag(parseReference(options.reference ?? 'layerlab/base'));
  const files = hostPrograms();
  if (!files.some(({ target }) => target === '/bin/sh')) {
    throw new LayerlabError('LL_RUN_IMPOSSIBLE', 'this host has no shell to make a base image from');
  }
  const crc = (await loadCrc64())();
  const store = openStore(options.dataRoot, { mode: 'write' });
  try {
    const staging = `${store.paths.tmp}/${store.lease().id}-base`;
    mkdirSync(fsPath(staging), { mode: 0o700 });
    const { tree, newest } = plan(files, staging);
    let bytes = 0;
    const cacheId = newStringId();
    const snapshot = store.overlay.createSnapshot({ cacheId });
    const result = writeChange(tree, {
      diff: snapshot.diff,
      faithful: !store.projected,
      dialect: DIALECT_28,
      crc,
      latestTime: undefined,
      asFromTar: true,
      onBytes: (count) => {
        bytes = count;
        options.onProgress?.({ files: files.length, bytes });
      },
    });
    store.lease().hold([chainId(undefined, result.diffId)]);
    const { existed } = store.layers.register({
      diffId: result.diffId,
      parent: undefined,
      cacheId,
      size: result.diskSize,
      tarSplit: result.tarSplit,
    });
    if (existed) store.overlay.removeSnapshot(cacheId);
    const id = store.images.create(baseConfig(result.diffId, newest));
    store.images.setLastUpdated(id, formatGoTime(timeFromNanos(nowNanos())));
    store.references.set(reference, id);
    return { id, reference: familiarString(reference), files: files.length, bytes: result.contentSize };
  } finally {
    rmSync(fsPath(`${store.paths.tmp}/${store.lease().id}-base`), { recursive: true, force: true });
    store.close();
  }
}

/** Programs and libraries with their own modes and times, but root's; folders with the time of the newest of them. */
function plan(files: readonly HostFile[], staging: ByteString): { tree: ChangeTree; newest: bigint } {
  const found = files.flatMap(({ source, target }) => {
    const node = lstatNode(toByteString(source));
    return node?.kind === 'file' ? [{ node, at: splitPath(toByteString(target)) }] : [];
  });
  let newest = 0n;
  for (const { node } of found) if (node.mtime > newest) newest = node.mtime;
  const tree = new ChangeTree(new MergedView([]), () => newest);
  const folder = (path: string, mode: number): void => {
    const names = splitPath(toByteString(path));
    for (let depth = 1; depth <= names.length; depth += 1) {
      const at = names.slice(0, depth);
      if (tree.lookup(at) !== undefined) continue;
      tree.makeDir(at, { kind: 'dir', mode: depth === names.length ? mode : 0o755, uid: 0, gid: 0, mtime: newest });
    }
  };
  for (const [path, mode] of FOLDERS) folder(path, mode);
  for (const { node, at } of found) {
    folder(at.slice(0, -1).join('/'), 0o755);
    tree.put(at, {
      kind: 'file',
      mode: node.mode & 0o755,
      uid: 0,
      gid: 0,
      size: node.size,
      mtime: node.mtime,
      content: { kind: 'file', path: node.path },
    });
  }
  for (const name of ['passwd', 'group']) {
    const text = systemAccounts(`/etc/${name}`);
    const path = `${staging}/${name}`;
    writeFileSync(fsPath(path), text);
    tree.put(['etc', name], {
      kind: 'file',
      mode: 0o644,
      uid: 0,
      gid: 0,
      size: Buffer.byteLength(text),
      mtime: newest,
      content: { kind: 'staged', path },
    });
  }
  return { tree, newest };
}

function baseConfig(diffId: Digest, newest: bigint): Buffer {
  const created = formatGoTime(timeFromNanos(newest));
  return encodeBuildkitImage({
    ...hostPlatform(),
    author: '',
    comment: '',
    created,
    container: '',
    containerConfig: undefined,
    config: { ...emptyContainerConfig, env: [`PATH=${PATH}`], cmd: ['/bin/sh'] },
    dockerVersion: '',
    history: [{ created, createdBy: "layerlab base # this host's shell and core utilities" }],
    diffIds: [diffId],
    unknown: new Map(),
  });
}
