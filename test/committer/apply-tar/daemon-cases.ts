import { readFileSync } from 'node:fs';
import { gunzipSync, inflateSync } from 'node:zlib';

/** A file of a layer's `diff` as the daemon left it. */
export interface DaemonFile {
  readonly path: string;
  readonly kind: 'file' | 'dir' | 'symlink' | 'char' | 'block' | 'fifo';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Nanoseconds; left out where it is the time of the extraction. */
  readonly mtime?: string;
  readonly size?: number;
  readonly links?: number;
  readonly target?: string;
  readonly device?: readonly [number, number];
  readonly xattrs?: Readonly<Record<string, string>>;
}

/** A tar given to `docker import` of Docker 28.5, and what became of it. */
export interface DaemonCase {
  readonly name: string;
  readonly tar: Buffer;
  readonly error?: string;
  readonly diffId?: string;
  readonly size?: number;
  /** The decompressed tar-split. */
  readonly tarSplit?: Buffer;
  readonly files?: readonly DaemonFile[];
  readonly rootXattrs?: Readonly<Record<string, string>>;
}

interface StoredCase extends Omit<DaemonCase, 'tar' | 'tarSplit'> {
  readonly tar: string;
  readonly tarSplit?: string;
}

const stored: readonly StoredCase[] = JSON.parse(
  readFileSync(new URL('./fixtures/daemon-28.5.json', import.meta.url), 'utf8'),
);

export const daemonCases: readonly DaemonCase[] = stored.map(({ tar, tarSplit, ...rest }) => ({
  ...rest,
  tar: gunzipSync(Buffer.from(tar, 'base64')),
  ...(tarSplit === undefined ? {} : { tarSplit: inflateSync(Buffer.from(tarSplit, 'base64')) }),
}));

/** A case by its name. */
export function daemonCase(name: string): DaemonCase {
  const found = daemonCases.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no case ${name}`);
  return found;
}
