import { resolve } from 'node:path';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fromByteString, toByteString } from '../formats/bytestring.ts';
import { diskRootFiles } from '../host/disk-root-files.ts';
import type { RootFiles } from '../host/root-files.ts';
import { dataRootPaths } from '../store/layout.ts';
import { affected } from './check/affected.ts';
import { assertDataRoot } from './check/assert-data-root.ts';
import type { Damage, Finding, Unreadable } from './check/damage.ts';
import { damageCatalogue } from './check/damage-catalogue.ts';
import { collectClues, type LayerClues } from './check/layer-clues.ts';
import { type AtWork, whoIsAtWork } from './check/living-leases.ts';
import { cacheIdOf, digestIn, textOf } from './check/record.ts';
import { openRootReader } from './check/root-reader.ts';
import { runSteps, STEPS, type StepName } from './check/steps.ts';
import { type Survey, survey } from './check/survey.ts';
import type { LayerJob } from './check/verify-layer.ts';
import { verifyLayers } from './check/verify-layers.ts';
import { rootFilesOf } from './root-files-of.ts';

export interface CheckOptions {
  /** Folder of the data-root, or a plain tar of one; or the name it has within `files`. */
  readonly dataRoot: string;
  /** Read every byte of every layer, too. */
  readonly full?: boolean;
  /** Threads for `full`. */
  readonly jobs?: number;
  /** Where the data-root's files are; found by its name unless told. */
  readonly files?: RootFiles;
  /** How far `full` is, in bytes. */
  readonly onProgress?: (progress: { readonly current: number; readonly total: number }) => void;
  readonly signal?: AbortSignal;
  /** How long to wait before findings are looked at a second time, milliseconds; 300 unless told. */
  readonly settle?: number;
}

export interface CheckedStep {
  readonly name: StepName | 'contents';
  /** What was looked at, in words. */
  readonly title: string;
  /** How many records or layers there were. */
  readonly checked: number;
  readonly damages: number;
  readonly leftovers: number;
}

export interface CheckResult {
  readonly dataRoot: string;
  readonly full: boolean;
  /** A dockerd runs on it: what is younger than some minutes is taken for its work. */
  readonly daemon: boolean;
  readonly steps: readonly CheckedStep[];
  /** Damages first, then leftovers. */
  readonly damages: readonly Damage[];
  /** What the user may not read: nothing is said of it. */
  readonly unreadable: readonly Unreadable[];
  /** Bytes of layers that `full` read. */
  readonly bytes: number;
}

/** A survey with all that the check found in it, for `repair`. */
export interface Findings {
  readonly survey: Survey;
  readonly clues: LayerClues;
  readonly findings: readonly (Finding & { readonly step: StepName | 'contents' })[];
  readonly unreadable: readonly Unreadable[];
  readonly atWork: AtWork;
  readonly verified: number;
  readonly bytes: number;
}

/** What is younger may be a layer that dockerd is just making: it keeps no record of that on the disk. */
const IN_FLIGHT_NS = 10n * 60n * 1_000_000_000n;
const SETTLE_MS = 300;

/**
 * Checks a data-root and writes nothing. Works on a root that a dockerd uses: what it finds is looked at a second time, and
 * what is gone or done by then was work in progress. Works without root as far as it may read. Throws LL_DATA_ROOT where
 * there is no data-root, LL_INTERRUPTED where the signal came.
 */
export async function check(options: CheckOptions): Promise<CheckResult> {
  const found = await findDamages(options);
  const { findings, survey: seen } = found;
  const damages = findings.map((finding): Damage => {
    const row = damageCatalogue[finding.id];
    return {
      id: finding.id,
      severity: row.severity,
      where: fromByteString(finding.where),
      detail: fromByteString(finding.detail),
      means: row.means,
      mend: row.mend,
      repairable: row.repair,
      ...affected(seen, found.clues, finding),
    };
  });
  const count = (step: string, severity: string): number =>
    findings.filter((each) => each.step === step && damageCatalogue[each.id].severity === severity).length;
  const steps = [
    ...STEPS.map(({ name, title, count: size }) => ({ name, title, checked: size(seen) })),
    ...(options.full === true
      ? [{ name: 'contents' as const, title: 'every byte of every layer', checked: found.verified }]
      : []),
  ];
  return {
    dataRoot: resolve(options.dataRoot),
    full: options.full === true,
    daemon: found.atWork.daemon,
    steps: steps.map((step) => ({
      ...step,
      damages: count(step.name, 'damage'),
      leftovers: count(step.name, 'leftover'),
    })),
    damages: damages.toSorted((a, b) => Number(a.severity === 'leftover') - Number(b.severity === 'leftover')),
    unreadable: found.unreadable,
    bytes: found.bytes,
  };
}

