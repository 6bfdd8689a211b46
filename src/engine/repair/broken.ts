import type { ByteString } from '../../formats/bytestring.ts';
import { chainsOf } from '../../store/layerdb.ts';
import type { Finding } from '../check/damage.ts';
import type { DamageId } from '../check/damage-catalogue.ts';
import { digestIn } from '../check/record.ts';
import type { Survey } from '../check/survey.ts';

/** Records that nothing can derive again, and what falls with them. */
export interface Broken {
  /** Names of layers, each with the damage that it comes from. */
  readonly layers: ReadonlyMap<string, DamageId>;
  readonly images: ReadonlyMap<string, DamageId>;
}

/** A layer with one of these is lost, unless what is right is known (`expected`). */
const LOST: ReadonlySet<DamageId> = new Set<DamageId>([
  'layer-empty',
  'diff-missing',
  'diff-empty',
  'diff-invalid',
  'cache-id-missing',
  'cache-id-empty',
  'cache-id-invalid',
  'parent-empty',
  'parent-invalid',
  'parent-layer-missing',
  'chain-id-wrong',
  'snapshot-missing',
  'snapshot-diff-missing',
]);

const LOST_IMAGE: ReadonlySet<DamageId> = new Set<DamageId>([
  'config-empty',
  'config-digest-wrong',
  'config-invalid',
  'image-layer-missing',
]);

/** Follows the damage upward: layers on lost layers, images on those. */
export function findBroken({ layers, images }: Survey, findings: readonly Finding[]): Broken {
  const lost = new Map<string, DamageId>();
  for (const { id, layer, expected } of findings) {
    if (layer === undefined || expected !== undefined || !LOST.has(id)) continue;
    const isBase = id.startsWith('parent-') && digestIn(layers.get(layer)?.diff) === `sha256:${layer}`;
    if (!isBase) lost.set(layer, id);
  }
  for (let grown = true; grown; ) {
    grown = false;
    for (const layer of layers.values()) {
      const parent = digestIn(layer.parent)?.slice(7);
      const why = parent === undefined ? undefined : lost.get(parent);
      if (why === undefined || lost.has(layer.name)) continue;
      lost.set(layer.name, why);
      grown = true;
    }
  }
  const lostImages = new Map<string, DamageId>();
  for (const { id, image } of findings) if (image !== undefined && LOST_IMAGE.has(id)) lostImages.set(image, id);
  for (const image of images.values()) {
    if (!image.digestFits || lostImages.has(image.name)) continue;
    const chain = chainsOf(image.config?.diffIds ?? []).find((each) => lost.has(each.slice(7)));
    if (chain !== undefined) lostImages.set(image.name, lost.get(chain.slice(7)) ?? 'image-layer-missing');
  }
  return { layers: lost, images: lostImages };
}

/** The first part of a path below a folder. */
export function topOf(where: ByteString, folder: ByteString): ByteString | undefined {
  return where.startsWith(`${folder}/`) ? where.slice(folder.length + 1).split('/')[0] : undefined;
}
