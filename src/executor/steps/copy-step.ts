import { mkdirSync } from 'node:fs';
import { openHash } from '../../committer/hash-thread/stream-hash.ts';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fsPath } from '../../formats/bytestring.ts';
import { nowNanos } from '../../formats/go-time.ts';
import { sourcePlace } from '../../planner/copy-filter.ts';
import type { CopyAction, CopySource } from '../../planner/step.ts';
import type { CopyFormat } from '../../profiles/copy-format.ts';
import { ChangeTree } from '../../snapshot/change-tree.ts';
import type { FileNode, FileTree } from '../../snapshot/file-tree.ts';
import type { BuiltLayer } from '../../store/built-layer.ts';
import type { BuildEnv, LayerStack, StepReporter } from '../build-env.ts';
import { encodeManifest, matchesManifest, openManifest } from '../cache/manifest.ts';
import { cachedLayer, holdKnownLayer } from '../commit-layer.ts';
import { isArchive } from '../copy/add-archive.ts';
import { ArchiveDigests } from '../copy/archive-digests.ts';
import type { CopyRequest } from '../copy/copy-buildkit.ts';
import { copyClassic } from '../copy/copy-classic.ts';
import { findPlace } from '../copy/find-place.ts';
import type { FoundSource } from '../copy/find-sources.ts';
import { hashSources } from '../copy/hash-sources.ts';
import { stageDocuments } from '../copy/inline-files.ts';
import { parseMode } from '../copy/mode.ts';
import { resolveOwner } from '../copy/owner.ts';
import { readSource } from '../copy/read-source.ts';
import { removeStaging } from '../copy/remove-staging.ts';
import { openStack } from '../open-stack.ts';
import type { FetchedSource, OpenRemote } from '../remote/remote-source.ts';
import { copyKey, copyOwner } from './copy-key.ts';
import { copyProgress } from './copy-progress.ts';
import { beginEarlyLayer, type EarlyLayer, LARGE_ARCHIVE } from './early-layer.ts';
import { lookAtSources, type SourcesLook } from './look-at-sources.ts';
import { planInSteps } from './plan-in-steps.ts';
import { findSameLayer } from './same-layer.ts';
import { writeTree } from './write-tree.ts';

/** As many bytes as are worth a thread for one copy. */
const MANY_BYTES = 24 * 1024 * 1024;

/** A layer that a step gave, and whether it was there before. */
export interface StepOutcome {
  readonly layer: BuiltLayer | undefined;
  readonly cached: boolean;
  /** Set where a digest told that it was there, and nothing was planned (see provedCopy). */
  readonly proved?: boolean;
}

/** The tree that COPY and ADD (and a mount of RUN) take from: a context, or the layers of a stage or image. */
export function sourceTree(env: BuildEnv, from: LayerStack | undefined, source?: CopySource): FileTree {
  if (from !== undefined) return openStack(env, from);
  if (source?.kind === 'folder') {
    const folder = env.contexts.get(source.name);
    if (folder !== undefined) return folder;
    throw new LayerlabError('LL_CONTEXT', `there is no build context ${source.name}`);
  }
  if (env.context !== undefined) return env.context;
  throw new LayerlabError('LL_CONTEXT', 'this build has no context to copy from', {
    hint: 'Give a folder as the last argument instead of -.',
  });
}

/** BuildKit takes files of an image from a new snapshot on top of it, and those of nothing from a new folder: so new is the root. */
function asMounted(env: BuildEnv, tree: FileTree, from: LayerStack | undefined): FileTree {
  const isNew = from?.length === 0 || from?.at(-1)?.created === '';
  return isNew ? new ChangeTree(tree, () => env.timestamp ?? nowNanos()) : tree;
}

