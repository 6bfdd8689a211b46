import { closeSync, openSync } from 'node:fs';
import { toByteString } from '../formats/bytestring.ts';
import { ioError } from './io-error.ts';
import { type Argument, addressOf, call, cString, errnoError, type LibcFunction, rawCall } from './libc.ts';

/** A program to start. */
export interface ProcessSpec {
  /** The absolute path of the program. */
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Open files of ours that it finds as its descriptors 0, 1, 2 and so on; null: nothing to read, and what is written is lost. */
  readonly files: readonly (number | null)[];
}

/** Flags of posix_spawn, the same in glibc and musl: SETSIGDEF, SETSIGMASK and SETSID. */
const AS_A_SESSION = 0x04 | 0x08 | 0x80;
/** More than any C library's file actions, attributes and sets of signals take. */
const ROOM = 1024;
const IS_NARROW = ['arm', 'ia32', 'mips', 'mipsel', 'ppc'].includes(process.arch);

/**
 * Starts a program in a session of its own, with signals as a shell would have them, and gives its process id; whoever starts it calls
 * `endOfProcess`. Node's own `spawn` forks this process with all of its memory, which takes 3 to 8 ms and one fault of each page that is
 * written to afterwards; posix_spawn needs half a millisecond. For Linux. Throws LL_IO and its like where it cannot be started.
 */
export function spawnProcess({ command, args, env, files }: ProcessSpec): number {
  const [actions, attributes, signals] = [Buffer.alloc(ROOM), Buffer.alloc(ROOM), Buffer.alloc(ROOM)];
  const pid = new Int32Array(1);
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const [words, environment] = [texts([command, ...args]), texts(variables)];
  const nothing = files.includes(null) ? openSync('/dev/null', 'r+') : -1;
  must('posix_spawn_file_actions_init', actions);
  must('posix_spawnattr_init', attributes);
  try {
    // None of ours is as low as these numbers are: Node has them for itself.
    files.forEach((file, index) => {
      must('posix_spawn_file_actions_adddup2', actions, file ?? nothing, index);
    });
    must('posix_spawnattr_setflags', attributes, AS_A_SESSION);
    // Two signals are the C library's own: sigfillset leaves them out, and the program would find them ignored.
    must('posix_spawnattr_setsigdefault', attributes, signals.fill(0xff));
    must('posix_spawnattr_setsigmask', attributes, signals.fill(0));
    const path = cString(toByteString(command));
    must('posix_spawn', Buffer.from(pid.buffer), path, actions, attributes, words.pointers, environment.pointers);
    return pid[0] as number;
  } finally {
    rawCall('posix_spawnattr_destroy', attributes);
    rawCall('posix_spawn_file_actions_destroy', actions);
    if (nothing >= 0) closeSync(nothing);
  }
}

/** Kills a process that `spawnProcess` started, if it has not ended by itself, and waits for that. To be called once. */
export function endOfProcess(pid: number): void {
  process.kill(pid, 'SIGKILL');
  call('waitpid', undefined, pid, null, 0);
}

/** These functions give the number of an error. */
function must(name: LibcFunction, ...args: Argument[]): void {
  const failed = rawCall(name, ...args);
  if (failed !== 0) throw ioError(errnoError(-failed, name), 'Starting a program');
}

interface Texts {
  /** Addresses of the texts, and a zero. */
  readonly pointers: Buffer;
  /** The texts, which have to be held as long as the addresses are used. */
  readonly held: readonly Buffer[];
}

function texts(list: readonly string[]): Texts {
  const held = list.map((text) => {
    const bytes = cString(toByteString(text));
    const own = Buffer.allocUnsafeSlow(bytes.length);
    own.set(bytes);
    return own;
  });
  const addresses = [...held.map(addressOf), 0];
  const pointers = IS_NARROW ? Uint32Array.from(addresses) : BigUint64Array.from(addresses, BigInt);
  return { pointers: Buffer.from(pointers.buffer), held };
}
