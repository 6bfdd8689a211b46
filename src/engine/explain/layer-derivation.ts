import type { ByteString } from '../../formats/bytestring.ts';
import { chainId, type Digest, hexOf } from '../../formats/digest.ts';
import { isCacheId, isLinkId } from '../../formats/ids.ts';
import { readSmallFile } from '../../store/read-small-file.ts';
import type { Store } from '../../store/store.ts';
import type { NewStep } from './explain-step.ts';
import type { ShellCommands } from './shell-commands.ts';

/** What the steps of a layer hand on to those of the next. */
export interface Below {
  readonly chain: Digest;
  /** The `lower` of a snapshot that stands on this one. */
  readonly lower: string;
  /** Folders below `overlay2/`, nearest first. */
  readonly dirs: readonly string[];
}

const LAYERS = 'image/overlay2/layerdb/sha256';

/** A small text of the data-root, by its path there; undefined where it is not there. What is no file reads as damage. */
export function textAt(store: Store, path: ByteString, limit = 1 << 16): string | undefined {
  return readSmallFile(`${store.paths.root}/${path}`, limit, store.files)?.toString('latin1');
}

/**
 * The steps from a diff_id to a mountable folder: chain_id, layerdb, cache-id, link, lower, overlay's four folders. Each is computed
 * from those before it and compared with the disk.
 */
export function layerDerivation(
  store: Store,
  shell: ShellCommands,
  layer: number,
  diffId: Digest,
  below: Below | undefined,
): { readonly steps: readonly NewStep[]; readonly here: Below } {
  const chain = chainId(below?.chain, diffId);
  const folder = `${LAYERS}/${hexOf(chain)}`;
  const there = store.files.lstat(`${store.paths.root}/${folder}`)?.kind === 'dir';
  const steps: NewStep[] = [
    {
      ...{ name: 'diff_id', layer, formula: 'sha256(layer tar), the same in the config and in layerdb' },
      ...{ expected: diffId, found: textAt(store, `${folder}/diff`), where: `${folder}/diff` },
      command: shell.cat(`${folder}/diff`),
    },
    chainStep(shell, layer, diffId, below, chain, folder, there),
    parentStep(store, shell, layer, below, folder),
  ];
  const cacheId = textAt(store, `${folder}/cache-id`);
  steps.push({
    ...{ name: 'cache-id', layer, formula: 'random; the folder of overlay2/ that has the files' },
    ...{ expected: cacheId ?? '(64 hexadecimal or 25 base-36 digits)', found: cacheId, where: `${folder}/cache-id` },
    ok: cacheId !== undefined && isCacheId(cacheId),
    command: shell.cat(`${folder}/cache-id`),
  });
  if (cacheId === undefined || !isCacheId(cacheId)) return { steps, here: { chain, lower: '', dirs: [] } };
  const overlay = overlayDerivation(store, shell, layer, cacheId, below);
  return { steps: [...steps, ...overlay.steps], here: { chain, ...overlay.here } };
}

function chainStep(
  shell: ShellCommands,
  layer: number,
  diffId: Digest,
  below: Below | undefined,
  chain: Digest,
  folder: string,
  there: boolean,
): NewStep {
  const common = { name: 'chain_id', layer, expected: chain, found: there ? chain : undefined, where: `${folder}/` };
  if (below === undefined) {
    return { ...common, formula: 'diff_id of the base layer', command: shell.cat(`${folder}/diff`) };
  }
  const hashed = `${below.chain} ${diffId}`;
  return {
    ...common,
    ...{ formula: 'sha256("<chain_id of the parent> <diff_id>")', hashed, command: shell.sha256OfText(hashed) },
  };
}

function parentStep(
  store: Store,
  shell: ShellCommands,
  layer: number,
  below: Below | undefined,
  folder: string,
): NewStep {
  const found = textAt(store, `${folder}/parent`);
  const common = { name: 'parent', layer, where: `${folder}/parent` };
  if (below !== undefined) {
    const formula = 'chain_id of the layer below';
    return { ...common, formula, expected: below.chain, found, command: shell.cat(`${folder}/parent`) };
  }
  const expected = '(none)';
  const formula = 'a base layer has none';
  return { ...common, formula, expected, found: found ?? expected, command: `echo ${"'(none)'"}` };
}

