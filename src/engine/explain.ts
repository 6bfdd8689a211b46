import { LayerlabError } from '../errors/layerlab-error.ts';
import { type Digest, digestOf, hexOf, isDigest } from '../formats/digest.ts';
import { type ImageConfig, parseImageConfig } from '../formats/image-config.ts';
import { familiarString, withDefaultTag } from '../formats/reference.ts';
import type { ContainerRecord } from '../store/mounts.ts';
import { readSmallFile } from '../store/read-small-file.ts';
import type { Store } from '../store/store.ts';
import { type ExplainStep, type NewStep, numbered } from './explain/explain-step.ts';
import { type Below, layerDerivation, overlayDerivation, textAt } from './explain/layer-derivation.ts';
import { layerTarDigest } from './explain/layer-tar-digest.ts';
import { quoted, type ShellCommands, shellCommands } from './explain/shell-commands.ts';
import { findContainer } from './look/find-container.ts';
import { tryImage } from './look/find-subject.ts';
import { layerSteps, plainInstruction } from './look/layer-steps.ts';
import { openForReading } from './open-for-reading.ts';
import { tryParseReference } from './resolve-image.ts';

export interface ExplainOptions {
  readonly dataRoot: string;
  /** An image or a container. */
  readonly name: string;
  /** Also put every layer's tar together again and hash it, which reads all files. */
  readonly contents?: boolean;
}

export interface Explanation {
  readonly kind: 'image' | 'container';
  /** As it was asked for. */
  readonly name: string;
  /** The image's id, or the container's. */
  readonly id: string;
  /** What made each layer, base first. */
  readonly layers: readonly { readonly instruction: string; readonly chainId: Digest }[];
  readonly steps: readonly ExplainStep[];
  /** Whether every step holds. */
  readonly ok: boolean;
}

const CONTENT = 'image/overlay2/imagedb/content/sha256';
const CONFIG_LIMIT = 64 << 20;

/**
 * The whole derivation of an image or a container, from its name down to the folders that overlayfs mounts. Each step is computed
 * anew from those before it and compared with the disk: damage shows as a step that does not hold. Throws LL_NOT_FOUND, LL_NO_RIGHT.
 */
export async function explain(options: ExplainOptions): Promise<Explanation> {
  const store = openForReading(options.dataRoot);
  const shell = shellCommands(store);
  const container = findContainer(store, options.name);
  const id = container?.exact === true ? undefined : tryImage(store, options.name);
  if (id === undefined && container !== undefined) {
    return explainContainer(store, shell, options.name, container.record);
  }
  if (id === undefined) throw new LayerlabError('LL_NOT_FOUND', `No such image or container: ${options.name}`);
  const config = configAsItIs(store, id);
  if (config === undefined) throw new LayerlabError('LL_CORRUPT', `the config of image ${id} cannot be read`);
  const { steps, tops } = imageDerivation(store, shell, options.name, id, config);
  const contents = options.contents === true ? await contentSteps(store, options.name, config, tops) : [];
  return done('image', options.name, id, config, tops, [...steps, ...contents]);
}

function done(
  kind: Explanation['kind'],
  name: string,
  id: string,
  config: ImageConfig | undefined,
  tops: readonly Below[],
  list: readonly NewStep[],
): Explanation {
  const steps = numbered(list);
  const instructions = config === undefined ? [] : layerSteps(config);
  const layers = tops.map(({ chain }, index) => {
    const step = instructions[index];
    return { instruction: step === undefined ? '' : plainInstruction(step), chainId: chain };
  });
  return { kind, name, id, layers, steps, ok: steps.every(({ ok }) => ok) };
}

function imageDerivation(
  store: Store,
  shell: ShellCommands,
  name: string,
  id: Digest,
  config: ImageConfig,
): { readonly steps: readonly NewStep[]; readonly tops: readonly Below[] } {
  const steps: NewStep[] = [...referenceStep(store, shell, name, id)];
  const path = `${CONTENT}/${hexOf(id)}`;
  const bytes = readConfig(store, id);
  steps.push({
    ...{ name: 'image id', formula: 'sha256(config)', expected: id, where: path, command: shell.sha256(path) },
    found: bytes === undefined ? undefined : digestOf(bytes),
  });
  const layers = layersDerivation(store, shell, config.diffIds);
  return { steps: [...steps, ...layers.steps], tops: layers.tops };
}

function layersDerivation(
  store: Store,
  shell: ShellCommands,
  diffIds: readonly Digest[],
): { readonly steps: readonly NewStep[]; readonly tops: readonly Below[] } {
  const steps: NewStep[] = [];
  const tops: Below[] = [];
  for (const [layer, diffId] of diffIds.entries()) {
    const { steps: own, here } = layerDerivation(store, shell, layer, diffId, tops.at(-1));
    steps.push(...own);
    tops.push(here);
  }
  return { steps, tops };
}

/** The layers below a container whose image is gone, or none. */
function orphanedLayers(store: Store, shell: ShellCommands, parent: string | undefined) {
  if (parent === undefined || !isDigest(parent)) return { steps: [], tops: [] };
  return layersDerivation(
    store,
    shell,
    store.layers.chain(parent).map(({ diffId }) => diffId),
  );
}

