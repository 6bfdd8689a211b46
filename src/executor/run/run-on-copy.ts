import { mkdirSync, renameSync } from 'node:fs';
import { type ByteString, fsPath, toByteString } from '../../formats/bytestring.ts';
import { DiskLayer } from '../../snapshot/disk-layer.ts';
import { MergedView } from '../../snapshot/merged-view.ts';
import { type Baseline, takeBaseline } from './baseline.ts';
import { type CopiedMounts, copyBack, copyMounts } from './copied-mounts.ts';
import { lstatOrUndefined, mkdirInRoot, resolveInRoot } from './in-root.ts';
import { materialise } from './materialise.ts';
import { makeFileStub, removeMountStubs } from './mount-stubs.ts';
import { type PreparedRun, prepareRoot } from './prepare-root.ts';
import { runInChroot } from './run-in-chroot.ts';
import type { RunResult, RunSpec } from './run-spec.ts';
import { SCRIPT_FOLDER } from './script-folder.ts';
import { makeDeviceFolder, type Restore, standInFile, standInFolder } from './stand-in.ts';
import { StartFailure, startFailureResult } from './start-failure.ts';
import { writeUpper } from './write-upper.ts';

const SYSTEM_FOLDERS = ['/proc', '/dev', '/sys'] as const;
/** Longer than the coarsest tick by which a kernel stamps files, so that no change has the stamp of the copying. */
const TICK_MS = 20;

/**
 * A RUN without a mount: the layers are copied together, the command runs in the copy by chroot, and what it changed is
 * found by comparing. The command sees no /proc and no /sys, and devices made for it; nothing holds back what a hostile
 * command does (the script of a RUN is not read-only), so it is for hosts that are themselves a container.
 */
export async function runOnCopy(given: RunSpec, scratch: ByteString): Promise<RunResult> {
  const { spec, kept } = copyMounts(given, scratch);
  const root = `${scratch}/root`;
  mkdirSync(fsPath(root), 0o755);
  materialise(spec.view ?? new MergedView(spec.lowers.map((lower) => new DiskLayer(lower))), root);
  const baseline = takeBaseline(root);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, TICK_MS);
  try {
    const prepared = prepareRoot(root, spec, scratch);
    const mountPoints = new Set(SYSTEM_FOLDERS.map((path) => resolveInRoot(root, path).slice(root.length + 1)));
    const exitCode = await withStandIns(root, prepared, kept, scratch, baseline, () =>
      runInChroot(spec, root, prepared, scratch, false),
    );
    removeMountStubs(root, prepared.missingStubs, spec.stubCleaning !== 'files');
    return { exitCode, opaques: writeUpper(root, spec.upper, baseline, mountPoints), ranWith: 'chroot-copy' };
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error;
    return { ...startFailureResult(spec, error), opaques: new Set() };
  }
}

async function withStandIns<T>(
  root: ByteString,
  prepared: PreparedRun,
  kept: CopiedMounts['kept'],
  scratch: ByteString,
  baseline: Baseline,
  run: () => Promise<T>,
): Promise<T> {
  const restores: Restore[] = [];
  try {
    const devices = `${scratch}/dev`;
    makeDeviceFolder(devices);
    const script = prepared.binds.find(({ destination }) => destination === SCRIPT_FOLDER);
    if (script !== undefined) renameSync(fsPath(toByteString(script.source)), fsPath(`${devices}/pipes`));
    restores.push(standInFolder(root, resolveInRoot(root, '/dev'), devices, baseline));
    for (const { source, destination, isFile } of prepared.binds) {
      if (destination === SCRIPT_FOLDER) continue;
      const at = resolveInRoot(root, toByteString(destination));
      // What is missing only now has its place in another mount.
      if (lstatOrUndefined(at) === undefined) {
        if (isFile) makeFileStub(root, at.slice(root.length));
        else mkdirInRoot(root, at, () => {});
      }
      restores.push((isFile ? standInFile : standInFolder)(root, at, toByteString(source), baseline));
      const cache = kept.get(destination);
      if (cache !== undefined) {
        restores.push(() => {
          if (resolveInRoot(root, at.slice(root.length)) === at) copyBack(at, cache);
        });
      }
    }
    return await run();
  } finally {
    for (const restore of restores.reverse()) restore();
  }
}