/** COPY and ADD for BuildKit, through the build cache. */
export async function copyStep(
  env: BuildEnv,
  stack: LayerStack,
  action: CopyAction,
  from: LayerStack | undefined,
  report: StepReporter,
): Promise<StepOutcome> {
  const { copies } = env.profile;
  const base = openStack(env, stack);
  const local = action.sources.filter((word) => !action.remotes.has(word));
  // What is no file of the context needs none; the base stands in for a tree that nothing is asked of.
  const source = local.length === 0 ? base : asMounted(env, sourceTree(env, from, action.from), from);
  const readAt = nowNanos();
  const owner = copyOwner(env, stack, action, base);
  const staging = `${env.scratch}/add`;
  // COPY fetches and unpacks nothing.
  const isStaged = action.kind === 'add' || action.documents.length > 0;
  if (isStaged) mkdirSync(fsPath(staging), { recursive: true, mode: 0o700 });
  let look: SourcesLook | undefined;
  let early: EarlyLayer | undefined;
  // What no cache is asked for is hashed while it is unpacked.
  const digests = new ArchiveDigests();
  try {
    const remotes = await openRemotes(env, action, staging, report);
    // Only what ADD unpacks or fetches is known without a manifest.
    const found =
      action.kind === 'add'
        ? local.flatMap((word) => findPlace(source, sourcePlace(action, word), copies.missingSource))
        : [];
    const archives = unpacksLocal(action) ? await archivesOf(found, copies) : [];
    const isKeyed = archives.length > 0 || remotes.size > 0;
    // Without a manifest, the key alone says which files are meant.
    const files = isKeyed ? [hashAll(env, source, found, archives), action.unpack ?? null] : [];
    if (!env.noCache) for (const { node } of archives) digests.set(node.path, hashFile(node));
    const bytes = (): readonly string[] => archives.map(({ node }) => digests.get(node.path) ?? hashFile(node));
    const labels = action.sources.map((word) => remotes.get(word)?.label ?? word);
    const keyOf = (fetched: readonly string[]): string =>
      copyKey(env, stack, action, owner, labels, bytes(), [...files, ...fetched]);
    const key = (): string => keyOf([...remotes.values()].map(({ identity }) => identity));
    const known = isKeyed && !env.noCache ? cachedLayer(env, key()) : undefined;
    if (known !== undefined) return { layer: known, cached: true };
    const fetched = await fetchAll(remotes);
    const fetchedKey = (): string => keyOf([...fetched.values()].map(({ identity }) => identity));
    const contentKey = (): string => keyOf([...fetched.values()].map(({ content }) => content));
    const same = fetched.size > 0 && !env.noCache ? cachedLayer(env, contentKey()) : undefined;
    if (same !== undefined) {
      env.cache.put(fetchedKey(), same, undefined);
      return { layer: same, cached: true };
    }
    look = isKeyed ? undefined : lookAtSources(env, key(), source, action);
    if (look?.layer !== undefined) return { layer: look.layer, cached: true };
    early = beginEarlyLayer(
      env,
      stack,
      archives.map(({ node }) => node),
    );
    const tree = new ChangeTree(base, () => env.timestamp ?? nowNanos());
    const request = copyRequest(env, action, look?.source ?? source, owner, staging, early, digests);
    // Where threads wait for files and no layer is kept that this could be, the first are copied while the others are planned.
    const isEnough = (): boolean => env.help === undefined && look?.isNew() === true && look.writers() !== undefined;
    const rest = await planInSteps(
      tree,
      { ...request, fetched, stamp: look?.recorder, onDestination: look?.onDestination },
      isEnough,
    );
    if (rest.isWhole() && !isKeyed && !env.noCache && look?.isNew() !== true) {
      const hit = findCopy(env, key(), tree, readAt, look?.stamp()?.digest);
      if (hit !== undefined) return { layer: hit, cached: true };
    }
    // What was unpacked or written down for it is here alone.
    const isPlain = action.kind === 'copy' && action.documents.length === 0;
    const elsewhere = isPlain && tree.contentSize() > MANY_BYTES ? env.help?.handOver?.() : undefined;
    if (elsewhere !== undefined) return await elsewhere;
    const lines = isKeyed ? undefined : openManifest(tree);
    const there =
      isKeyed || !rest.isWhole()
        ? undefined
        : await findSameLayer(
            env,
            stack,
            key(),
            action,
            tree,
            look?.stamp(),
            copyProgress(report, tree, () => true),
          );
    const started = await early?.take(tree);
    const writers = look?.writers() ?? early?.writers;
    const begun = { rest, started, writers, onWait: lines?.advance };
    const layer = there?.layer ?? (await writeTree(env, stack, tree, false, report, begun));
    const text = there?.isKept === true ? undefined : lines?.finish();
    const stamp = look?.stamp()?.digest;
    const manifest = lines === undefined ? undefined : { text, readAt: there?.readAt ?? readAt, stamp };
    if (layer !== undefined)
      for (const one of new Set([fetchedKey(), contentKey()])) env.cache.put(one, layer, manifest);
    return { layer, cached: false };
  } finally {
    await look?.writers()?.close();
    await early?.close();
    await digests.close();
    if (isStaged) removeStaging(staging, asideOf(env));
  }
}

/** What is on its way out; the name is swept as that of a file of this process. */
function asideOf({ store }: BuildEnv): ByteString {
  return `${store.paths.tmp}/${store.lease().id}-unpacked`;
}

async function openRemotes(
  env: BuildEnv,
  { remotes }: CopyAction,
  staging: string,
  report: StepReporter,
): Promise<ReadonlyMap<string, OpenRemote>> {
  const opened = new Map<string, OpenRemote>();
  if (remotes.size === 0) return opened;
  const { openRemote } = await import('../remote/remote-source.ts');
  for (const [word, remote] of remotes) {
    opened.set(word, await openRemote(env, remote, `${staging}/remote-${opened.size}`, report));
  }
  return opened;
}

