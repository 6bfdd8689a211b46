import { emptyContainerConfig } from '../../formats/container-config.ts';
import { classicConfigJson } from '../../formats/container-config-json.ts';
import { chainId, type Digest, digestOf, hexOf } from '../../formats/digest.ts';
import { encodeGoJson, type GoStruct, type GoStructField, type GoValue, goStruct } from '../../formats/go-json.ts';
import { formatGoTime, parseGoTime } from '../../formats/go-time.ts';
import type { ImageConfig } from '../../formats/image-config.ts';

const EPOCH = '1970-01-01T00:00:00Z';

/**
 * The description of each layer as Docker before 1.10 had it, one JSON document a layer, base first; archives still hold
 * them (moby image/tarexport/save.go saveImage, image/v1/imagev1.go CreateID). Only the topmost says what the image is.
 */
export function legacyImages(image: ImageConfig): Buffer[] {
  const documents: Buffer[] = [];
  let chain: Digest | undefined;
  let parent: Digest | undefined;
  for (const [index, diffId] of image.diffIds.entries()) {
    chain = chainId(chain, diffId);
    const top = index === image.diffIds.length - 1;
    const fields = top ? imageFields(image) : layerFields();
    const id = legacyId(fields, chain, parent);
    documents.push(
      encode([
        ['id', hexOf(id)],
        ['parent', parent === undefined ? undefined : hexOf(parent)],
        ...fields.filter(([key]) => key !== 'os'),
        ['os', image.os, true],
      ]),
    );
    parent = id;
  }
  return documents;
}

/** The hash of the description, its keys sorted, with the chain id and the parent's description among them. */
function legacyId(fields: readonly GoStructField[], chain: Digest, parent: Digest | undefined): Digest {
  const keyed = new Map<string, GoValue>();
  for (const [key, value, omitEmpty] of fields) {
    if (value !== undefined && !(omitEmpty === true && value === '')) keyed.set(key, value);
  }
  keyed.set('layer_id', chain);
  if (parent !== undefined) keyed.set('parent', parent);
  return digestOf(encodeGoJson(keyed));
}

function layerFields(): readonly GoStructField[] {
  return [
    ['created', EPOCH],
    ['container_config', classicConfigJson(emptyContainerConfig)],
  ];
}

function imageFields(image: ImageConfig): readonly GoStructField[] {
  return [
    ['comment', image.comment, true],
    ['created', image.created === undefined ? null : formatGoTime(parseGoTime(image.created))],
    ['container', image.container, true],
    ['container_config', classicConfigJson(image.containerConfig ?? emptyContainerConfig)],
    ['docker_version', image.dockerVersion, true],
    ['author', image.author, true],
    ['config', image.config === undefined ? undefined : classicConfigJson(image.config)],
    ['architecture', image.architecture, true],
    ['variant', image.variant, true],
    ['os', image.os, true],
  ];
}

function encode(fields: readonly GoStructField[]): Buffer {
  const struct: GoStruct = goStruct(fields);
  return Buffer.from(encodeGoJson(struct));
}
