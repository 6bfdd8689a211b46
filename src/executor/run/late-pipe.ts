import { closeSync, fchownSync } from 'node:fs';
import { Socket } from 'node:net';
import { makePipe, readWaiting, setNonBlocking } from '../../host/syscalls.ts';

/**
 * A pipe for what a child writes. Its reading end becomes a stream as late as one likes: what Node needs for that takes 4 ms to load, and is
 * better loaded while the child has nothing to say yet.
 */
export interface LatePipe {
  readonly writeFd: number;
  /** Makes it a user's. As runc does: a command that is not root may open /dev/stdout too. */
  giveTo(owner: { readonly uid: number; readonly gid: number }): void;
  /**
   * What was written by now, or a piece of it, without waiting for more: empty at the end of all and when it is closed, undefined before that.
   * Not to be asked once somebody listens.
   */
  poll(): Buffer | undefined;
  /** Hands on what was written, and all that comes; kept when the last of it was handed on, or the pipe was closed. */
  listen(onData: (data: Buffer) => void): Promise<void>;
  /** Closes our own end for writing, once: without it the pipe does not come to its end. */
  closeWriting(): void;
  /** Closes both ends. */
  close(): void;
}

const NOTHING = Buffer.alloc(0);

export function openLatePipe(): LatePipe {
  const { readFd, writeFd } = makePipe();
  setNonBlocking(readFd);
  let isWriting = true;
  let isClosed = false;
  let stream: Socket | undefined;
  const closeWriting = (): void => {
    if (isWriting) closeSync(writeFd);
    isWriting = false;
  };
  return {
    writeFd,
    giveTo: ({ uid, gid }) => fchownSync(writeFd, uid, gid),
    closeWriting,
    poll: () => (isClosed ? NOTHING : readWaiting(readFd)),
    listen: (onData) => {
      if (isClosed) return Promise.resolve();
      const made = new Socket({ fd: readFd, readable: true, writable: false });
      stream = made;
      made.on('data', onData);
      return new Promise((resolve) => made.once('close', () => resolve()));
    },
    close: () => {
      closeWriting();
      if (stream !== undefined) stream.destroy();
      else if (!isClosed) closeSync(readFd);
      isClosed = true;
    },
  };
}
