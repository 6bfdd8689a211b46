import { mkdirSync } from 'node:fs';
import { endWarmWriters } from '../committer/ahead/open-writers.ts';
import { endWarmHash } from '../committer/hash-thread/stream-hash.ts';
import { LayerlabError } from '../errors/layerlab-error.ts';
import type { BuildEnv } from '../executor/build-env.ts';
import { hasCache, openBuildCache } from '../executor/cache/build-cache.ts';
import { beginInflating, endBegunInflating } from '../executor/copy/inflate-thread/begun-inflating.ts';
import { type KeeperSlot, keeperSlot } from '../executor/run/keeper.ts';
import { fsPath } from '../formats/bytestring.ts';
import { loadCrc64 } from '../formats/crc64.ts';
import type { Digest } from '../formats/digest.ts';
import { nowNanos } from '../formats/go-time.ts';
import {
  canonicalString,
  familiarString,
  parseReference,
  type Reference,
  withDefaultTag,
} from '../formats/reference.ts';
import { hostCapabilities } from '../host/capabilities.ts';
import { type Dockerfile, parseDockerfile } from '../parser/parse-dockerfile.ts';
import { planBuild } from '../planner/plan-build.ts';
import type { Platform } from '../planner/plan-options.ts';
import type { Plan, PlannedStage } from '../planner/step.ts';
import { sourcesOf } from '../planner/vertices.ts';
import { type BuilderProfile, builderProfile } from '../profiles/builder-profile.ts';
import { emptyTree } from '../snapshot/empty-tree.ts';
import type { FileTree } from '../snapshot/file-tree.ts';
import { openPendingLayers } from '../store/pending-layers.ts';
import { removeTree } from '../store/remove-tree.ts';
import { openStore, type Store } from '../store/store.ts';
import { type BaseImages, openBaseImages } from './build/base-images.ts';
import { beginEarly } from './build/begin-early.ts';
import { buildBuildkit } from './build/build-buildkit.ts';
import { buildClassic } from './build/build-classic.ts';
import { type BuildPlatforms, buildPlatforms } from './build/build-platforms.ts';
import { checkEntitlements } from './build/check-entitlements.ts';
import { contextStats } from './build/context-stats.ts';
import { openCopyPool } from './build/copy-pool.ts';
import { frontendChoice } from './build/frontend-choice.ts';
import { layerDialect } from './build/layer-dialect.ts';
import { type NamedContexts, openNamedContexts } from './build/named-contexts.ts';
import { type OpenSecrets, openSecrets } from './build/open-secrets.ts';
import { openVertexLog } from './build/progress.ts';
import { type BuildInput, readBuildInput } from './build/read-input.ts';
import { refuseByChecks } from './build/refuse-by-checks.ts';
import { comesFromElsewhere, openRemoteInput } from './build/remote-input.ts';
import type { BuildOptions, BuildResult } from './build-options.ts';
import { removeLayers } from './remove-layers.ts';
import { parseTarget, tagImage } from './tag.ts';

const NS = 1_000_000_000n;
const NO_CONTEXTS: NamedContexts = { planned: new Map(), folders: new Map(), places: new Map(), tops: [] };

/**
 * Builds a Dockerfile into a data-root, as the given builder of dockerd would leave it.
 *
 * @throws LL_PARSE, LL_UNSUPPORTED, LL_CONTEXT, LL_SOURCE_NOT_FOUND, LL_RUN_FAILED and others, with the place in the
 *   Dockerfile where there is one; nothing is tagged then, and finished steps stay in the cache
 */
export async function build(options: BuildOptions): Promise<BuildResult> {
  const builder = options.builder ?? 'buildkit';
  const log = openVertexLog(builder === 'buildkit' ? options.onEvent : undefined);
  if (!comesFromElsewhere(options)) {
    const input = readBuildInput(options);
    await log.run(`[internal] load build definition from ${input.fileName.replace(/^.*\//, '')}`, (vertex) => {
      vertex.status('transferring dockerfile:', input.text.length, 0, true);
    });
    return buildInput(options, input, log);
  }
  const remote = await openRemoteInput(options, log);
  try {
    return await buildInput(options, remote.input, log);
  } finally {
    remote.close();
  }
}

/** What is built of: the Dockerfile, and the context as the steps see it. */
type Input = Pick<BuildInput, 'fileName' | 'text'> & {
  readonly context: FileTree | undefined;
  readonly ignore?: BuildInput['ignore'];
};

