import { mkdirSync, rmSync } from 'node:fs';
import type { BuildEnv, LayerStack, StepReporter } from '../../executor/build-env.ts';
import { copyStep } from '../../executor/steps/copy-step.ts';
import { fsPath } from '../../formats/bytestring.ts';
import type { HistoryRow } from '../../formats/image-config.ts';
import type { Platform } from '../../planner/plan-options.ts';
import type { CopyAction, Step } from '../../planner/step.ts';
import type { BuiltLayer } from '../../store/built-layer.ts';

/** In the last row of an image that stands on a folder. */
const EXPORTER_COMMENT = 'buildkit.exporter.image.v0';

/**
 * Makes the layer of a named context that a stage begins with: its files, owned by root, as they would be copied out of it.
 * It is made anew by every build.
 *
 * @throws as COPY does
 */
export async function folderLayer(env: BuildEnv, folder: string, report: StepReporter): Promise<BuiltLayer> {
  mkdirSync(fsPath(env.scratch), { recursive: true, mode: 0o700 });
  try {
    const { layer } = await copyStep(env, [], wholeOf(folder), undefined, report);
    // A copy for BuildKit gives a layer also where nothing is copied.
    return layer as BuiltLayer;
  } finally {
    rmSync(fsPath(env.scratch), { recursive: true, force: true });
  }
}

function wholeOf(name: string): CopyAction {
  return {
    kind: 'copy',
    from: { kind: 'folder', name },
    sources: ['.'],
    remotes: new Map(),
    unpack: undefined,
    documents: [],
    destination: '/',
    destinationText: '/',
    chown: undefined,
    chmod: undefined,
    excludes: [],
    parents: false,
  };
}

/** What BuildKit says of a stage that it has no config for. */
export const NO_PLATFORM: Platform = Object.freeze({ os: 'linux', architecture: '' });

/** How BuildKit's cache describes the layer of a folder. */
export function describeFolder(folder: string): string {
  return `local source for ${folder}`;
}

/** How BuildKit's cache describes the layer of a step (buildkit solver/llbsolver/ops: a command's by its words, others' by their vertex). */
export function describeStep({ action }: Step, vertexName: string): string {
  return action.kind === 'run' ? `mount / from exec ${action.args.join(' ')}` : vertexName;
}

/**
 * The rows of an image whose lowest layer is a folder's, which has none: BuildKit counts rows and layers from the bottom, so
 * each row has the time of the layer below its own, and one more with the last layer's description ends them (moby
 * builder/builder-next/exporter/mobyexporter writer.go, normalizeLayersAndHistory).
 *
 * @param description of the topmost layer
 */
export function rowsOnFolder(rows: readonly HistoryRow[], stack: LayerStack, description: string): HistoryRow[] {
  let next = 0;
  const fitted = rows.map((row) => {
    if (row.emptyLayer === true) return row;
    const created = stack[next++]?.created;
    return created === undefined ? row : { ...row, created };
  });
  const created = stack.at(-1)?.created;
  const last = { createdBy: description, comment: EXPORTER_COMMENT };
  return [...fitted, created === undefined ? last : { created, ...last }];
}
