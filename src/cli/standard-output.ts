import { fstatSync, writeSync } from 'node:fs';
import { errnoOf } from '../host/io-error.ts';
import { type Output, streamOutput } from './output.ts';

/** Device numbers of /dev/null on Linux. */
const NULL_DEVICE = 0x103;

/**
 * stdout (1) or stderr (2) of this process. Files, pipes and sockets are written to directly: Node's own streams for them take as
 * long to load as a short command runs. `stream` gives Node's stream, for terminals and for what does not take all at once.
 */
export function standardOutput(fd: number, stream: () => NodeJS.WriteStream): Output {
  return mayBeTerminal(fd) ? streamOutput(stream()) : directOutput(fd, stream);
}

/** Whether this may be a terminal; where it is certain that it is none, nothing has to be loaded to find out. */
export function mayBeTerminal(fd: number): boolean {
  if (process.platform !== 'linux') return true;
  try {
    const stat = fstatSync(fd);
    return stat.isCharacterDevice() && stat.rdev !== NULL_DEVICE;
  } catch {
    return true;
  }
}

function directOutput(fd: number, stream: () => NodeJS.WriteStream): Output {
  let way: 'direct' | 'stream' | 'gone' = 'direct';
  const write = (data: Uint8Array): void => {
    let done = 0;
    while (way === 'direct' && done < data.length) {
      try {
        done += writeSync(fd, data, done);
      } catch (error) {
        way = afterFailure(error);
      }
    }
    if (way === 'stream') stream().write(data.subarray(done));
  };
  return {
    write: (data) => write(typeof data === 'string' ? Buffer.from(data) : data),
    isTTY: false,
    size: () => ({ columns: 80, rows: 24 }),
  };
}

function afterFailure(error: unknown): 'direct' | 'stream' | 'gone' {
  const errno = errnoOf(error);
  if (errno === 'EINTR') return 'direct';
  // Full, and somebody has told it not to wait: Node's stream does.
  if (errno === 'EAGAIN') return 'stream';
  // As with an error of a stream, what is being done is not cut off in the middle.
  process.nextTick(() => process.exit(errno === 'EPIPE' ? 0 : 1));
  return 'gone';
}
