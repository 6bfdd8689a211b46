import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getSystemErrorName } from 'node:util';
import { LayerlabError } from '../errors/layerlab-error.ts';
import type { ByteString } from '../formats/bytestring.ts';
import { ioError } from './io-error.ts';

/** What a function of the C library takes. */
export type Argument = number | bigint | Uint8Array | BigInt64Array | null;

/** A function of a library; `async` calls it in a thread of Node's pool. */
export interface Native {
  (...args: Argument[]): number | bigint;
  async(...args: [...Argument[], (error: unknown, result: number | bigint) => void]): void;
}

interface Koffi {
  load(path: string | null): { func(name: string, result: string, args: string[]): Native };
  errno(): number;
  address(memory: Buffer): bigint;
}

interface Libc {
  readonly koffi: Koffi;
  readonly library: ReturnType<Koffi['load']>;
}

/** C types of the functions that Node has no twin for; buffers go in as raw addresses. */
const SIGNATURES = {
  mknod: ['const void *', 'uint32', 'uint64'],
  // glibc before 2.33 has no `mknod` symbol, only this one.
  __xmknod: ['int', 'const void *', 'uint32', 'const void *'],
  lsetxattr: ['const void *', 'const void *', 'const void *', 'size_t', 'int'],
  lgetxattr: ['const void *', 'const void *', 'void *', 'size_t'],
  llistxattr: ['const void *', 'void *', 'size_t'],
  lremovexattr: ['const void *', 'const void *'],
  utimensat: ['int', 'const void *', 'const void *', 'int'],
  mount: ['const void *', 'const void *', 'const void *', 'unsigned long', 'const void *'],
  umount2: ['const void *', 'int'],
  flock: ['int', 'int'],
  syncfs: ['int'],
  sync_file_range: ['int', 'int64', 'int64', 'uint'],
  pipe2: ['void *', 'int'],
  memfd_create: ['const void *', 'uint'],
  // Addresses as numbers (see addressOf), as wide as a pointer of the host: making an object for each of many names costs more
  // than the call.
  getdents64: ['int', 'size_t', 'size_t'],
  flistxattr: ['int', 'size_t', 'size_t'],
  futimens: ['int', 'size_t'],
  statx: ['int', 'size_t', 'int', 'uint', 'size_t'],
  openat: ['int', 'size_t', 'int', 'uint'],
  read: ['int', 'size_t', 'size_t'],
  write: ['int', 'size_t', 'size_t'],
  close: ['int'],
  fcntl: ['int', 'int', 'int'],
  readlink: ['size_t', 'size_t', 'size_t'],
  posix_spawn: ['void *', 'const void *', 'const void *', 'const void *', 'const void *', 'const void *'],
  posix_spawn_file_actions_init: ['void *'],
  posix_spawn_file_actions_adddup2: ['void *', 'int', 'int'],
  posix_spawn_file_actions_destroy: ['void *'],
  posix_spawnattr_init: ['void *'],
  posix_spawnattr_setflags: ['void *', 'int16'],
  posix_spawnattr_setsigdefault: ['void *', 'const void *'],
  posix_spawnattr_setsigmask: ['void *', 'const void *'],
  posix_spawnattr_destroy: ['void *'],
  waitpid: ['int', 'void *', 'int'],
  _exit: ['int'],
  getrandom: ['void *', 'size_t', 'uint'],
  // Of the zlib and the OpenSSL that Node is linked with.
  crc32: ['unsigned long', 'const void *', 'uint'],
  SHA256: ['const void *', 'size_t', 'void *'],
  SHA256_Init: ['void *'],
  SHA256_Update: ['void *', 'const void *', 'size_t'],
  SHA256_Final: ['void *', 'void *'],
} as const satisfies Record<string, readonly string[]>;

export type LibcFunction = keyof typeof SIGNATURES;

/** These give a size (ssize_t) or an address, the others an int. */
const RETURNS_SIZE: ReadonlySet<LibcFunction> = new Set<LibcFunction>([
  'lgetxattr',
  'llistxattr',
  'flistxattr',
  'getdents64',
  'read',
  'readlink',
  'write',
  'getrandom',
  'SHA256',
  'crc32',
]);

const MUSL_LOADER: ReadonlyMap<string, string> = new Map([
  ['linux-x64', '/lib/ld-musl-x86_64.so.1'],
  ['linux-arm64', '/lib/ld-musl-aarch64.so.1'],
]);

let loaded: Libc | undefined;
const bound = new Map<LibcFunction, Native>();

