import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fromByteString } from '../../formats/bytestring.ts';
import { type OciOutcome, type OciRuntime, ociRuntimes, runContainer } from './oci-runtime.ts';
import type { PreparedRun } from './prepare-root.ts';
import { runInChroot } from './run-in-chroot.ts';
import type { RunResult, RunSpec } from './run-spec.ts';
import { StartFailure } from './start-failure.ts';

export interface Started {
  readonly outcome: Pick<RunResult, 'exitCode'>;
  readonly ranWith: NonNullable<RunResult['ranWith']>;
}

/** The kernel refused to execute the file: what runc 1.3's init exits with. */
const EXEC_REFUSED = 255;

/** The runtime that has worked in this process, so that a failure later on is the command's and not the host's. */
let proven: OciRuntime | undefined;

/**
 * Runs a prepared command on a mounted root file system with the first runtime that works. Throws StartFailure where a
 * runtime that works elsewhere refuses this command, LL_RUN_IMPOSSIBLE where none works.
 */
export async function startIsolated(
  spec: RunSpec,
  root: ByteString,
  prepared: PreparedRun,
  scratch: ByteString,
): Promise<Started> {
  const { runtime: wanted } = spec;
  const files = prepared.privateEnv || prepared.privateFiles.length > 0 ? prepared.privateFiles : undefined;
  const failures: string[] = [];
  for (const runtime of wanted === 'chroot' ? [] : candidates(wanted)) {
    const input = {
      root: fromByteString(root),
      args: spec.args,
      env: prepared.env,
      user: prepared.user,
      workingDir: spec.workingDir,
      hostname: spec.hostname,
      insecure: spec.insecure === true,
      network: spec.network,
      binds: prepared.binds,
    };
    const attempt = (): Promise<OciOutcome> =>
      runContainer(runtime, input, scratch, files, spec.onOutput, spec.signal, spec.keeper, spec.tidying);
    let outcome = await attempt();
    // crun: another of its kind made the control group around ours in the same moment. Nothing has started by then.
    if (outcome.kind === 'failed' && /\bFile exists$/.test(outcome.message)) outcome = await attempt();
    if (spec.signal?.aborted === true) return { outcome: { exitCode: 137 }, ranWith: runtime.name };
    if (outcome.kind === 'failed') {
      if (proven === runtime) throw new StartFailure(outcome.message, true, 126);
      failures.push(`${runtime.name}: ${outcome.message}`);
      continue;
    }
    proven = runtime;
    if (outcome.kind === 'exited') return { outcome: { exitCode: outcome.exitCode }, ranWith: runtime.name };
    spec.onOutput(2, Buffer.from(`${outcome.message}\n`));
    return { outcome: { exitCode: EXEC_REFUSED }, ranWith: runtime.name };
  }
  if (wanted === 'auto' || wanted === 'chroot') {
    return { outcome: { exitCode: await runInChroot(spec, root, prepared, scratch, true) }, ranWith: 'chroot' };
  }
  throw new LayerlabError(
    'LL_RUN_IMPOSSIBLE',
    failures.length === 0
      ? `There is no ${wanted} on this host`
      : `The container could not be started: ${failures.join('; ')}`,
    { hint: `Install crun or runc, or run with --runtime chroot.` },
  );
}

function candidates(wanted: 'auto' | 'crun' | 'runc'): readonly OciRuntime[] {
  if (proven !== undefined && (wanted === 'auto' || wanted === proven.name)) return [proven];
  return ociRuntimes(wanted);
}
