import { chainId, type Digest, isDigest } from '../../formats/digest.ts';
import { isCacheId } from '../../formats/ids.ts';
import { MAX_LAYER_DEPTH } from '../../store/layerdb.ts';
import type { Report } from './damage.ts';
import type { LayerClues } from './layer-clues.ts';
import { cacheIdOf, digestIn, fault } from './record.ts';
import type { LayerFacts, Survey } from './survey.ts';

const SIZE = /^[0-9]{1,16}$/;
const TAR_SPLIT_HEAD = 20;

/** The records of layers: `layerdb/sha256/<chain_id>/`, each file by itself and all of them together. */
export function checkLayers(survey: Survey, clues: LayerClues, report: Report): void {
  const { reader, paths, layers } = survey;
  for (const name of reader.names(paths.layers)) {
    if (layers.has(name) || name.endsWith('-removing')) continue;
    const detail = /^[0-9a-f]{64}$/.test(name) ? 'is no folder' : 'is no chain id';
    report({ id: 'layer-id-invalid', where: reader.relative(`${paths.layers}/${name}`), detail });
  }
  const users = new Map<string, string>();
  for (const layer of layers.values()) {
    if (layer.empty) {
      const detail = 'the folder of the layer is empty';
      report({ id: 'layer-empty', where: reader.relative(layer.dir), detail, layer: layer.name });
      continue;
    }
    if (reader.hides(layer.dir)) continue;
    checkFiles(survey, layer, clues, report);
    checkChain(survey, layer, clues, report);
    const cacheId = cacheIdOf(layer);
    const other = cacheId === undefined ? undefined : users.get(cacheId);
    if (cacheId === undefined) continue;
    if (other !== undefined) {
      report({
        id: 'cache-id-shared',
        where: reader.relative(`${layer.dir}/cache-id`),
        detail: `the layer ${other.slice(0, 12)} names ${cacheId.slice(0, 12)} too`,
        layer: layer.name,
      });
    }
    users.set(cacheId, layer.name);
  }
}

function checkFiles({ reader }: Survey, layer: LayerFacts, clues: LayerClues, report: Report): void {
  const about = (file: string) => ({ where: reader.relative(`${layer.dir}/${file}`), layer: layer.name });
  const expected = (text: string | undefined) => (text === undefined ? {} : { expected: text });
  const diff = fault(layer.diff, isDigest);
  if (diff !== undefined) {
    report({ id: `diff-${diff.kind}`, detail: diff.detail, ...about('diff'), ...expected(clues.diffId(layer.name)) });
  }
  const cacheId = fault(layer.cacheId, isCacheId);
  if (cacheId !== undefined) report({ id: `cache-id-${cacheId.kind}`, detail: cacheId.detail, ...about('cache-id') });
  const size = fault(layer.size, (text) => SIZE.test(text));
  if (size !== undefined) report({ id: `size-${size.kind}`, detail: size.detail, ...about('size') });
  if (layer.descriptor.state === 'odd' || (layer.descriptor.state === 'text' && !isJson(layer.descriptor.text))) {
    report({ id: 'descriptor-invalid', detail: 'is no JSON document', ...about('descriptor.json') });
  }
  const split = layer.tarSplit;
  const place = about('tar-split.json.gz');
  if (reader.hides(`${layer.dir}/tar-split.json.gz`)) return;
  if (split === undefined) report({ id: 'tar-split-missing', detail: 'is missing', ...place });
  else if (split.kind !== 'file') report({ id: 'tar-split-corrupt', detail: 'is no regular file', ...place });
  else if (split.size === 0) report({ id: 'tar-split-empty', detail: 'has no bytes', ...place });
  else if (split.size < TAR_SPLIT_HEAD) report({ id: 'tar-split-corrupt', detail: 'is cut off', ...place });
}

/** The name of a layer is a hash over its parent's and its diff_id: one of the three is wrong where they do not fit. */
function checkChain({ reader, layers }: Survey, layer: LayerFacts, clues: LayerClues, report: Report): void {
  const where = reader.relative(`${layer.dir}/parent`);
  const parent = fault(layer.parent, isDigest);
  const known = clues.parent(layer.name);
  const expected = known === undefined ? {} : { expected: known };
  const diffId = digestIn(layer.diff) ?? clues.diffId(layer.name);
  if (parent !== undefined && parent.kind !== 'missing') {
    report({ id: `parent-${parent.kind}`, where, detail: parent.detail, layer: layer.name, ...expected });
    return;
  }
  if (parent !== undefined && diffId !== undefined && `sha256:${layer.name}` !== diffId && known !== undefined) {
    const detail = `is missing, and the layer stands on ${known.slice(7, 19)}`;
    report({ id: 'parent-missing', where, detail, layer: layer.name, ...expected });
    return;
  }
  const below = digestIn(layer.parent);
  if (
    diffId !== undefined &&
    layer.parent.state !== 'unreadable' &&
    chainId(below, diffId) !== `sha256:${layer.name}`
  ) {
    report({
      id: 'chain-id-wrong',
      where: reader.relative(layer.dir),
      detail: `its diff and parent give ${chainId(below, diffId).slice(7, 19)}, not ${layer.name.slice(0, 12)}`,
      layer: layer.name,
    });
    return;
  }
  if (below !== undefined && !layers.has(below.slice(7))) {
    const detail = `there is no layer ${below.slice(7, 19)}`;
    report({ id: 'parent-layer-missing', where, detail, layer: layer.name });
  }
  const depth = depthOf(layers, layer);
  if (depth > MAX_LAYER_DEPTH) {
    const detail = `${depth} layers deep`;
    report({ id: 'layer-too-deep', where: reader.relative(layer.dir), detail, layer: layer.name });
  }
}

function depthOf(layers: ReadonlyMap<string, LayerFacts>, top: LayerFacts): number {
  let depth = 0;
  for (let layer: LayerFacts | undefined = top; layer !== undefined && depth <= 1024; depth++) {
    const parent: Digest | undefined = digestIn(layer.parent);
    layer = parent === undefined ? undefined : layers.get(parent.slice(7));
  }
  return depth;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