function libc(): Libc {
  if (loaded !== undefined) return loaded;
  try {
    // A CommonJS bundle has Node's own `__filename`; making an URL of it loads the parser of those.
    const koffi = loadKoffi(typeof __filename === 'string' ? __filename : import.meta.url);
    loaded = { koffi, library: koffi.load(null) };
    return loaded;
  } catch (cause) {
    throw new LayerlabError('LL_IO', 'The system calls of this host cannot be reached', {
      cause,
      hint: 'Reinstall the package with its optional dependencies (koffi has a prebuilt file for each platform).',
    });
  }
}

/**
 * koffi's entry looks for its native file in a dozen places and reads how node was linked, which takes longer than all else a
 * short command does. Its file for glibc is opened at once where that is the host's C library; elsewhere koffi is asked.
 */
function loadKoffi(anchor: string): Koffi {
  const name = `@koromix/koffi-linux-${process.arch}/linux_${process.arch}/koffi.node`;
  if (hasGlibc()) {
    try {
      return openNear(anchor, name) ?? createRequire(anchor)(name);
    } catch {
      // The package lies elsewhere, or not as it used to: koffi itself knows where.
    }
  }
  return createRequire(anchor)('koffi');
}

/** From where it lies beside a bundle in dist/, or beside the package: Node looks at thirty other names and into three package.json first. */
function openNear(anchor: string, name: string): Koffi | undefined {
  const here = dirname(anchor.startsWith('file:') ? fileURLToPath(anchor) : anchor);
  const file = ['../node_modules', '../..'].map((folder) => join(here, folder, name)).find((path) => existsSync(path));
  if (file === undefined) return undefined;
  const opened = { exports: {} };
  process.dlopen(opened, file);
  return opened.exports as Koffi;
}

function hasGlibc(): boolean {
  const musl = MUSL_LOADER.get(`linux-${process.arch}`);
  return process.platform === 'linux' && musl !== undefined && !existsSync(musl);
}

function bind(name: LibcFunction): Native {
  let native = bound.get(name);
  if (native === undefined) {
    native = libc().library.func(name, RETURNS_SIZE.has(name) ? 'long' : 'int', [...SIGNATURES[name]]);
    bound.set(name, native);
  }
  return native;
}

/** Whether calls cost nothing but themselves: the library is there, or `worthLoading` and there in a millisecond or two. */
export function libcIsNear(worthLoading: boolean): boolean {
  return loaded !== undefined || (worthLoading && hasGlibc());
}

/** Whether the C library has this function. */
export function libcHas(name: LibcFunction): boolean {
  try {
    bind(name);
    return true;
  } catch {
    return false;
  }
}

/** The bytes of a byte string with the NUL that ends it in C. A NUL inside would cut a path short: LL_IO. */
export function cString(text: ByteString): Buffer {
  if (text.includes('\0')) throw new LayerlabError('LL_IO', 'A name holds a NUL byte');
  return Buffer.from(`${text}\0`, 'latin1');
}

/**
 * Where the memory of a buffer lies, for the functions that take addresses as numbers. It stays there as long as the buffer is
 * held, which is the caller's business; a buffer made by `Buffer.allocUnsafeSlow` shares its memory with no other.
 */
export function addressOf(memory: Buffer): number {
  return Number(libc().koffi.address(memory));
}

/** The result of a libc call that has not failed, or the negative errno of one that has. */
export function rawCall(name: LibcFunction, ...args: Argument[]): number {
  const result = Number(bind(name)(...args));
  return result === -1 ? -libc().koffi.errno() : result;
}

/** The function itself, for who makes thousands of calls: -1 is a failure, and `lastErrno()` its number. */
export function nativeCall(name: LibcFunction): Native {
  return bind(name);
}

/** The errno of the last call of this thread that failed. */
export function lastErrno(): number {
  return libc().koffi.errno();
}

/** As rawCall, in another thread; what `args` hold has to stay as it is. Gives 0 or more, or -1, whatever the error was. */
export function callAside(name: LibcFunction, ...args: Argument[]): Promise<number> {
  return new Promise((resolve, reject) => {
    bind(name).async(...args, (error, result) => (error ? reject(error) : resolve(Number(result))));
  });
}

/** An error of the same shape as those of node:fs. */
export function errnoError(negativeErrno: number, syscall: string, path?: ByteString): NodeJS.ErrnoException {
  const code = getSystemErrorName(negativeErrno);
  const shown = path === undefined ? '' : ` '${Buffer.from(path, 'latin1').toString('utf8')}'`;
  return Object.assign(new Error(`${code}: ${syscall}${shown}`), {
    code,
    errno: negativeErrno,
    syscall,
    ...(path === undefined ? {} : { path }),
  });
}

/** As rawCall, but a failure is thrown as a catalogue error (see ioError; errnoOf tells the errno). */
export function call(name: LibcFunction, path: ByteString | undefined, ...args: Argument[]): number {
  const result = rawCall(name, ...args);
  if (result < 0) throw ioError(errnoError(result, name, path), 'A system call failed');
  return result;
}
