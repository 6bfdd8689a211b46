import { type ByteString, fromByteString, toByteString } from '../formats/bytestring.ts';
import { isWhiteout } from '../snapshot/disk-node.ts';
import type { FileNode } from '../snapshot/file-tree.ts';
import type { LayerFiles } from '../snapshot/layer-files.ts';
import { MergedView } from '../snapshot/merged-view.ts';
import { resolvePath } from '../snapshot/resolve-path.ts';
import type { Store } from '../store/store.ts';
import { findSubject, type Subject } from './look/find-subject.ts';
import { layerSteps, plainInstruction } from './look/layer-steps.ts';
import { type OpenLayer, openLayers } from './look/open-layers.ts';
import { openForReading } from './open-for-reading.ts';

export interface WhichLayerOptions {
  readonly dataRoot: string;
  /** An image, container or layer. */
  readonly name: string;
  readonly path: string;
}

/** A layer that has to do with a path. */
export interface LayerOfPath {
  /** From 0 for the base. */
  readonly index: number;
  readonly action: 'adds' | 'changes' | 'deletes';
  /** Whether this layer's is the file that shows. */
  readonly shows: boolean;
  readonly instruction: string;
  /** Empty for the writable layers of a container. */
  readonly chainId: string;
  readonly cacheId: string;
  /** What the layer has there; empty where it deletes the name. */
  readonly type: string;
  readonly mode: number;
  readonly size: number;
}

export interface WhichLayer {
  /** The path that was looked for: links on the way to it resolved. */
  readonly path: string;
  /** Base first. Empty where no layer ever had it. */
  readonly layers: readonly LayerOfPath[];
}

type Action = { readonly action: 'adds' | 'changes' | 'deletes'; readonly node?: FileNode };

/** Which layers bring, change or delete a path, whiteouts and opaque folders included. Throws LL_NOT_FOUND for the image. */
export function whichLayer(options: WhichLayerOptions): WhichLayer {
  const store = openForReading(options.dataRoot);
  const subject = findSubject(store, options.name);
  const opened = openLayers(store, subject);
  const view = new MergedView(opened.map(({ files }) => files));
  const { components } = resolvePath(view, toByteString(options.path), false);
  const names = instructionsOf(store, subject, opened);
  const found: Omit<LayerOfPath, 'shows'>[] = [];
  let exists = false;
  opened.toReversed().forEach(({ files, record, cacheId }, index) => {
    const done = actionOf(files, components, exists);
    if (done === undefined) return;
    exists = done.action !== 'deletes';
    const { node } = done;
    found.push({
      ...{ index, action: done.action, instruction: names[index] ?? '', chainId: record?.chainId ?? '', cacheId },
      ...{ type: node?.kind ?? '', mode: node?.mode ?? 0, size: node?.size ?? 0 },
    });
  });
  const last = found.at(-1);
  return {
    path: `/${fromByteString(components.join('/'))}`,
    layers: found.map((row) => ({ ...row, shows: row === last && row.action !== 'deletes' })),
  };
}

/** What one layer does to a path that is, or is not, there below it. */
function actionOf(files: LayerFiles, components: readonly ByteString[], exists: boolean): Action | undefined {
  const gone: Action | undefined = exists ? { action: 'deletes' } : undefined;
  let hidden = false;
  for (let depth = 1; depth <= components.length; depth++) {
    const path = components.slice(0, depth).join('/');
    const node = files.get(path);
    if (node === undefined) return hidden ? gone : undefined;
    if (isWhiteout(node)) return gone;
    if (depth === components.length) return { action: exists ? 'changes' : 'adds', node };
    if (node.kind !== 'dir') return gone;
    hidden ||= files.isOpaque(path);
  }
  const root = files.get('');
  return root === undefined ? undefined : { action: exists ? 'changes' : 'adds', node: root };
}

/** What made each layer, base first. */
function instructionsOf(store: Store, subject: Subject, opened: readonly OpenLayer[]): string[] {
  if (subject.kind === 'layer') return [''];
  const image = subject.kind === 'image' ? undefined : subject.container.image;
  const config =
    subject.kind === 'image' ? subject.config : image === undefined ? undefined : store.images.config(image);
  const committed = opened.filter(({ record }) => record !== undefined).length;
  const steps = config === undefined ? [] : layerSteps(config).map(plainInstruction);
  const names = Array.from({ length: committed }, (_, index) => steps[index] ?? '');
  if (subject.kind === 'container') names.push("docker's own files below the container", 'the container');
  return names;
}
