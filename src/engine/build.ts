import { mkdirSync, rmSync } from 'node:fs';
import { tarDialect } from '../committer/tar-dialect.ts';
import { LayerlabError } from '../errors/layerlab-error.ts';
import type { BuildEnv } from '../executor/build-env.ts';
import { openBuildCache } from '../executor/cache/build-cache.ts';
import { fsPath } from '../formats/bytestring.ts';
import { loadCrc64 } from '../formats/crc64.ts';
import type { Digest } from '../formats/digest.ts';
import { canonicalString, familiarString, parseReference, withDefaultTag } from '../formats/reference.ts';
import { hostAccounts, ROOT_ACCOUNT } from '../host/accounts.ts';
import { hostCapabilities } from '../host/capabilities.ts';
import { parseDockerfile } from '../parser/parse-dockerfile.ts';
import { planBuild } from '../planner/plan-build.ts';
import type { Plan, PlannedStage } from '../planner/step.ts';
import { builderProfile } from '../profiles/builder-profile.ts';
import { openPendingLayers } from '../store/pending-layers.ts';
import { openStore, type Store } from '../store/store.ts';
import { type BaseImages, openBaseImages } from './build/base-images.ts';
import { buildBuildkit } from './build/build-buildkit.ts';
import { buildClassic } from './build/build-classic.ts';
import { hostPlatform } from './build/host-platform.ts';
import { openVertexLog } from './build/progress.ts';
import { type BuildInput, readBuildInput } from './build/read-input.ts';
import type { BuildOptions, BuildResult } from './build-options.ts';
import { parseTarget, tagImage } from './tag.ts';

const NS = 1_000_000_000n;

/**
 * Builds a Dockerfile into a data-root, as the given builder of dockerd would leave it.
 *
 * @throws LL_PARSE, LL_UNSUPPORTED, LL_CONTEXT, LL_SOURCE_NOT_FOUND, LL_RUN_FAILED and others, with the place in the
 *   Dockerfile where there is one; nothing is tagged then, and finished steps stay in the cache
 */
export async function build(options: BuildOptions): Promise<BuildResult> {
  const tags = (options.tags ?? []).map(parseTarget);
  const input = readBuildInput(options);
  const builder = options.builder ?? 'buildkit';
  const log = openVertexLog(builder === 'buildkit' ? options.onEvent : undefined);
  await log.run(`[internal] load build definition from ${input.fileName.replace(/^.*\//, '')}`, (vertex) => {
    vertex.status('transferring dockerfile:', input.text.length, 0, true);
  });
  const dockerfile = parseDockerfile(input.text, {
    fileName: input.fileName,
    syntax: builderProfile(builder, options.compat).syntax,
  });
  for (const text of dockerfile.warnings) options.onEvent?.({ kind: 'warning', text });
  const store = openStore(options.dataRoot, { mode: 'write' });
  const scratch = `${store.paths.tmp}/${store.lease().id}-build`;
  try {
    mkdirSync(fsPath(scratch), { recursive: true, mode: 0o700 });
    const env = await openEnv(options, store, input, scratch);
    const bases = openBaseImages(store);
    const platform = hostPlatform();
    const plan = planBuild(dockerfile, {
      builder,
      compat: options.compat ?? '28',
      ...(options.target === undefined ? {} : { target: options.target }),
      buildArgs: new Map(Object.entries(options.buildArgs ?? {})),
      labels: new Map(Object.entries(options.labels ?? {})),
      network: options.network ?? 'default',
      platform,
      resolveBase: (reference) => bases.resolve(reference),
    });
    const text = { fileName: dockerfile.fileName, source: dockerfile.source };
    if (builder === 'classic') {
      const emit = options.onEvent ?? (() => undefined);
      const { imageId, cachedSteps } = await buildClassic({ env, plan, bases, platform, text, emit });
      // The names come last, so that none ever stands for an image that is not whole.
      for (const tag of tags) tagImage(store, imageId, tag);
      const names = tags.map(familiarString);
      for (const name of names) emit({ kind: 'tagged', name });
      return summary(plan, imageId, names, cachedSteps, bases);
    }
    for (const warning of plan.warnings) options.onEvent?.({ kind: 'warning', text: warning });
    await announceSources(plan, bases, env, log);
    const tag = (id: Digest): readonly string[] => {
      for (const name of tags) tagImage(store, id, name);
      return tags.map(canonicalString);
    };
    const { imageId, cachedSteps } = await buildBuildkit({ env, plan, bases, log, platform, text, tag });
    return summary(plan, imageId, tags.map(familiarString), cachedSteps, bases);
  } catch (error) {
    if (options.signal?.aborted)
      throw new LayerlabError('LL_INTERRUPTED', 'the build was interrupted', { cause: error });
    throw error;
  } finally {
    rmSync(fsPath(scratch), { recursive: true, force: true });
    store.close();
  }
}

async function openEnv(options: BuildOptions, store: Store, input: BuildInput, scratch: string): Promise<BuildEnv> {
  const { timestamp } = options;
  const profile = builderProfile(options.builder ?? 'buildkit', options.compat);
  return {
    builder: profile.builder,
    store,
    cache: openBuildCache(store.paths, profile.compat),
    pending: openPendingLayers(store.paths),
    crc: (await loadCrc64())(),
    profile,
    dialect: tarDialect(profile.layers, timestamp === undefined ? hostAccounts() : ROOT_ACCOUNT),
    context: input.context,
    timestamp: timestamp === undefined ? undefined : BigInt(timestamp) * NS,
    noCache: options.noCache ?? false,
    runtime: options.runtime ?? 'auto',
    scratch,
    signal: options.signal,
    readsHeaders: store.projected || !hostCapabilities().trustedXattrs,
    opened: new Map(),
  };
}

async function announceSources(
  plan: Plan,
  bases: BaseImages,
  env: BuildEnv,
  log: ReturnType<typeof openVertexLog>,
): Promise<void> {
  const references = new Set<string>();
  for (const index of plan.order) {
    const { base } = plan.stages[index] as PlannedStage;
    if (base.kind === 'image') references.add(base.reference);
  }
  for (const reference of references) {
    await log.run(
      `[internal] load metadata for ${canonicalString(withDefaultTag(parseReference(reference)))}`,
      () => void bases.require(reference),
    );
  }
  await log.run('[internal] load .dockerignore', (vertex) => vertex.status('transferring context:', 2, 0, true));
  if (env.context !== undefined) log.start('[internal] load build context').done();
}

function summary(
  plan: Plan,
  imageId: Digest,
  tags: readonly string[],
  cachedSteps: number,
  bases: BaseImages,
): BuildResult {
  const steps = plan.order.flatMap((index) => (plan.stages[index] as PlannedStage).steps);
  return {
    imageId,
    tags,
    layers: bases.byId(imageId).stack.length,
    configSteps: steps.filter(({ layer }) => !layer).length,
    cachedSteps,
  };
}
