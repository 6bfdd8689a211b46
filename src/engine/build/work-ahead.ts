import type { BuildEnv } from '../../executor/build-env.ts';
import { syncFileSystemAside } from '../../host/syscalls.ts';
import type { Vertex } from '../../planner/vertices.ts';
import type { CopyLanes } from './copy-lanes.ts';

/** What is done early, beside the work of a build, so that nobody waits for it at the end. */
export interface WorkAhead {
  /** To be called when copies begin that no cache knows. */
  begin(): void;
  /** To be called when the work on a vertex has ended. */
  ended(vertex: Vertex): void;
  /** Returns when nothing goes on any more. Throws LL_IO where the disk could not be written. */
  settled(): Promise<void>;
}

/** Of so many commands, and more, what the first ones wrote begins to go to the disk when so many are left. */
const [MANY_COMMANDS, LAST_COMMANDS] = [5, 2];

/**
 * Much is to be copied, and commands stand on it: the shell that starts commands gets ready meanwhile. When the last copy of the
 * context is there, no thread is needed for any more, and what was copied begins to go to the disk while commands run: where
 * commands ran, the file system is flushed before the image is recorded, and that has less to wait for then. What most of the commands wrote
 * goes there while the last of them run. When those have ended, so may their shell.
 */
export function openWorkAhead(
  env: Pick<BuildEnv, 'keeper' | 'store' | 'unflushed'>,
  vertices: readonly Vertex[],
  lanes: () => Pick<CopyLanes, 'release'>,
): WorkAhead {
  const commands = vertices.filter(isCommand).length;
  const runs = commands > 0;
  let left = commands;
  const copies = new Set(vertices.filter(copiesContext).map(({ id }) => id));
  let begun = false;
  let flush: Promise<void> = Promise.resolve();
  const beginFlush = (): void => {
    flush = Promise.all([flush, syncFileSystemAside(env.store.paths.root)]).then(() => undefined);
    // It is told where it is waited for.
    flush.catch(() => undefined);
  };
  return {
    begin: () => {
      begun = true;
      // Whoever needs it hears of what is wrong with it.
      if (runs) env.keeper.open().catch(() => undefined);
    },
    ended: (vertex) => {
      if (isCommand(vertex)) {
        left -= 1;
        if (left === 0) env.keeper.dismiss();
        // Commands that the cache knew have written nothing.
        else if (left === LAST_COMMANDS && commands >= MANY_COMMANDS && env.unflushed.size > 0) beginFlush();
      }
      if (!copies.delete(vertex.id) || copies.size > 0) return;
      lanes().release();
      if (begun && runs) beginFlush();
    },
    settled: () => flush,
  };
}

function isCommand({ work }: Vertex): boolean {
  return work.kind === 'step' && work.step.action.kind === 'run';
}

function copiesContext({ work }: Vertex): boolean {
  if (work.kind !== 'step') return false;
  const { action } = work.step;
  if (action.kind !== 'copy' && action.kind !== 'add') return false;
  return action.from.kind === 'context' || action.from.kind === 'folder';
}