/** Also of an image whose config is not what its name says: the step that hashes it shows that. */
function configAsItIs(store: Store, id: Digest): ImageConfig | undefined {
  try {
    return parseImageConfig(readConfig(store, id) ?? Buffer.alloc(0));
  } catch (error) {
    if (error instanceof LayerlabError && error.code !== 'LL_NO_RIGHT') return undefined;
    throw error;
  }
}

function readConfig(store: Store, id: Digest): Buffer | undefined {
  return readSmallFile(`${store.paths.imageContent}/${hexOf(id)}`, CONFIG_LIMIT, store.files);
}

/** Only where the image was asked for by a name. */
function referenceStep(store: Store, shell: ShellCommands, name: string, id: Digest): NewStep[] {
  const parsed = tryParseReference(name);
  const reference = parsed === undefined ? undefined : withDefaultTag(parsed);
  const found = reference === undefined ? undefined : store.references.resolve(reference);
  if (reference === undefined || found !== id) return [];
  const key = familiarString(reference);
  const where = 'image/overlay2/repositories.json';
  const sed = `sed 's/.*"${key.replaceAll(/[.[\]*/\\]/g, '\\$&')}":"\\([^"]*\\)".*/\\1/'`;
  const command = `${shell.cat(where)} | ${sed}`;
  return [{ name: 'reference', formula: `the id behind ${JSON.stringify(key)}`, expected: id, found, where, command }];
}

async function contentSteps(
  store: Store,
  name: string,
  config: ImageConfig,
  tops: readonly Below[],
): Promise<NewStep[]> {
  const steps: NewStep[] = [];
  for (const [layer, diffId] of config.diffIds.entries()) {
    const chain = tops[layer]?.chain;
    if (chain === undefined) continue;
    const found = await layerTarDigest(store, chain);
    const hex = hexOf(diffId);
    const save = `layerlab --data-root ${quoted(store.dataRoot)} save ${quoted(name)}`;
    steps.push({
      ...{ name: 'content', layer, formula: 'sha256(layer tar), put together from tar-split.json.gz and diff/' },
      ...{ expected: diffId, found, where: `image/overlay2/layerdb/sha256/${hexOf(chain)}/tar-split.json.gz` },
      command: `${save} | tar -xOf - blobs/sha256/${hex} | sha256sum`,
    });
  }
  return steps;
}

/** A container stands on an image: its own steps first, then how the image came to be. */
function explainContainer(store: Store, shell: ShellCommands, name: string, record: ContainerRecord): Explanation {
  const { id } = record;
  const home = `containers/${id}`;
  const mounts = `image/overlay2/layerdb/mounts/${id}`;
  const config = record.image === undefined ? undefined : configAsItIs(store, record.image);
  const image =
    record.image === undefined || config === undefined
      ? orphanedLayers(store, shell, textAt(store, `${mounts}/parent`))
      : imageDerivation(store, shell, record.image, record.image, config);
  const top = image.tops.at(-1);
  const steps: NewStep[] = [
    {
      ...{ name: 'container', formula: 'its folder is named after its id', expected: id, where: `${home}/` },
      ...{ found: store.files.lstat(`${store.paths.root}/${home}`)?.kind === 'dir' ? id : undefined },
      command: `${shell.list(home)} | sed 's,/$,,;s,.*/,,'`,
    },
    {
      ...{ name: 'image', formula: 'Image in config.v2.json', where: `${home}/config.v2.json` },
      // A container of a build FROM scratch stands on no image.
      ...{ expected: record.image ?? '', found: record.image === undefined ? '' : config && record.image },
      command: `${shell.cat(`${home}/config.v2.json`)} | sed 's/.*"Image":"\\(sha256:[^"]*\\)".*/\\1/;t;s/.*//'`,
    },
  ];
  const mountId = textAt(store, `${mounts}/mount-id`);
  const initId = textAt(store, `${mounts}/init-id`);
  steps.push(
    {
      ...{ name: 'mount-id', formula: 'random; the folder of overlay2/ that the container writes to' },
      ...{ expected: mountId ?? '(64 hexadecimal digits)', found: mountId, where: `${mounts}/mount-id` },
      command: shell.cat(`${mounts}/mount-id`),
    },
    {
      ...{ name: 'init-id', formula: '<mount-id>-init: files that docker puts below every container' },
      ...{ expected: `${mountId ?? ''}-init`, found: initId, where: `${mounts}/init-id` },
      command: shell.cat(`${mounts}/init-id`),
    },
  );
  if (top !== undefined) {
    steps.push({
      ...{ name: 'parent', formula: "chain_id of the image's topmost layer", expected: top.chain },
      ...{
        found: textAt(store, `${mounts}/parent`),
        where: `${mounts}/parent`,
        command: shell.cat(`${mounts}/parent`),
      },
    });
  }
  if (mountId !== undefined && /^[0-9a-f]{64}$/.test(mountId)) {
    const init = overlayDerivation(store, shell, undefined, `${mountId}-init`, top);
    steps.push(...init.steps, ...overlayDerivation(store, shell, undefined, mountId, init.here).steps);
  }
  return done('container', name, id, config, image.tops, [...steps, ...image.steps]);
}
