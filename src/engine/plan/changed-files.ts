import { isAbsolute, join, relative, resolve } from 'node:path';
import { type ChangedTree, takesFile } from '../../executor/copy/takes-file.ts';
import { toByteString } from '../../formats/bytestring.ts';
import type { SourceFile } from '../../parser/parse-error.ts';
import { sourcePlace } from '../../planner/copy-filter.ts';
import { atInstruction } from '../../planner/plan-error.ts';
import type { Plan, PlannedStage, Step } from '../../planner/step.ts';
import type { PlanChange } from '../plan-result.ts';

export type { ChangedTree };

/** What is known of changed files: each with the lines that take it, and the steps at these lines. */
export interface ChangedFiles {
  readonly changes: readonly PlanChange[];
  readonly takers: ReadonlySet<Step>;
}

/**
 * Finds the COPY, ADD and RUN steps of the built stages whose sources or mounts take one of the files. Throws LL_PARSE for a
 * bad pattern.
 */
export function findChangedFiles(
  file: SourceFile,
  plan: Plan,
  files: readonly string[],
  context: string | undefined,
  tree: ChangedTree | undefined,
): ChangedFiles {
  const takers = new Set<Step>();
  const stages = plan.order.map((index) => plan.stages[index] as PlannedStage);
  const changes = files.map((changed): PlanChange => {
    const path = context === undefined ? undefined : pathInContext(changed, context);
    if (path === undefined || tree === undefined) return { file: changed, place: 'outside', lines: [] };
    if (tree.hides?.(path)) return { file: changed, place: 'ignored', lines: [] };
    const lines: number[] = [];
    for (const stage of stages) {
      for (const step of stage.steps) {
        const { range } = step.trigger ? stage.from : step.instruction;
        if (!atInstruction(file, range, () => takes(step, tree, path))) continue;
        takers.add(step);
        lines.push(range.startLine);
      }
    }
    return { file: changed, place: 'context', lines: [...new Set(lines)] };
  });
  return { changes, takers };
}

function takes({ action }: Step, tree: ChangedTree, path: string): boolean {
  if (action.kind === 'run') {
    return (action.mounts ?? []).some(
      (mount) =>
        mount.kind === 'bind' &&
        mount.from.kind === 'context' &&
        `/${path}/`.startsWith(mount.source === '/' ? '/' : `${toByteString(mount.source)}/`),
    );
  }
  if ((action.kind !== 'copy' && action.kind !== 'add') || action.from.kind !== 'context') return false;
  return action.sources.some(
    (source) => !action.remotes.has(source) && takesFile(tree, sourcePlace(action, source), path),
  );
}

function pathInContext(file: string, context: string): string | undefined {
  const root = resolve(context);
  const native = relative(root, isAbsolute(file) ? file : join(root, file));
  const path = process.platform === 'win32' ? native.replaceAll('\\', '/') : native;
  return path === '..' || path.startsWith('../') || isAbsolute(path) ? undefined : toByteString(path);
}
