import { readFileSync } from 'node:fs';
import { fsPath } from '../formats/bytestring.ts';
import { decompressTarSplit, parseTarSplit, tarSplitHeaders } from '../formats/tar-split-reader.ts';
import { DiskLayer } from '../snapshot/disk-layer.ts';
import type { LayerFiles } from '../snapshot/layer-files.ts';
import { MergedView } from '../snapshot/merged-view.ts';
import { TarSplitLayer } from '../snapshot/tar-split-layer.ts';
import type { BuiltLayer } from '../store/built-layer.ts';
import type { BuildEnv, LayerStack } from './build-env.ts';

/**
 * The merged view of some layers: from `diff` where that tells all, else from tar-split.
 *
 * @param above what lies on top of them, nearest first
 */
export function openStack(env: BuildEnv, stack: LayerStack, above: readonly LayerFiles[] = []): MergedView {
  return new MergedView([...above, ...[...stack].reverse().map((layer) => openLayer(env, layer))]);
}

function openLayer(env: BuildEnv, layer: BuiltLayer): LayerFiles {
  const known = env.opened.get(layer.cacheId);
  if (known !== undefined) return known;
  const diff = env.store.overlay.diffPath(layer.cacheId);
  const files = env.readsHeaders ? projectedLayer(env, layer, diff) : new DiskLayer(diff);
  env.opened.set(layer.cacheId, files);
  return files;
}

function projectedLayer(env: BuildEnv, layer: BuiltLayer, diff: string): LayerFiles {
  const { store, pending } = env;
  const compressed = store.layers.has(layer.chainId)
    ? readFileSync(fsPath(store.layers.tarSplitPath(layer.chainId)))
    : pending.tarSplit(layer.chainId);
  return new TarSplitLayer(diff, tarSplitHeaders(parseTarSplit(decompressTarSplit(compressed))));
}
