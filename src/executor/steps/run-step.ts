import { mkdirSync, rmSync } from 'node:fs';
import { scanUpper } from '../../committer/scan-upper.ts';
import { settleUpper } from '../../committer/settle-upper.ts';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { fsPath } from '../../formats/bytestring.ts';
import type { RunAction } from '../../planner/step.ts';
import { DiskLayer } from '../../snapshot/disk-layer.ts';
import type { BuiltLayer } from '../../store/built-layer.ts';
import { removeTree } from '../../store/remove-tree.ts';
import type { BuildEnv, LayerStack, StepReporter } from '../build-env.ts';
import { stepKey } from '../cache/step-key.ts';
import { cachedLayer, commitLayer } from '../commit-layer.ts';
import { mountKey } from '../mounts/mount-key.ts';
import type { StackOf } from '../mounts/mount-sources.ts';
import { type OpenMounts, openMounts } from '../mounts/open-mounts.ts';
import { openStack } from '../open-stack.ts';
import { commandFailed } from '../run/command-failed.ts';
import { createInitLayer } from '../run/init-layer.ts';
import { runCommand } from '../run/run-command.ts';
import type { StepOutcome } from './copy-step.ts';

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
    layer = await runLayer(env, stack, action, 'buildkitsandbox', report, opened);
  } finally {
    await opened?.release();
    rmSync(fsPath(folder), { recursive: true, force: true });
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
export function runLayer(
  env: BuildEnv,
  stack: LayerStack,
  action: RunAction,
  hostname: string,
  report: StepReporter,
  opened?: OpenMounts,
): Promise<BuiltLayer | undefined> {
  const classic = env.builder === 'classic';
  return commitLayer(env, stack, classic, async (snapshot) => {
    // What is mounted for a command shows in new namespaces only.
    const keeper = (opened?.mounts.length ?? 0) > 0 ? undefined : await env.keeper.open();
    // Volumes are copied there, of whatever size.
    const scratchDir =
      keeper === undefined || (classic && action.volumes.length > 0)
        ? `${env.scratch}/run`
        : `${keeper.folder}/${snapshot.cacheId}-run`;
    const work = snapshot.lowers.length > 0 ? snapshot.work : `${env.scratch}/work`;
    mkdirSync(fsPath(scratchDir), { recursive: true, mode: 0o700 });
    mkdirSync(fsPath(work), { recursive: true, mode: 0o700 });
    try {
      const init = classic ? [initLayer(env, stack)] : [];
      const view = env.readsHeaders
        ? openStack(
            env,
            stack,
            init.map((dir) => new DiskLayer(dir)),
          )
        : undefined;
      const result = await runCommand({
        builder: env.builder,
        lowers: [...init, ...snapshot.lowers],
        ...(view === undefined ? {} : { view }),
        upper: snapshot.diff,
        flushedLater: !classic,
        work,
        ...(keeper === undefined
          ? { merged: snapshot.merged }
          : { merged: `${keeper.folder}/${snapshot.cacheId}`, keeper }),
        scratchDir,
        args: action.args,
        env: opened === undefined ? action.env : [...opened.env, ...action.env],
        ...(opened === undefined ? {} : { mounts: opened.mounts, secretEnv: opened.secretEnv }),
        user: action.user,
        workingDir: action.workingDir,
        ...(action.writtenDir === undefined ? {} : { writtenDir: action.writtenDir }),
        hostname,
        network: action.network === 'none' ? 'none' : 'host',
        insecure: action.insecure === true,
        volumes: action.volumes,
        ...(action.script === undefined ? {} : { script: action.script }),
        runtime: env.runtime,
        stubCleaning: env.profile.runs.stubCleaning,
        ownGroup: env.profile.runs.ownGroup,
        startFailure: env.profile.runs.startFailure,
        onOutput: (stream, data) => report.output(stream, data),
        ...(env.signal === undefined ? {} : { signal: env.signal }),
      });
      env.signal?.throwIfAborted();
      if (result.exitCode !== 0 || result.startError !== undefined) throw failure(env, action, result);
      const { whiteoutsOwned } = env.dialect;
      const settle = (latestTime: bigint | undefined, asFromTar: boolean): void =>
        settleUpper(snapshot.diff, { latestTime, asFromTar, whiteoutsOwned });
      if (env.timestamp !== undefined) settle(env.timestamp, false);
      if (classic && snapshot.lowers.length > 0) rmSync(fsPath(`${work}/work`), { recursive: true, force: true });
      if (!classic) env.unflushed.add(snapshot.cacheId);
      const change = scanUpper(snapshot.diff, { dialect: env.dialect, crc: env.crc, opaques: result.opaques });
      if (classic) settle(undefined, true);
      return change;
    } finally {
      for (const dir of [scratchDir, `${env.scratch}/init`, `${env.scratch}/work`]) {
        removeTree(dir);
      }
    }
  });
}

function initLayer(env: BuildEnv, stack: LayerStack): string {
  const dir = `${env.scratch}/init`;
  mkdirSync(fsPath(dir), { recursive: true, mode: 0o755 });
  createInitLayer(dir, openStack(env, stack));
  return dir;
}

function failure(
  env: BuildEnv,
  action: RunAction,
  result: { readonly exitCode: number; readonly startError?: string },
): LayerlabError {
  const words = action.args.join(' ');
  if (env.builder === 'classic') {
    if (result.startError !== undefined) return new LayerlabError('LL_RUN_FAILED', result.startError);
    return new LayerlabError('LL_RUN_FAILED', `The command '${words}' returned a non-zero code: ${result.exitCode}`, {
      exitCode: result.exitCode,
    });
  }
  const why = result.startError ?? `exit code: ${result.exitCode}`;
  return new LayerlabError('LL_RUN_FAILED', `${commandFailed(env.profile.runs, action.args)}: ${why}`);
}
