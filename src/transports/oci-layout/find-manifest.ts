import type { Digest } from '../../formats/digest.ts';
import type { OciBlobs } from './oci-blobs.ts';
import {
  badLayout,
  descriptorList,
  type OciDescriptor,
  type OciPlatform,
  parseDescriptor,
  parseOciDocument,
} from './oci-descriptor.ts';

/** Which image of a layout is meant: a manifest or index by its digest, else by its tag. */
export interface OciChoice {
  readonly tag: string;
  readonly digest: Digest | undefined;
  /** Says which of the platforms an index offers is to be used; -1 for none. */
  readonly choose: (platforms: readonly OciPlatform[]) => number;
}

/** An image of a layout: where its config and its layers are, base first. */
export interface OciManifest {
  readonly config: OciDescriptor;
  readonly layers: readonly OciDescriptor[];
}

const DOCUMENT_LIMIT = 4 << 20;
const MAX_MANIFESTS = 1000;
const MAX_LAYERS = 1000;
const MAX_DEPTH = 4;
const REF_NAME = 'org.opencontainers.image.ref.name';

const INDEX_TYPES: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]);

/**
 * Finds an image in a layout as docker buildx does: the entry of `index.json` with the tag, else the only one there is; an
 * index leads on by platform. Throws LL_ARCHIVE, LL_DIGEST, LL_LIMIT.
 */
export function findOciManifest(blobs: OciBlobs, { tag, digest, choose }: OciChoice): OciManifest {
  const entries = descriptorList(
    parseOciDocument(blobs.index(DOCUMENT_LIMIT), 'index.json'),
    'manifests',
    MAX_MANIFESTS,
  );
  const only = entries.length === 1 ? entries[0] : undefined;
  let entry =
    digest === undefined
      ? (entries.find(({ annotations }) => annotations.get(REF_NAME) === tag) ?? only)
      : entries.find((one) => one.digest === digest);
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    if (entry === undefined) throw badLayout(`it has no image ${digest ?? JSON.stringify(tag)}`);
    const document = parseOciDocument(blobs.read(entry, DOCUMENT_LIMIT), `manifest ${entry.digest}`);
    if (!INDEX_TYPES.has(entry.mediaType) && !document.has('manifests')) {
      return {
        config: parseDescriptor(document.get('config'), 'the config of the manifest'),
        layers: descriptorList(document, 'layers', MAX_LAYERS),
      };
    }
    entry = chooseEntry(descriptorList(document, 'manifests', MAX_MANIFESTS), choose);
  }
  throw badLayout('its indexes nest too deep');
}

/** What says nothing of its platform may be anything; attestations are for `unknown`. */
function chooseEntry(entries: readonly OciDescriptor[], choose: OciChoice['choose']): OciDescriptor {
  const offered = entries.filter(({ platform }) => platform !== undefined && platform.architecture !== 'unknown');
  const chosen = offered[choose(offered.map(({ platform }) => platform as OciPlatform))];
  const entry = chosen ?? entries.find(({ platform }) => platform === undefined);
  if (entry !== undefined) return entry;
  const has = offered.map(({ platform }) => `${platform?.os}/${platform?.architecture}`).join(', ');
  throw badLayout(`it has no image of the platform asked for, but of ${has || 'none'}`);
}
