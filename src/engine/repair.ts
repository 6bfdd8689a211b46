import { resolve } from 'node:path';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { fromByteString, toByteString } from '../formats/bytestring.ts';
import { diskRootFiles } from '../host/disk-root-files.ts';
import { assertNotInUse, assertWritableLayout } from '../store/assert-usable.ts';
import { dataRootPaths, ensureDir } from '../store/layout.ts';
import { withLock } from '../store/locks.ts';
import type { Damage, Finding } from './check/damage.ts';
import type { DamageId } from './check/damage-catalogue.ts';
import { collectClues } from './check/layer-clues.ts';
import { whoIsAtWork } from './check/living-leases.ts';
import { openRootReader } from './check/root-reader.ts';
import { runSteps } from './check/steps.ts';
import { type Survey, survey } from './check/survey.ts';
import { collectUses, type Uses } from './check/uses.ts';
import { check, findDamages } from './check.ts';
import type { Action } from './repair/action.ts';
import { applyAction, writeManifest } from './repair/apply-actions.ts';
import { planRepair } from './repair/plan-repair.ts';
import { QUARANTINE } from './repair/quarantine.ts';

export interface RepairOptions {
  readonly dataRoot: string;
  /** Do it; without it only what would be done is told. */
  readonly write?: boolean;
  /** Also read every layer, and mend sizes that do not fit the contents. */
  readonly full?: boolean;
  readonly onProgress?: (progress: { readonly current: number; readonly total: number }) => void;
  readonly signal?: AbortSignal;
  /** Called after each action; tests cut the work off there. */
  readonly onAction?: (done: number) => void;
}

export interface Mend {
  readonly action: Action['kind'];
  readonly damage: DamageId;
  /** Relative to the data-root. */
  readonly where: string;
  /** Where it was put, for what was put into quarantine. */
  readonly to?: string;
  /** What is written, or where the link leads. */
  readonly text?: string;
}

export interface RepairResult {
  readonly dataRoot: string;
  readonly written: boolean;
  readonly mends: readonly Mend[];
  /** Folder below the data-root with what was taken out and the manifest; undefined where nothing was done. */
  readonly quarantine: string | undefined;
  /** What is wrong afterwards; before, in a dry run. */
  readonly remaining: readonly Damage[];
}

/** Mending one thing shows another at most this often: a lost layer, its images, their names. */
const ROUNDS = 6;

/**
 * Mends what can be mended safely: derives lost records again, drops what nothing uses, and puts what is broken under
 * `layerlab-quarantine/<time>/` with a manifest. A dry run unless `write` is set. May be cut off at any point and run again.
 * Throws LL_DATA_ROOT_IN_USE beside a dockerd, LL_BUSY beside another layerlab that works on the data-root.
 */
export async function repair(options: RepairOptions): Promise<RepairResult> {
  const root = toByteString(resolve(options.dataRoot));
  const dataRoot = fromByteString(root);
  const { write = false, full = false } = options;
  if (!write) {
    const { survey: seen, clues, atWork, findings } = await findDamages(options);
    const actions = planRepair(seen, collectUses(seen, clues, atWork.held), findings, diskRootFiles);
    const { damages } = await check({ dataRoot, full, settle: 0 });
    return {
      dataRoot,
      written: false,
      mends: actions.map((each) => mendOf(each)),
      quarantine: undefined,
      remaining: damages,
    };
  }
  assertWritableLayout(root);
  assertNotInUse(root);
  const paths = dataRootPaths(root);
  ensureDir(paths.own, 0o700);
  // All else is looked at again under the lock; what takes long comes before it.
  const sizes = full ? (await findDamages(options)).findings.filter(({ id }) => id === 'size-wrong') : [];
  const { done, folder } = withLock(paths.lock, () => mendAll(root, options, sizes));
  const { damages } = await check({ dataRoot, full, settle: 0 });
  const quarantine = done.length === 0 ? undefined : fromByteString(folder);
  return { dataRoot, written: true, mends: done.map((each) => mendOf(each, folder)), quarantine, remaining: damages };
}

/** Looks again under the lock, so that nobody else changes what is looked at, and mends until nothing more can be. */
function mendAll(
  root: string,
  options: RepairOptions,
  sizes: readonly Finding[],
): { readonly done: readonly Action[]; readonly folder: string } {
  const done: Action[] = [];
  const folder = `${QUARANTINE}/${new Date().toISOString().replace(/[-:.]/g, '')}`;
  for (let round = 0; round < ROUNDS; round++) {
    const { seen, uses, findings } = lookAgain(root);
    const actions = planRepair(seen, uses, [...findings, ...(round === 0 ? sizes : [])], diskRootFiles);
    const repeated = actions.every((each) => done.some((old) => isSame(old, each)));
    if (actions.length === 0 || repeated) break;
    writeManifest(root, round === 0 ? folder : `${folder}-${round + 1}`, actions);
    for (const action of actions) {
      if (options.signal?.aborted === true) throw new LayerlabError('LL_INTERRUPTED', 'the repair was interrupted');
      applyAction(root, round === 0 ? folder : `${folder}-${round + 1}`, action);
      done.push(action);
      options.onAction?.(done.length);
    }
  }
  return { done, folder };
}

function isSame(a: Action, b: Action): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function lookAgain(root: string): {
  readonly seen: Survey;
  readonly uses: Uses;
  readonly findings: readonly Finding[];
} {
  const paths = dataRootPaths(root);
  const reader = openRootReader(diskRootFiles, root);
  const atWork = whoIsAtWork(reader, paths.leases);
  if (atWork.daemon) assertNotInUse(root);
  if (atWork.leases.size > 0) {
    const pids = [...atWork.leases].map((lease) => lease.split('-')[0]).join(', ');
    throw new LayerlabError('LL_BUSY', `other layerlab processes work on this data-root: ${pids}`);
  }
  const seen = survey(reader, paths);
  const [unreadable] = reader.unreadable;
  if (unreadable !== undefined) {
    throw new LayerlabError(
      'LL_NO_RIGHT',
      `${unreadable.where} cannot be read: nothing is mended without seeing all of it`,
      {
        hint: 'Run it as the user that owns the data-root, usually root.',
      },
    );
  }
  const clues = collectClues(seen);
  return { seen, uses: collectUses(seen, clues, atWork.held), findings: runSteps(seen, clues, atWork) };
}

function mendOf(action: Action, folder?: string): Mend {
  const text = action.kind === 'write' ? action.text : action.kind === 'link' ? action.target : undefined;
  const moved = action.kind === 'quarantine' && folder !== undefined;
  return {
    action: action.kind,
    damage: action.why,
    where: fromByteString(action.where),
    ...(moved ? { to: fromByteString(`${folder}/${action.where}`) } : {}),
    ...(text === undefined ? {} : { text: fromByteString(text) }),
  };
}
