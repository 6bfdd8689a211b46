import type { ByteString } from '../../formats/bytestring.ts';
import { hostCapabilities } from '../../host/capabilities.ts';
import { unmountBelow } from '../../host/overlay-mount.ts';
import { sweepCgroups } from './host-tools.ts';

/**
 * Takes away what a RUN leaves when its process is killed by SIGKILL: the overlay that is still mounted at or below a
 * folder (a snapshot that nobody holds any more), and empty control groups. Nothing runs any more by then. To be called
 * before such a snapshot is removed; does nothing where mounts are not ours to take away.
 */
export function cleanupStaleMounts(folder: ByteString): void {
  if (!hostCapabilities().caps.has('SYS_ADMIN')) return;
  unmountBelow(folder);
  sweepCgroups();
}