/** As `check`, with what `repair` needs of the findings. */
export async function findDamages(options: CheckOptions): Promise<Findings> {
  const files = options.files ?? rootFilesOf(options.dataRoot);
  const root = toByteString(resolve(options.dataRoot));
  assertDataRoot(files, root);
  const first = await look(files, root, options);
  if (first.findings.length === 0 || files !== diskRootFiles) return first;
  await new Promise((done) => setTimeout(done, options.settle ?? SETTLE_MS));
  const again = await look(files, root, { ...options, onProgress: () => {} }, first);
  const before = new Set(first.findings.map(keyOf));
  const busy = first.atWork.daemon || again.atWork.daemon;
  const findings = again.findings.filter((finding) => {
    return before.has(keyOf(finding)) && !(busy && isYoung(files, `${root}/${finding.where}`, finding));
  });
  return { ...again, findings, verified: first.verified, bytes: first.bytes };
}

/** One look at everything; `before` limits the reading of layers to those that were found wrong. */
async function look(files: RootFiles, root: ByteString, options: CheckOptions, before?: Findings): Promise<Findings> {
  const paths = dataRootPaths(root);
  const reader = openRootReader(files, root);
  const atWork: AtWork =
    files === diskRootFiles ? whoIsAtWork(reader, paths.leases) : { daemon: false, leases: new Set(), held: new Set() };
  const seen = survey(reader, paths);
  const clues = collectClues(seen);
  const findings: (Finding & { step: StepName | 'contents' })[] = runSteps(seen, clues, atWork);
  const unreadable: Unreadable[] = [];
  let verified = 0;
  let bytes = 0;
  if (options.full === true) {
    const wrong = before?.findings.filter(({ step }) => step === 'contents').map(({ layer }) => layer);
    const jobs = layerJobs(seen).filter(({ layer }) => wrong === undefined || wrong.includes(layer));
    verified = jobs.length;
    const total = jobs.reduce((sum, job) => sum + (job.size ?? 0), 0);
    const verdicts = await verifyLayers(jobs, {
      files,
      jobs: options.jobs,
      signal: options.signal,
      onBytes: (count) => {
        bytes += count;
        options.onProgress?.({ current: bytes, total: Math.max(total, bytes) });
      },
    });
    if (options.signal?.aborted === true) throw new LayerlabError('LL_INTERRUPTED', 'the check was interrupted');
    for (const { layer, faults } of verdicts) {
      for (const { id, ...fault } of faults) {
        const where = reader.relative(fault.where);
        if (id === 'unreadable') unreadable.push({ where: fromByteString(where), why: fault.detail });
        else findings.push({ ...fault, id, where, layer, step: 'contents' });
      }
    }
  }
  findings.push(...reader.failed.map((failed) => ({ ...failed, step: 'layout' as const })));
  return {
    survey: seen,
    clues,
    findings,
    unreadable: [...reader.unreadable, ...unreadable],
    atWork,
    verified,
    bytes,
  };
}

function layerJobs({ layers, snapshots, paths }: Survey): LayerJob[] {
  return [...layers.values()].flatMap((layer) => {
    const [diffId, cacheId] = [digestIn(layer.diff), cacheIdOf(layer)];
    const snapshot = cacheId === undefined ? undefined : snapshots.get(cacheId);
    // What is missing as a whole is said by its own name.
    if (diffId === undefined || snapshot?.diff?.kind !== 'dir') return [];
    if (layer.tarSplit === undefined || layer.tarSplit.kind !== 'file' || layer.tarSplit.size === 0) return [];
    const size = textOf(layer.size) ?? '';
    return [
      {
        layer: layer.name,
        diffId,
        tarSplit: `${layer.dir}/tar-split.json.gz`,
        diff: `${paths.overlay}/${cacheId}/diff`,
        size: /^[0-9]{1,15}$/.test(size) ? Number(size) : undefined,
      },
    ];
  });
}

function keyOf({ id, where }: Finding): string {
  return `${id} ${where}`;
}

function isYoung(files: RootFiles, path: ByteString, finding: Finding): boolean {
  if (damageCatalogue[finding.id].severity !== 'leftover') return false;
  try {
    const stat = files.lstat(path);
    return stat === undefined || BigInt(Date.now()) * 1_000_000n - stat.mtime < IN_FLIGHT_NS;
  } catch {
    return false;
  }
}
