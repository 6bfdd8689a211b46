import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type ByteString, fromByteString, fsPath } from '../formats/bytestring.ts';
import { errnoOf, ioError } from '../host/io-error.ts';
import { libcHas } from '../host/libc.ts';
import { flock, LOCK_EX, LOCK_NB } from '../host/syscalls.ts';

/** A lock that this process has; it ends with the process, however that ends. */
export interface FileLock {
  /** Open file of the lock, for those who keep data in it. */
  readonly fd: number;
  release(): void;
}

/** Whether an error of `flock` says that somebody else has the lock. */
export function isLockedElsewhere(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === 'EWOULDBLOCK' || errno === 'EAGAIN';
}

/** Whether the kernel keeps the locks; where it does not, the pid of the owner in a file beside stands for one. */
export function hasKernelLocks(): boolean {
  return process.platform !== 'win32' && libcHas('flock');
}

/**
 * Takes an exclusive lock on a file, which is made (0600) where it is not there, without waiting. Undefined where another
 * process, or another open file of this one, has it. The file itself is never removed: its name is the lock.
 */
export function tryLockFile(path: ByteString): FileLock | undefined {
  return hasKernelLocks() ? tryKernelLock(path) : tryPidLock(path);
}

function tryKernelLock(path: ByteString): FileLock | undefined {
  const fd = open(path);
  try {
    flock(fd, LOCK_EX | LOCK_NB);
  } catch (error) {
    closeSync(fd);
    if (isLockedElsewhere(error)) return undefined;
    throw ioError(error, `locking ${fromByteString(path)}`);
  }
  return { fd, release: () => closeSync(fd) };
}

function tryPidLock(path: ByteString): FileLock | undefined {
  const owner = fsPath(`${path}.pid`);
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      writeFileSync(owner, String(process.pid), { flag: 'wx', mode: 0o600 });
      const fd = open(path);
      return {
        fd,
        release: () => {
          closeSync(fd);
          rmSync(owner, { force: true });
        },
      };
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw ioError(error, `locking ${fromByteString(path)}`);
      if (isAlive(readOwner(owner))) return undefined;
      rmSync(owner, { force: true });
    }
  }
  return undefined;
}

/** Whether a process of this id runs on this host. */
export function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}

function readOwner(path: string | Buffer): number {
  try {
    return Number(readFileSync(path, 'latin1'));
  } catch {
    return 0;
  }
}

function open(path: ByteString): number {
  try {
    return openSync(fsPath(path), 'a+', 0o600);
  } catch (error) {
    throw ioError(error, `opening ${fromByteString(path)}`);
  }
}