async function buildInput(
  options: BuildOptions,
  input: Input,
  log: ReturnType<typeof openVertexLog>,
): Promise<BuildResult> {
  const tags = (options.tags ?? []).map(parseTarget);
  const secrets = openSecrets(options);
  const profile = builderProfile(options.builder ?? 'buildkit', options.compat);
  const platforms = buildPlatforms(options);
  if (!profile.namedContexts && Object.keys(options.buildContexts ?? {}).length > 0)
    throw noNamedContexts(profile.compat);
  const dockerfile = parseDockerfile(input.text, {
    fileName: input.fileName,
    ...frontendChoice(profile, options.buildArgs),
  });
  for (const text of dockerfile.warnings) options.onEvent?.({ kind: 'warning', text });
  try {
    // What the cache may know need not be hashed.
    if (options.noCache === true && input.context !== undefined) {
      beginEarly(dockerfile, input.context, hasCache(options.dataRoot));
    }
    return await buildDockerfile(options, input, log, dockerfile, { tags, secrets, profile, platforms });
  } finally {
    await endBegunInflating();
    await endWarmWriters();
    await endWarmHash();
  }
}

/** What the options say, in the form that a build needs. */
interface Wanted {
  readonly tags: readonly Reference[];
  readonly secrets: OpenSecrets;
  readonly profile: BuilderProfile;
  readonly platforms: BuildPlatforms;
}

async function buildDockerfile(
  options: BuildOptions,
  input: Input,
  log: ReturnType<typeof openVertexLog>,
  dockerfile: Dockerfile,
  { tags, secrets, profile, platforms }: Wanted,
): Promise<BuildResult> {
  const { builder } = profile;
  const store = openStore(options.dataRoot, { mode: 'write' });
  const scratch = `${store.paths.tmp}/${store.lease().id}-build`;
  const keeper = keeperSlot(scratch, options.runtime ?? 'auto');
  let contexts: NamedContexts = NO_CONTEXTS;
  try {
    mkdirSync(fsPath(scratch), { recursive: true, mode: 0o700 });
    beginInflating(`${scratch}/inflated`);
    const bases = openBaseImages(store, builder === 'buildkit' ? platforms.target : undefined);
    const platform = platforms.target;
    contexts = await openNamedContexts(options.buildContexts ?? {}, { store, bases, platform });
    const plan = planBuild(dockerfile, {
      builder,
      compat: profile.compat,
      ...(options.target === undefined ? {} : { target: options.target }),
      buildArgs: new Map(Object.entries(options.buildArgs ?? {})),
      labels: new Map(Object.entries(options.labels ?? {})),
      network: options.network ?? 'default',
      platform,
      buildPlatform: platforms.host,
      contexts: contexts.planned,
      resolveBase: (reference, own) => bases.resolve(reference, own),
    });
    const commands = keptRuns(plan);
    keeper.expect(commands);
    // Where no cache could make the build do without it, the shell for commands gets ready beside all that comes before them.
    if (commands > 0 && options.noCache === true) keeper.open().catch(() => undefined);
    const env = await openEnv(options, store, input, contexts, scratch, secrets, keeper);
    const text = { fileName: dockerfile.fileName, source: dockerfile.source };
    if (builder === 'classic') {
      const emit = options.onEvent ?? (() => undefined);
      const { imageId, cachedSteps } = await buildClassic({
        ...{ env, plan, bases, platform, text, emit, cacheFrom: options.cacheFrom ?? [] },
        ...{ host: platforms.host, platformGiven: platforms.given },
      }).finally(() => env.stats?.save());
      // The names come last, so that none ever stands for an image that is not whole.
      for (const tag of tags) tagImage(store, imageId, tag);
      const names = tags.map(familiarString);
      for (const name of names) emit({ kind: 'tagged', name });
      return summary(plan, imageId, tags, cachedSteps, bases.byId(imageId).stack.length);
    }
    await refuseByChecks(dockerfile, profile, options, input);
    await checkEntitlements(plan, options, text);
    for (const warning of plan.warnings) options.onEvent?.({ kind: 'warning', text: warning });
    await announceSources(plan, bases, comesFromElsewhere(options) ? undefined : env, log);
    const imagePlatform = platforms.given ? platform : undefined;
    const noCacheOf = ({ name }: PlannedStage): boolean =>
      (options.noCacheFilter ?? []).some((wanted) => wanted.toLowerCase() === (name ?? ''));
    const { imageId, cachedSteps, layers } = await buildBuildkit({
      ...{ env, plan, bases, log, platform, imagePlatform, noCacheOf, text, names: tags },
      ownsProcess: options.ownsProcess === true,
      // A thread opens the context anew, which only a folder can be.
      ...(comesFromElsewhere(options)
        ? {}
        : { openPool: (signal) => openCopyPool(copySetup(options, env, contexts), signal) }),
    });
    return summary(plan, imageId, tags, cachedSteps, layers);
  } catch (error) {
    if (options.signal?.aborted)
      throw new LayerlabError('LL_INTERRUPTED', 'the build was interrupted', { cause: error });
    throw error;
  } finally {
    secrets.close();
    await keeper.close();
    await endBegunInflating();
    removeTree(scratch);
    store.close();
    if (contexts.tops.length > 0) store.lock(() => contexts.tops.forEach((top) => void removeLayers(store, top)));
  }
}

