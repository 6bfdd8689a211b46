import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { ByteString } from '../../formats/bytestring.ts';

/** A file that only a command and its helpers may ever see, and no disk. */
export interface PrivateFile {
  /** One plain name. */
  readonly name: string;
  readonly data: Buffer;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** Where private files are while a command runs: a folder on which its own mount namespace has a tmpfs. */
export function privateFolder(scratch: ByteString): ByteString {
  return `${scratch}/private`;
}

/**
 * A shell script and the bytes it reads from descriptor 3: it mounts a tmpfs on the folder that is its first argument, puts
 * the files there and becomes the rest of its arguments. To be run in a mount namespace of its own, with which the files
 * vanish.
 */
export function privateFilesScript(files: readonly PrivateFile[]): { readonly script: string; readonly input: Buffer } {
  const lines = files.map(({ name, data, mode, uid, gid }) => {
    const path = `"$d/${name}"`;
    const fill = data.length === 0 ? `: >${path}` : `dd bs=${data.length} count=1 of=${path} <&3 2>/dev/null`;
    return `${fill} && chown ${uid}:${gid} ${path} && chmod ${mode.toString(8)} ${path}`;
  });
  const start = 'd=$1; shift; umask 077; mount -t tmpfs -o mode=700,nosuid,nodev layerlab "$d"';
  return {
    script: `${[start, ...lines].join(' && ')} && exec "$@" 3<&-`,
    input: Buffer.concat(files.map(({ data }) => data)),
  };
}

/** Secrets need a place that no disk holds; without one they are not handed out. */
export function noPrivatePlace(): LayerlabError {
  return new LayerlabError('LL_RUN_IMPOSSIBLE', 'A secret cannot be mounted on this host without touching a disk', {
    hint: 'Run as root with CAP_SYS_ADMIN and util-linux (setpriv, unshare), or take the secret as a variable: --mount=type=secret,id=...,env=NAME.',
  });
}
