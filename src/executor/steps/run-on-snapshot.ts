import { mkdirSync, rmSync } from 'node:fs';
import type { LayerResult } from '../../committer/layer-result.ts';
import { scanUpper } from '../../committer/scan-upper.ts';
import { settleUpper } from '../../committer/settle-upper.ts';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { fsPath } from '../../formats/bytestring.ts';
import type { RunAction } from '../../planner/step.ts';
import { DiskLayer } from '../../snapshot/disk-layer.ts';
import type { Snapshot } from '../../store/overlay2.ts';
import { removeTree } from '../../store/remove-tree.ts';
import type { BuildEnv, LayerStack, StepReporter } from '../build-env.ts';
import type { OpenMounts } from '../mounts/open-mounts.ts';
import { openStack } from '../open-stack.ts';
import { commandFailed } from '../run/command-failed.ts';
import { createInitLayer } from '../run/init-layer.ts';
import { runCommand } from '../run/run-command.ts';
import type { RunResult } from '../run/run-spec.ts';
import { openTidying } from '../run/tidying.ts';

/** A command that is to fill a snapshot. */
export interface SnapshotRun {
  readonly action: RunAction;
  readonly hostname: string;
  readonly onOutput: StepReporter['output'];
  /** What is mounted for it, and what its environment has of that. */
  readonly opened?: OpenMounts | undefined;
}

/** What is to be known of a snapshot that a command filled, beside its files. */
export interface Filled extends Pick<RunResult, 'opaques'> {
  /** Does what is left to do, and hands on the last of the output. To be called once, and before the layer is recorded. */
  finish(): Promise<void>;
}

/**
 * Executes a command on a snapshot, whose files are settled afterwards: others may stand on them. Nothing is left to do where it
 * throws.
 *
 * @param stack the layers below
 * @throws LL_RUN_FAILED in the builder's words, with the command's exit code as `exitCode` for classic
 */
export async function runOnSnapshot(
  env: BuildEnv,
  stack: LayerStack,
  snapshot: Snapshot,
  { action, hostname, onOutput, opened }: SnapshotRun,
): Promise<Filled> {
  const classic = env.builder === 'classic';
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
  const tidying = openTidying();
  const removeOwn = (): void => {
    for (const dir of [scratchDir, `${env.scratch}/init`, `${env.scratch}/work`]) removeTree(dir);
  };
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
      flushedLater: true,
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
      onOutput,
      ...(env.signal === undefined ? {} : { signal: env.signal }),
      tidying,
    });
    env.signal?.throwIfAborted();
    if (result.exitCode !== 0 || result.startError !== undefined) throw failure(env, action, result);
    if (env.timestamp !== undefined) settle(env, snapshot, env.timestamp);
    if (classic && snapshot.lowers.length > 0) rmSync(fsPath(`${work}/work`), { recursive: true, force: true });
    env.unflushed.add(snapshot.cacheId);
    tidying.add(removeOwn);
    return { opaques: result.opaques, finish: tidying.finish };
  } catch (error) {
    await tidying.finish().catch(() => undefined);
    removeOwn();
    throw error;
  }
}

/** The layer that a command made of a snapshot. */
export function layerOf(env: BuildEnv, snapshot: Snapshot, { opaques }: Filled): LayerResult {
  const change = scanUpper(snapshot.diff, { dialect: env.dialect, crc: env.crc, opaques });
  // The classic builder's files are those that it would unpack again from the layer's tar.
  if (env.builder === 'classic') settle(env, snapshot, undefined);
  return change;
}

function settle(env: BuildEnv, snapshot: Snapshot, latestTime: bigint | undefined): void {
  const { whiteoutsOwned } = env.dialect;
  settleUpper(snapshot.diff, { latestTime, asFromTar: latestTime === undefined, whiteoutsOwned });
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