/** The steps from a cache-id on; a container's writable layers have them too. */
export function overlayDerivation(
  store: Store,
  shell: ShellCommands,
  layer: number | undefined,
  cacheId: string,
  below: Pick<Below, 'lower' | 'dirs'> | undefined,
): { readonly steps: readonly NewStep[]; readonly here: Pick<Below, 'lower' | 'dirs'> } {
  const folder = `overlay2/${cacheId}`;
  const which = layer === undefined ? {} : { layer };
  const link = textAt(store, `${folder}/link`);
  const valid = link !== undefined && isLinkId(link);
  const name = valid ? `overlay2/l/${link}` : 'overlay2/l/';
  const target = `../${cacheId}/diff`;
  const steps: NewStep[] = [
    {
      ...{ ...which, name: 'link', formula: 'random; a short name, so that many of them fit into one mount call' },
      ...{ expected: link ?? '(26 of A-Z2-7)', found: link, ok: valid, where: `${folder}/link` },
      command: shell.cat(`${folder}/link`),
    },
    {
      ...{ ...which, name: 'l/', formula: 'a symbolic link from the short name to the files', expected: target },
      ...{ found: valid ? store.files.readlink(`${store.paths.root}/${name}`) : undefined, where: name },
      command: shell.readlink(name),
    },
  ];
  const lower = textAt(store, `${folder}/lower`);
  if (below !== undefined && below.lower !== '') {
    steps.push({
      ...{ ...which, name: 'lower', formula: 'l/<link of the layer below>:<its own lower>', expected: below.lower },
      ...{ found: lower, where: `${folder}/lower`, command: shell.cat(`${folder}/lower`) },
      ok: lower === below.lower || (lower !== undefined && standsOnTwins(store, lower, below.lower)),
    });
  } else if (lower !== undefined) {
    const formula = 'a base layer has none';
    const command = `echo ${"'(none)'"}`;
    steps.push({
      ...which,
      name: 'lower',
      formula,
      expected: '(none)',
      found: lower,
      where: `${folder}/lower`,
      command,
    });
  }
  steps.push(...overlayDirs(store, shell, which, folder, below?.dirs ?? []));
  const own = `l/${link ?? ''}`;
  return {
    steps,
    here: {
      lower: below === undefined || below.lower === '' ? own : `${own}:${below.lower}`,
      dirs: [`${folder}/diff`, ...(below?.dirs ?? [])],
    },
  };
}

/**
 * BuildKit may have made a layer twice: what was built on the second one goes on standing on its snapshot, while the record in
 * layerdb has the first one's. So another name is right where it leads to a snapshot that no record has.
 */
function standsOnTwins(store: Store, lower: string, expected: string): boolean {
  const [found, wanted] = [lower.split(':'), expected.split(':')];
  if (found.length !== wanted.length) return false;
  let recorded: ReadonlySet<string> | undefined;
  return found.every((name, at) => {
    if (name === wanted[at]) return true;
    if (!/^l\/[A-Z2-7]{26}$/.test(name)) return false;
    const target = store.files.readlink(`${store.paths.overlay}/${name}`) ?? '';
    const cacheId = /^\.\.\/([0-9a-z]+)\/diff$/.exec(target)?.[1];
    if (cacheId === undefined || store.files.lstat(`${store.paths.overlay}/${cacheId}/diff`)?.kind !== 'dir')
      return false;
    recorded ??= new Set(store.layers.list().map((layer) => layer.cacheId));
    return !recorded.has(cacheId);
  });
}

/** What inspect shows as GraphDriver.Data. `merged` is there only while something is mounted. */
function overlayDirs(
  store: Store,
  shell: ShellCommands,
  which: { readonly layer?: number },
  folder: string,
  lowers: readonly string[],
): NewStep[] {
  const { root } = store.paths;
  const isDir = (path: string): boolean => store.files.lstat(`${root}/${path}`)?.kind === 'dir';
  const steps: NewStep[] = [];
  if (lowers.length > 0) {
    const expected = lowers.join(':');
    const found = lowers.every(isDir) ? expected : lowers.filter(isDir).join(':');
    const formula = 'where each name in lower leads, nearest layer first';
    const command = lowers.map((dir) => shell.list(dir)).join('; ');
    steps.push({ ...which, name: 'LowerDir', formula, expected, found, where: `${folder}/lower`, command });
  }
  const upper = `${folder}/diff`;
  steps.push({
    ...{ ...which, name: 'UpperDir', formula: 'what this layer changes', expected: upper },
    ...{ found: isDir(upper) ? upper : undefined, where: `${upper}/`, command: shell.list(upper) },
  });
  const work = `${folder}/work`;
  if (lowers.length > 0) {
    steps.push({
      ...{ ...which, name: 'WorkDir', formula: "overlayfs' scratch folder", expected: work },
      ...{ found: isDir(work) ? work : undefined, where: `${work}/`, command: shell.list(work) },
    });
  }
  const merged = `${folder}/merged`;
  steps.push({
    ...{ ...which, name: 'MergedDir', formula: 'where all of it is seen as one; there while it is mounted' },
    ...{ expected: merged, found: merged, where: `${merged}/`, command: `echo ${merged}` },
  });
  return steps;
}