async function fetchAll(remotes: ReadonlyMap<string, OpenRemote>): Promise<ReadonlyMap<string, FetchedSource>> {
  const fetched = new Map<string, FetchedSource>();
  for (const [word, remote] of remotes) fetched.set(word, await remote.fetch());
  return fetched;
}

function unpacksLocal({ kind, unpack }: CopyAction): boolean {
  return kind === 'add' && unpack !== false;
}

/** One hash of all that is copied as it is. */
function hashAll(
  env: BuildEnv,
  source: FileTree,
  found: readonly FoundSource[],
  archives: readonly FoundSource[],
): string {
  return hashSources(
    source,
    found.filter((one) => !archives.includes(one)),
    env.dialect,
  );
}

/** A kept layer for the very change that is planned. */
function findCopy(
  env: BuildEnv,
  key: string,
  tree: ChangeTree,
  readAt: bigint,
  stamp: string | undefined,
): BuiltLayer | undefined {
  const records = env.cache.find(key);
  for (const record of records) {
    const layer = holdKnownLayer(env, record.layer);
    const manifest = record.manifest();
    if (layer === undefined || manifest === undefined) continue;
    if (!matchesManifest(tree, manifest, record.readAt, env.store.overlay.diffPath(layer.cacheId))) continue;
    const fresh = encodeManifest(tree);
    if (fresh !== manifest || stamp !== record.stamp || readAt - record.readAt < 10_000_000_000n)
      env.cache.put(key, record.layer, { text: [fresh], readAt, stamp });
    else if (record !== records[0]) env.cache.use(key, record.layer);
    return { ...layer, created: record.layer.created };
  }
  return undefined;
}

function copyRequest(
  env: BuildEnv,
  action: CopyAction,
  source: FileTree,
  owner: CopyRequest['owner'],
  staging: string,
  early?: EarlyLayer,
  digests?: ArchiveDigests,
): CopyRequest {
  const now = () => env.timestamp ?? nowNanos();
  const { copies } = env.profile;
  return {
    source,
    sources: action.sources,
    excludes: action.excludes,
    parents: action.parents,
    fetched: new Map(),
    unpacksFetched: action.unpack === true,
    documents: stageDocuments(action.documents, staging, now),
    destination: action.destination,
    owner,
    mode: action.chmod === undefined ? undefined : parseMode(action.chmod, copies),
    format: copies,
    archives: unpacksLocal(action)
      ? {
          staging,
          owner: env.builder === 'buildkit' && copies.ownsUnpacked ? owner : undefined,
          compressions: copies.compressions,
          digests: env.noCache ? digests : undefined,
          early: early?.files,
          now,
        }
      : undefined,
    madeTime: env.timestamp,
    now,
  };
}

/** What ADD would unpack; it is known by its bytes. */
async function archivesOf(
  found: readonly FoundSource[],
  { compressions }: CopyFormat,
): Promise<readonly FoundSource[]> {
  const archives: FoundSource[] = [];
  for (const one of found) {
    if (one.node.kind === 'file' && (await isArchive(one.node.path, compressions))) archives.push(one);
  }
  return archives;
}

function hashFile({ path, size }: FileNode): string {
  const hash = openHash(size);
  try {
    for (const chunk of readSource(path)) hash.update(chunk);
    return hash.digest();
  } finally {
    hash.abandon();
  }
}

/** COPY and ADD for the classic builder, whose cache was asked before. */
export async function copyClassicStep(
  env: BuildEnv,
  stack: LayerStack,
  action: CopyAction,
  source: FileTree,
  sources: readonly FoundSource[],
): Promise<BuiltLayer | undefined> {
  const base = openStack(env, stack);
  const owner = action.chown === undefined ? undefined : resolveOwner(base, action.chown, env.builder);
  const staging = `${env.scratch}/add`;
  mkdirSync(fsPath(staging), { recursive: true, mode: 0o700 });
  let early: EarlyLayer | undefined;
  try {
    const large = sources.filter(({ node, downloaded }) => node.size >= LARGE_ARCHIVE && downloaded === undefined);
    const archives = unpacksLocal(action) ? await archivesOf(large, env.profile.copies) : [];
    early = beginEarlyLayer(
      env,
      stack,
      archives.map(({ node }) => node),
    );
    const tree = new ChangeTree(base, () => env.timestamp ?? nowNanos());
    await copyClassic(tree, copyRequest(env, action, source, owner, staging, early), sources);
    const started = await early?.take(tree);
    return await writeTree(env, stack, tree, true, undefined, { started, writers: early?.writers });
  } finally {
    await early?.close();
    removeStaging(staging, asideOf(env));
  }
}
