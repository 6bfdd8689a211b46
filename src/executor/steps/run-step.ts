import { rmSync } from 'node:fs';
import type { LayerResult } from '../../committer/layer-result.ts';
import { fsPath } from '../../formats/bytestring.ts';
import type { RunAction } from '../../planner/step.ts';
import type { BuiltLayer } from '../../store/built-layer.ts';
import type { Snapshot } from '../../store/overlay2.ts';
import type { BuildEnv, LayerStack, StepReporter } from '../build-env.ts';
import { stepKey } from '../cache/step-key.ts';
import { cachedLayer, commitLayer, makeSnapshot } from '../commit-layer.ts';
import { mountKey } from '../mounts/mount-key.ts';
import type { StackOf } from '../mounts/mount-sources.ts';
import { type OpenMounts, openMounts } from '../mounts/open-mounts.ts';
import { BUILDKIT_HOSTNAME } from './buildkit-hostname.ts';
import type { StepOutcome } from './copy-step.ts';
import { layerOf, runOnSnapshot } from './run-on-snapshot.ts';

/** RUN for BuildKit, through the build cache. */
export async function runStep(
  env: BuildEnv,
  stack: LayerStack,
  action: RunAction,
  stackOf: StackOf,
  report: StepReporter,
): Promise<StepOutcome> {
  const mounts = action.mounts ?? [];
  const key = stepKey([
    'run',
    stack[stack.length - 1]?.chainId,
    action.args,
    action.env,
    action.user,
    action.workingDir,
    action.network === 'none' ? 'none' : 'host',
    env.timestamp === undefined ? null : String(env.timestamp),
    action.insecure === true,
    ...(action.script === undefined ? [] : [[action.script.name, action.script.data]]),
    ...(mounts.length === 0 ? [] : [['mounts', mounts.map((mount) => mountKey(env, stackOf, mount))]]),
  ]);
  const hit = cachedLayer(env, key);
  if (hit !== undefined) return { layer: hit, cached: true };
  const folder = `${env.scratch}/mounts`;
  const opened = mounts.length === 0 ? undefined : await openMounts(env, action, stackOf, env.secrets, folder);
  let layer: BuiltLayer | undefined;
  try {
    layer = await runLayer(env, stack, action, BUILDKIT_HOSTNAME, report, opened);
  } finally {
    await opened?.release();
    if (mounts.length > 0) rmSync(fsPath(folder), { recursive: true, force: true });
  }
  if (layer !== undefined) env.cache.put(key, layer, undefined);
  return { layer, cached: false };
}

/**
 * Executes a command on top of a stack and keeps what it changed.
 *
 * @returns undefined where it changed nothing and the builder makes no layer of nothing (classic)
 * @throws LL_RUN_FAILED in the builder's words, with the command's exit code as `exitCode` for classic
 */
export async function runLayer(
  env: BuildEnv,
  stack: LayerStack,
  action: RunAction,
  hostname: string,
  report: StepReporter,
  opened?: OpenMounts,
): Promise<BuiltLayer | undefined> {
  const onOutput: StepReporter['output'] = (stream, data) => report.output(stream, data);
  const { ahead, store } = env;
  const begun = ahead?.runs.take(ahead.id);
  begun?.listen(onOutput);
  const fill = async (snapshot: Snapshot): Promise<LayerResult> => {
    const run = { action, hostname, onOutput, opened };
    const running = begun?.filled ?? runOnSnapshot(env, stack, snapshot, run);
    const below = stack[stack.length - 1]?.cacheId;
    // The layer below turned out to be one that was there already: this one stands on that.
    const moves = begun !== undefined && below !== undefined && below !== begun.below;
    const next = ahead?.next();
    // Its record names all below it, which are not known yet where this one moves.
    if (next !== undefined && !moves) ahead?.runs.prepare(next, snapshot);
    const filled = await running;
    try {
      if (moves) store.overlay.restack(snapshot.cacheId, below);
      if (next !== undefined) await ahead?.runs.begin(next, snapshot);
    } finally {
      await filled.finish();
    }
    return layerOf(env, snapshot, filled);
  };
  const snapshot = begun?.snapshot ?? makeSnapshot(env, stack[stack.length - 1]?.cacheId, true);
  return commitLayer(env, stack, env.builder === 'classic', fill, snapshot);
}
