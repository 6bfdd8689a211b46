import { mkdirSync, rmdirSync } from 'node:fs';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fsPath } from '../../formats/bytestring.ts';
import { randomHex } from '../../formats/random.ts';
import { hostCapabilities } from '../../host/capabilities.ts';
import { errnoOf, ioError } from '../../host/io-error.ts';
import { forgetVolatile, mountOverlay, unmountAside, unmountBelow } from '../../host/overlay-mount.ts';
import { removeTree } from '../../store/remove-tree.ts';
import { removeMountStubs } from './mount-stubs.ts';
import { prepareRoot } from './prepare-root.ts';
import { runOnCopy } from './run-on-copy.ts';
import type { RunResult, RunSpec } from './run-spec.ts';
import { StartFailure, startFailureResult } from './start-failure.ts';
import { startIsolated } from './start-isolated.ts';
import { putOff, type Tidying } from './tidying.ts';

const NONE: ReadonlySet<ByteString> = new Set();

/** Failures of mount(2) that mean: this host or this file system has no overlay for us. */
const NO_OVERLAY = new Set(['EPERM', 'EACCES', 'ENODEV', 'EINVAL', 'EOPNOTSUPP']);

/**
 * Carries out a RUN on a stack of layers and leaves in `upper` what dockerd's upper folder would hold after it: also what
 * runtimes leave behind of the places they mount on. Nothing is mounted or running when it returns or throws
 * (`tidying` may hold what else is left to do).
 *
 * With CAP_SYS_ADMIN the layers are an overlay mount, in which crun or runc (a security boundary, as with dockerd) or, if
 * neither works, namespaces and chroot (none: a hostile command can get out) run the command. Without it, as in an
 * unprivileged container, the layers are copied together, the command runs by chroot, and what it changed is found by
 * comparing.
 *
 * An exit code other than 0 is a result, not an error. Throws LL_RUN_IMPOSSIBLE, LL_INTERRUPTED (the signal), LL_NO_SPACE,
 * LL_NO_RIGHT and LL_IO.
 */
export async function runCommand(spec: RunSpec): Promise<RunResult> {
  throwIfAborted(spec.signal);
  const capabilities = hostCapabilities();
  const { overlayMount, chroot, mknod } = capabilities;
  if (!overlayMount && !(chroot && mknod)) throw impossible();
  const scratch = `${spec.scratchDir}/run-${randomHex(6)}`;
  try {
    mkdirSync(fsPath(scratch), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw ioError(error, 'Making a scratch folder');
  }
  try {
    const result = (overlayMount ? await runOnOverlay(spec, scratch) : undefined) ?? (await runOnCopy(spec, scratch));
    throwIfAborted(spec.signal);
    return result;
  } catch (error) {
    unmountQuietly(scratch);
    throwIfAborted(spec.signal);
    throw error instanceof LayerlabError ? error : ioError(error, 'Running a command');
  } finally {
    putOff(spec.tidying, () => removeTree(scratch));
  }
}

/** Undefined where the overlay cannot be mounted; nothing has happened then. */
async function runOnOverlay(spec: RunSpec, scratch: ByteString): Promise<RunResult | undefined> {
  const { upper, work, merged } = spec;
  const made = mkdirSync(fsPath(merged), { recursive: true, mode: 0o700 }) !== undefined;
  let tidying: Tidying | undefined;
  try {
    const lowers = spec.lowers.length > 0 ? spec.lowers : [emptyLower(scratch)];
    try {
      mountOverlay({ lowers, upper, work, merged, volatile: spec.flushedLater === true });
    } catch (error) {
      if (NO_OVERLAY.has(errnoOf(error) ?? '')) return undefined;
      throw error;
    }
    tidying = spec.tidying;
    try {
      return await runMounted(spec, scratch);
    } finally {
      await unmountAside(merged);
      if (spec.flushedLater === true) putOff(tidying, () => forgetVolatile(work));
    }
  } finally {
    if (made) putOff(tidying, () => rmdirSync(fsPath(merged)));
  }
}

async function runMounted(spec: RunSpec, scratch: ByteString): Promise<RunResult> {
  try {
    const prepared = prepareRoot(spec.merged, spec, scratch);
    const { outcome, ranWith } = await startIsolated(spec, spec.merged, prepared, scratch);
    removeMountStubs(spec.merged, prepared.missingStubs, spec.stubCleaning !== 'files');
    return { ...outcome, opaques: NONE, ranWith };
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error;
    return { ...startFailureResult(spec, error), opaques: NONE };
  }
}

/** For a stage from scratch: an overlay needs a layer below. */
function emptyLower(scratch: ByteString): ByteString {
  const folder = `${scratch}/empty`;
  mkdirSync(fsPath(folder));
  return folder;
}

function unmountQuietly(folder: ByteString): void {
  try {
    if (hostCapabilities().caps.has('SYS_ADMIN')) unmountBelow(folder);
  } catch {
    // What cannot be unmounted cannot have been mounted by us.
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true)
    throw new LayerlabError('LL_INTERRUPTED', 'The build was interrupted', { cause: signal.reason });
}

function impossible(): LayerlabError {
  return new LayerlabError('LL_RUN_IMPOSSIBLE', 'This user can neither mount an overlay nor change the root folder', {
    hint:
      process.platform === 'linux'
        ? 'Run as root: with CAP_SYS_ADMIN (then crun or runc is used), or in a container with the default capabilities (CAP_SYS_CHROOT, CAP_MKNOD, CAP_CHOWN, CAP_DAC_OVERRIDE).'
        : 'RUN needs Linux: build in a Linux machine or container, as root.',
  });
}
