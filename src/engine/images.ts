import { LayerlabError } from '../errors/layerlab-error.ts';
import type { Digest } from '../formats/digest.ts';
import { formatGoTime, type GoTime, nanosOf } from '../formats/go-time.ts';
import type { ImageBrief } from '../formats/image-brief.ts';
import { familiarName, familiarString, type Reference } from '../formats/reference.ts';
import { expectManyDigests } from '../formats/sha256.ts';
import { allImageNames, createdTime, type ImageNames, imageSizes, imagesWithChildren } from './image-facts.ts';
import { type ImageFilters, matchesLabels, parseImageFilters } from './image-filters.ts';
import { openForReading } from './open-for-reading.ts';
import { pathMatch } from './path-match.ts';
import { tryParseReference } from './resolve-image.ts';

export interface ImagesOptions {
  readonly dataRoot: string;
  /** Also images that only others are built on (classic's intermediate ones). */
  readonly all?: boolean;
  /** `dangling=true`, `label=k=v`, `before=<image>`, `since=<image>`, `reference=<pattern>`, `until=<moment>`. */
  readonly filters?: readonly string[];
  /** A name or pattern: only images with such a name. */
  readonly reference?: string;
}

/** One name of an image, or an image without one. */
export interface ImageSummary {
  /** `sha256:<hex>`. */
  readonly id: Digest;
  /** `<none>` where there is none; likewise `tag` and `digest`. */
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
  /** Seconds since 1970; 0 where the image does not say. */
  readonly created: number;
  /** RFC 3339; empty where the image does not say. */
  readonly createdAt: string;
  readonly size: number;
  /** -1, as docker says where it did not count. */
  readonly sharedSize: number;
  readonly uniqueSize: number;
  readonly containers: number;
  readonly labels: Readonly<Record<string, string>>;
}

const NONE = '<none>';
/** So many configs are hashed faster by what takes longer to load. */
const MANY = 20;

/**
 * The images of a data-root, newest first, as `docker images` lists them (moby daemon/images/images.go). Images whose
 * layers or config are damaged, or which are not for Linux, are left out, as there. Throws LL_USAGE for a filter that is unknown.
 */
export function images(options: ImagesOptions): ImageSummary[] {
  const store = openForReading(options.dataRoot);
  const given = parseImageFilters(store, options.filters ?? []);
  const filters =
    options.reference === undefined ? given : { ...given, references: [...given.references, options.reference] };
  const parents = imagesWithChildren(store);
  const known = allImageNames(store);
  const sizeOf = imageSizes(store);
  const rows: { readonly time: bigint; readonly rows: readonly ImageSummary[] }[] = [];
  const ids = store.images.list().sort();
  if (ids.length >= MANY) expectManyDigests();
  for (const id of ids) {
    const image = readable(() => store.images.brief(id));
    const size = image === undefined ? undefined : readable(() => sizeOf(image));
    if (image === undefined || size === undefined || !isForThisSystem(image)) continue;
    const created = createdTime(image.created);
    if (!passes(image, created, filters)) continue;
    const names = namesOf(known(id), filters);
    const untagged = names.length === 0;
    if (untagged && (filters.dangling === false || filters.references.length > 0)) continue;
    if (parents.has(id) && untagged && (options.all !== true || filters.dangling === true)) continue;
    if (filters.dangling === true && names.some(({ tag }) => tag !== NONE)) continue;
    const summary = summarize(id, image, created, size);
    rows.push({
      time: created === undefined ? 0n : nanosOf(created),
      rows: untagged ? [summary] : names.map((name) => ({ ...summary, ...name })),
    });
  }
  return rows.sort((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : 0)).flatMap((entry) => entry.rows);
}

/** A dockerd on Linux lists nothing else, though it keeps and saves it (moby image.CheckOS). */
function isForThisSystem({ os }: ImageBrief): boolean {
  return os === '' || os.toLowerCase() === 'linux';
}

function passes(image: ImageBrief, created: GoTime | undefined, filters: ImageFilters): boolean {
  const { before, since, labels } = filters;
  if (before !== undefined && (created === undefined || nanosOf(created) >= nanosOf(before))) return false;
  if (since !== undefined && (created === undefined || nanosOf(created) <= nanosOf(since))) return false;
  return labels.length === 0 || matchesLabels(labels, image.labels);
}

type Name = Pick<ImageSummary, 'repository' | 'tag' | 'digest'>;

/** One row a tag, with a digest of the same repository; then the repositories that are known by digest only. */
function namesOf({ tags, digests }: ImageNames, filters: ImageFilters): Name[] {
  const parse = (names: readonly string[]): Reference[] =>
    names
      .flatMap((name) => tryParseReference(name) ?? [])
      .filter(
        (name) => filters.references.length === 0 || filters.references.some((pattern) => matchesName(pattern, name)),
      );
  const byDigest = new Map<string, string>();
  for (const name of parse(digests)) {
    const repository = familiarName(name);
    if (!byDigest.has(repository)) byDigest.set(repository, name.digest ?? NONE);
  }
  const rows = parse(tags).map((name): Name => {
    const repository = familiarName(name);
    return { repository, tag: name.tag ?? NONE, digest: byDigest.get(repository) ?? NONE };
  });
  const tagged = new Set(rows.map(({ repository }) => repository));
  for (const [repository, digest] of byDigest)
    if (!tagged.has(repository)) rows.push({ repository, tag: NONE, digest });
  return rows;
}

/** distribution/reference FamiliarMatch: the pattern stands for the whole name, or for the repository. */
function matchesName(pattern: string, name: Reference): boolean {
  return pathMatch(pattern, familiarString(name)) || pathMatch(pattern, familiarName(name));
}

function summarize(id: Digest, image: ImageBrief, created: GoTime | undefined, size: number): ImageSummary {
  return {
    id,
    repository: NONE,
    tag: NONE,
    digest: NONE,
    created: created?.seconds ?? 0,
    createdAt: created === undefined ? '' : formatGoTime(created),
    size,
    sharedSize: -1,
    uniqueSize: -1,
    containers: -1,
    labels: Object.fromEntries(image.labels ?? []),
  };
}

/** A listing goes on past damaged images, as docker's does: `inspect` tells what is wrong with one. What may not be read is no damage. */
function readable<T>(read: () => T | undefined): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof LayerlabError && error.code === 'LL_NO_RIGHT') throw error;
    return undefined;
  }
}
