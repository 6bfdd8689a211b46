import { readFileSync } from 'node:fs';
import type { OciRuntime } from './oci-runtime.ts';

/** What runc's help says of `run --keep`, which it has had since 1.0. */
const KEEP = 'do not delete the container after it exits';

/**
 * Whether a runtime can be told to leave the control groups and the state of a container where they are when it has ended
 * (`run --keep`). To take them away needs no runtime, and may be done while the next container starts. Looks through the
 * whole program, which takes less than to start it for its help.
 */
export function mayLeaveGroups({ name, path, cgroups }: OciRuntime): boolean {
  try {
    return name === 'runc' && cgroups && readFileSync(path).includes(KEEP, 0, 'latin1');
  } catch {
    return false;
  }
}
