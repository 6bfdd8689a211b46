import type { BuildEvent } from '../../engine/build-event.ts';
import type { ProgressRenderer } from './renderer.ts';

const KEPT_BYTES = 1024 * 1024;

/** Says nothing while all goes well; when the build fails, what `inner` would have said comes after all, as docker has it. */
export function quietProgress(inner: ProgressRenderer | undefined): ProgressRenderer {
  const kept: BuildEvent[] = [];
  let bytes = 0;
  return {
    event: (event) => {
      const size = event.kind === 'output' || event.kind === 'vertex-log' ? event.data.length : 0;
      if (bytes + size > KEPT_BYTES) return;
      bytes += size;
      kept.push(event);
    },
    finish: (failed) => {
      if (!failed || inner === undefined) return;
      for (const event of kept) inner.event(event);
      inner.finish(true);
    },
  };
}
