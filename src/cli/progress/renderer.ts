import type { BuildEvent } from '../../engine/build-event.ts';

/** Shows a build while it runs. */
export interface ProgressRenderer {
  event(event: BuildEvent): void;
  /** After the last event: whatever is still to be said. `failed` adds the logs of the vertex that failed. */
  finish(failed: boolean): void;
}