/** Commands that the keeper may have to run: those with mounts have namespaces of their own. */
function keptRuns({ order, stages }: Plan): number {
  const steps = order.flatMap((index) => stages[index]?.steps ?? []);
  return steps.filter(({ action }) => action.kind === 'run' && (action.mounts ?? []).length === 0).length;
}

function copySetup(
  options: BuildOptions,
  env: BuildEnv,
  { places }: NamedContexts,
): Parameters<typeof openCopyPool>[0] {
  const { context, file, dockerfileText } = options;
  return {
    dataRoot: env.store.dataRoot,
    input: {
      context,
      compat: env.profile.compat,
      ...(file === undefined ? {} : { file }),
      ...(dockerfileText === undefined ? {} : { dockerfileText }),
    },
    openedAt: env.context?.root.mtime ?? 0n,
    folders: places,
    timestamp: env.timestamp,
  };
}

function noNamedContexts(compat: string): LayerlabError {
  return new LayerlabError('LL_USAGE', `Docker ${compat} knows no named build contexts`, {
    hint: 'Leave --build-context out, or --compat.',
  });
}

async function openEnv(
  options: BuildOptions,
  store: Store,
  input: Input,
  contexts: NamedContexts,
  scratch: string,
  { secrets }: OpenSecrets,
  keeper: KeeperSlot,
): Promise<BuildEnv> {
  const { timestamp } = options;
  const profile = builderProfile(options.builder ?? 'buildkit', options.compat);
  return {
    builder: profile.builder,
    store,
    cache: openBuildCache(store.paths, profile.compat),
    pending: openPendingLayers(store.paths),
    crc: (await loadCrc64())(),
    profile,
    dialect: layerDialect(profile, timestamp),
    context: input.context ?? emptyTree(nowNanos()),
    stats: profile.builder === 'classic' ? contextStats(options, profile.compat, store.paths) : undefined,
    contexts: contexts.folders,
    timestamp: timestamp === undefined ? undefined : BigInt(timestamp) * NS,
    noCache: options.noCache ?? false,
    runtime: options.runtime ?? 'auto',
    keeper,
    secrets,
    scratch,
    signal: options.signal,
    readsHeaders: store.projected || !hostCapabilities().trustedXattrs,
    unflushed: new Set(),
    opened: new Map(),
  };
}

async function announceSources(
  plan: Plan,
  bases: BaseImages,
  env: BuildEnv | undefined,
  log: ReturnType<typeof openVertexLog>,
): Promise<void> {
  const images = new Map<string, { readonly name: string; readonly require: () => void }>();
  const add = (reference: string, context: string | undefined, platform?: Platform): void => {
    const shown = context?.replace(/^(\[context .*?\]) (.*)$/s, '$1 load metadata for $2');
    const name = shown ?? `[internal] load metadata for ${canonicalString(withDefaultTag(parseReference(reference)))}`;
    images.set(name, { name, require: () => void bases.require(reference, platform) });
  };
  for (const index of plan.order) {
    const { base, steps } = plan.stages[index] as PlannedStage;
    if (base.kind === 'image') add(base.reference, base.context, base.platform);
    for (const { action } of steps)
      for (const { reference, context } of sourcesOf(action).images) add(reference, context);
  }
  for (const { name, require } of images.values()) await log.run(name, require);
  // A context that was fetched has no .dockerignore, and is here already.
  if (env === undefined) return;
  await log.run('[internal] load .dockerignore', (vertex) => vertex.status('transferring context:', 2, 0, true));
  for (const name of env.contexts.keys()) {
    const isBase = plan.order.some((index) => isFolderBase(plan.stages[index] as PlannedStage, name));
    if (!isBase && !usesFolder(plan, name)) continue;
    log.start(`[context ${name}] load .dockerignore`).done();
    // The files that a stage begins with are work of the build.
    if (!isBase) log.start(`[context ${name}] load from client`).done();
  }
  if (env.context !== undefined) log.start('[internal] load build context').done();
}

function isFolderBase({ base }: PlannedStage, name: string): boolean {
  return base.kind === 'scratch' && base.folder === name;
}

function usesFolder(plan: Plan, name: string): boolean {
  const steps = plan.order.flatMap((index) => (plan.stages[index] as PlannedStage).steps);
  return steps.some(({ action }) => sourcesOf(action).folders.includes(name));
}

function summary(
  plan: Plan,
  imageId: Digest,
  tags: readonly Reference[],
  cachedSteps: number,
  layers: number,
): BuildResult {
  const steps = plan.order.flatMap((index) => (plan.stages[index] as PlannedStage).steps);
  return {
    imageId,
    tags: tags.map(familiarString),
    names: tags.map(canonicalString),
    layers,
    configSteps: steps.filter(({ layer }) => !layer).length,
    cachedSteps,
  };
}
