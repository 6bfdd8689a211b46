import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { writeChange } from '../../committer/write-change.ts';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fsPath } from '../../formats/bytestring.ts';
import { nowNanos } from '../../formats/go-time.ts';
import type { CopyAction } from '../../planner/step.ts';
import { ChangeTree } from '../../snapshot/change-tree.ts';
import type { FileTree } from '../../snapshot/file-tree.ts';
import type { BuiltLayer } from '../../store/built-layer.ts';
import type { BuildEnv, LayerStack, StepReporter } from '../build-env.ts';
import { encodeManifest, matchesManifest } from '../cache/manifest.ts';
import { stepKey } from '../cache/step-key.ts';
import { cachedLayer, commitLayer, holdLayer } from '../commit-layer.ts';
import { isArchive } from '../copy/add-archive.ts';
import { type CopyRequest, copyBuildkit } from '../copy/copy-buildkit.ts';
import { copyClassic } from '../copy/copy-classic.ts';
import { type FoundSource, findSources } from '../copy/find-sources.ts';
import { stageDocuments } from '../copy/inline-files.ts';
import { parseMode } from '../copy/mode.ts';
import { resolveOwner } from '../copy/owner.ts';
import { readSource } from '../copy/read-source.ts';
import { openStack } from '../open-stack.ts';

/** A layer that a step gave, and whether it was there before. */
export interface StepOutcome {
  readonly layer: BuiltLayer | undefined;
  readonly cached: boolean;
}

/** The tree that COPY and ADD take from: the context, or the layers of a stage or image. */
export function sourceTree(env: BuildEnv, from: LayerStack | undefined): FileTree {
  if (from !== undefined) return openStack(env, from);
  if (env.context !== undefined) return env.context;
  throw new LayerlabError('LL_CONTEXT', 'this build has no context to copy from', {
    hint: 'Give a folder as the last argument instead of -.',
  });
}

/** COPY and ADD for BuildKit, through the build cache. */
export async function copyStep(
  env: BuildEnv,
  stack: LayerStack,
  action: CopyAction,
  from: LayerStack | undefined,
  report: StepReporter,
): Promise<StepOutcome> {
  const base = openStack(env, stack);
  // Texts of the Dockerfile need no context; the base stands in for a tree that nothing is asked of.
  const source = action.sources.length === 0 ? base : sourceTree(env, from);
  const readAt = nowNanos();
  const owner = action.chown === undefined ? undefined : resolveOwner(base, action.chown, env.builder);
  const archives = action.kind === 'add' ? await archiveHashes(env, source, action.sources) : [];
  const key = stepKey([
    'copy',
    stack[stack.length - 1]?.chainId,
    action.kind,
    action.sources,
    action.destination,
    owner === undefined ? null : [owner.uid, owner.gid],
    action.chmod,
    env.timestamp === undefined ? null : String(env.timestamp),
    archives,
    ...action.documents.map(({ name, data }) => [name, data]),
  ]);
  const unpacked = archives.length > 0 ? cachedLayer(env, key) : undefined;
  if (unpacked !== undefined) return { layer: unpacked, cached: true };
  const staging = `${env.scratch}/add`;
  mkdirSync(fsPath(staging), { recursive: true, mode: 0o700 });
  try {
    const tree = new ChangeTree(base, () => env.timestamp ?? nowNanos());
    await copyBuildkit(tree, copyRequest(env, action, source, owner, staging));
    if (archives.length === 0 && !env.noCache) {
      const hit = findCopy(env, key, tree, readAt);
      if (hit !== undefined) return { layer: hit, cached: true };
    }
    const layer = await writeTree(env, stack, tree, false, report);
    const manifest = archives.length > 0 ? undefined : { text: encodeManifest(tree), readAt };
    if (layer !== undefined) env.cache.put(key, layer, manifest);
    return { layer, cached: false };
  } finally {
    rmSync(fsPath(staging), { recursive: true, force: true });
  }
}

/** A kept layer for the very change that is planned. */
function findCopy(env: BuildEnv, key: string, tree: ChangeTree, readAt: bigint): BuiltLayer | undefined {
  for (const record of env.cache.find(key)) {
    const layer = holdLayer(env, record.layer.chainId);
    const manifest = record.manifest();
    if (layer === undefined || manifest === undefined) continue;
    if (!matchesManifest(tree, manifest, record.readAt, env.store.overlay.diffPath(layer.cacheId))) continue;
    const fresh = encodeManifest(tree);
    if (fresh !== manifest || readAt - record.readAt < 10_000_000_000n)
      env.cache.put(key, record.layer, { text: fresh, readAt });
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
): CopyRequest {
  const now = () => env.timestamp ?? nowNanos();
  const { copies } = env.profile;
  return {
    source,
    sources: action.sources,
    documents: stageDocuments(action.documents, staging, now),
    destination: action.destination,
    owner,
    mode: action.chmod === undefined ? undefined : parseMode(action.chmod, copies),
    format: copies,
    archives:
      action.kind === 'add'
        ? {
            staging,
            owner: env.builder === 'buildkit' && copies.ownsUnpacked ? owner : undefined,
            compressions: copies.compressions,
            now,
          }
        : undefined,
    madeTime: env.timestamp,
    now,
  };
}

/** What ADD would unpack is known by its bytes: the sha256 of each source that is an archive. */
async function archiveHashes(env: BuildEnv, source: FileTree, sources: readonly string[]): Promise<string[]> {
  const hashes: string[] = [];
  for (const word of sources) {
    for (const { node } of findSources(source, word, env.profile.copies.missingSource)) {
      if (node.kind === 'file' && (await isArchive(node.path, env.profile.copies.compressions)))
        hashes.push(hashFile(node.path));
    }
  }
  return hashes;
}

function hashFile(path: ByteString): string {
  const hash = createHash('sha256');
  for (const chunk of readSource(path)) hash.update(chunk);
  return hash.digest('hex');
}

/** Writes a planned change as a layer. */
export function writeTree(
  env: BuildEnv,
  stack: LayerStack,
  tree: ChangeTree,
  dropEmpty: boolean,
  report: StepReporter | undefined,
): Promise<BuiltLayer | undefined> {
  return commitLayer(env, stack, dropEmpty, (snapshot) =>
    writeChange(tree, {
      diff: snapshot.diff,
      faithful: !env.store.projected,
      dialect: env.dialect,
      crc: env.crc,
      latestTime: env.timestamp,
      asFromTar: env.builder === 'classic',
      signal: env.signal,
      ...(report === undefined ? {} : copyProgress(report, tree)),
    }),
  );
}

/** Copies below this are over before a bar could be read, bytes. */
const WORTH_A_BAR = 32 * 1024 * 1024;
const BAR_INTERVAL = 100;

function copyProgress(report: StepReporter, tree: ChangeTree): { onBytes?: (bytes: number) => void } {
  const total = tree.contentSize();
  if (total < WORTH_A_BAR) return {};
  let last = 0;
  return {
    onBytes: (bytes) => {
      const now = Date.now();
      if (bytes < total && now - last < BAR_INTERVAL) return;
      last = now;
      report.status('copying', bytes, total, bytes >= total);
    },
  };
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
  try {
    const tree = new ChangeTree(base, () => env.timestamp ?? nowNanos());
    await copyClassic(tree, copyRequest(env, action, source, owner, staging), sources);
    return await writeTree(env, stack, tree, true, undefined);
  } finally {
    rmSync(fsPath(staging), { recursive: true, force: true });
  }
}
