import type { TarEntry } from './tar-entry.ts';

const FRACTION = /\d+ mtime=(\d+)\.(\d{1,9})\d*\n/;

/**
 * The nanoseconds behind the whole seconds of an entry's time: an extended header may hold them. They go onto the disk, but
 * into no layer that is made of it.
 *
 * @param raw the entry's raw header with the extended ones in front
 */
export function tarNanoseconds(entry: TarEntry, raw: Buffer): number {
  if (raw.length === 512) return 0;
  const [, seconds, fraction] = FRACTION.exec(raw.toString('latin1')) ?? [];
  return fraction === undefined || Number(seconds) !== entry.mtime ? 0 : Number(fraction.padEnd(9, '0'));
}
