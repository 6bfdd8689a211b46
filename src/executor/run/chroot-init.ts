import type { ChrootJob } from './chroot-job.ts';

/**
 * Turns the process it is called in into the command of a job: namespaces, mounts, chroot, capabilities, user, exec. It
 * runs in a Node of its own that is given this function as text, so it refers to nothing outside of itself.
 *
 * Failures before the exec end the process with `exitFailed` after writing `{"layerlab":"<text>"}` to standard error.
 */
/* istanbul ignore next: it runs in another process, as text, where a coverage counter would not be there. */
export function chrootInit(require: NodeJS.Require, jobPath: string, exitFailed: number): void {
  const fs: typeof import('node:fs') = require('node:fs');
  const util: typeof import('node:util') = require('node:util');
  type Value = number | bigint | string | Buffer | Uint32Array | null | readonly (string | null)[];
  type Native = (...args: Value[]) => number;

  const job: ChrootJob = JSON.parse(fs.readFileSync(jobPath, 'utf8'));
  const koffi: {
    load(path: null): { func(name: string, result: string, args: readonly string[]): Native };
    errno(): number;
  } = require(job.koffi);
  const library = koffi.load(null);
  const pointer = 'const void *';

  const complain = (text: string, code: number): never => {
    fs.writeSync(2, text);
    return process.exit(code);
  };
  const define = (name: string, types: readonly string[]): Native => {
    const native = library.func(name, 'int', types);
    return (...args) => {
      const result = native(...args);
      if (result === -1) {
        const why = util.getSystemErrorName(-koffi.errno());
        complain(
          `${JSON.stringify({ layerlab: `${name} ${String(args.find((value) => Buffer.isBuffer(value)) ?? '').replace('\0', '')}: ${why}` })}\n`,
          exitFailed,
        );
      }
      return result;
    };
  };
  const bytes = (text: string): Buffer => Buffer.from(`${text}\0`);

  const mount = define('mount', [pointer, pointer, pointer, 'unsigned long', pointer]);
  const prctl = define('prctl', ['int', 'unsigned long', 'unsigned long', 'unsigned long', 'unsigned long']);
  const ioctl = define('ioctl', ['int', 'unsigned long', 'void *']);
  const BIND = 4096 | 16384;
  const PRIVATE = 16384 | (1 << 18);
  const REMOUNT = 32 | 4096;

  if (job.unshare !== 0) {
    define('unshare', ['int'])(job.unshare);
    mount(bytes('none'), bytes('/'), null, PRIVATE, null);
  }
  if (job.gate !== undefined) {
    fs.writeSync(job.gate, '.');
    if (fs.readSync(job.gate, Buffer.alloc(1)) === 0) {
      complain(`${JSON.stringify({ layerlab: 'its namespaces cannot be held' })}\n`, exitFailed);
    }
    fs.closeSync(job.gate);
  }
  if (job.loopback) {
    const socket = define('socket', ['int', 'int', 'int'])(2, 2, 0);
    const request = Buffer.alloc(40);
    request.write('lo');
    ioctl(socket, 0x8913, request);
    request.writeInt16LE(request.readInt16LE(16) | 1, 16);
    ioctl(socket, 0x8914, request);
    define('close', ['int'])(socket);
  }
  if (job.hostname !== undefined)
    define('sethostname', [pointer, 'size_t'])(bytes(job.hostname), Buffer.byteLength(job.hostname));
  const umask = process.umask(0);
  if (job.private !== undefined) {
    mount(bytes('layerlab'), bytes(job.private.folder), bytes('tmpfs'), 2 | 4, bytes('mode=700'));
    for (const { name, data, mode, uid, gid } of job.private.files) {
      const path = `${job.private.folder}/${name}`;
      fs.writeFileSync(path, Buffer.from(data, 'base64'), { flag: 'wx', mode: 0o600 });
      fs.chownSync(path, uid, gid);
      fs.chmodSync(path, mode);
    }
  }
  for (const { source, target, type, flags, data, isFile } of job.mounts) {
    // What belongs into the new /dev, or into what was mounted just now, can be made only here; a link there may lead out.
    let path = job.root;
    for (const part of target.slice(job.root.length).split('/').filter(Boolean)) {
      path += `/${part}`;
      const found = fs.lstatSync(path, { throwIfNoEntry: false });
      if (found?.isSymbolicLink()) {
        complain(`${JSON.stringify({ layerlab: `${target} is reached by a link in a mount` })}\n`, exitFailed);
      }
      if (found !== undefined) continue;
      try {
        if (path === target && isFile === true) fs.closeSync(fs.openSync(path, 'wx', 0o755));
        else fs.mkdirSync(path, 0o755);
      } catch (error) {
        const why = (error as NodeJS.ErrnoException).code ?? '';
        complain(`${JSON.stringify({ layerlab: `nothing can be mounted on ${target}: ${why}` })}\n`, exitFailed);
      }
    }
    mount(
      bytes(source),
      bytes(target),
      type === undefined ? null : bytes(type),
      type === undefined ? BIND : flags,
      data === undefined ? null : bytes(data),
    );
    if (type === undefined && flags !== 0) mount(bytes('none'), bytes(target), null, REMOUNT | flags, null);
  }
  const mknod = job.nodes.length === 0 ? undefined : define('mknod', [pointer, 'uint32', 'uint64']);
  for (const [path, mode, device] of job.nodes) mknod?.(bytes(path), mode, BigInt(device));
  for (const [path, target] of job.links) fs.symlinkSync(target, path);
  for (const path of job.readonly) {
    if (!fs.existsSync(path)) continue;
    mount(bytes(path), bytes(path), null, BIND, null);
    mount(bytes('none'), bytes(path), null, REMOUNT | 1 | 2 | 4 | 8, null);
  }
  for (const path of job.masked) {
    if (!fs.existsSync(path)) continue;
    if (fs.statSync(path).isDirectory()) mount(bytes('tmpfs'), bytes(path), bytes('tmpfs'), 1, null);
    else mount(bytes(`${job.root}/dev/null`), bytes(path), null, BIND, null);
  }
  process.umask(umask);

  // What this process was started with may be anybody's: a folder of the host would be a way out.
  const setFlags = library.func('fcntl', 'int', ['int', 'int', 'int']);
  for (const fd of fs.readdirSync('/proc/self/fd')) if (Number(fd) > 2) setFlags(Number(fd), 2, 1);

  const chdir = library.func('chdir', 'int', [pointer]);
  const enter = define('chdir', [pointer]);
  enter(bytes(job.root));
  // In a mount namespace of its own the old root is covered, so a second chroot finds no way back to it.
  if (job.unshare !== 0) mount(bytes('.'), bytes('/'), null, 8192, null);
  define('chroot', [pointer])(bytes('.'));
  enter(bytes('/'));
  const allowed = new Set(job.capabilities);
  const last = 40;
  for (let capability = 0; capability <= last; capability++) {
    // Dropping one that the kernel does not know fails, and need not succeed.
    if (!allowed.has(capability)) library.func('prctl', 'int', ['int', 'unsigned long'])(24, capability);
  }
  define('setgroups', ['size_t', pointer])(job.groups.length, Uint32Array.from(job.groups));
  define('setresgid', ['uint', 'uint', 'uint'])(job.gid, job.gid, job.gid);
  define('setresuid', ['uint', 'uint', 'uint'])(job.uid, job.uid, job.uid);
  prctl(1, 9, 0, 0, 0);
  if (chdir(bytes(job.workingDir)) !== 0) {
    const why =
      util.getSystemErrorName(-koffi.errno()) === 'EACCES' ? 'permission denied' : 'no such file or directory';
    complain(`${JSON.stringify({ chdir: why })}\n`, exitFailed);
  }
  process.umask(0o022);
  // Node ignores SIGPIPE and closes the standard streams on exec; a command expects neither.
  library.func('signal', 'void *', ['int', 'void *'])(13, null);
  const fcntl = define('fcntl', ['int', 'int', 'int']);
  for (const fd of [0, 1, 2]) fcntl(fd, 2, 0);
  const execve = library.func('execve', 'int', [pointer, 'const char **', 'const char **']);
  // Numbers, because Node has no name for the first of them.
  const texts: Readonly<Record<number, string>> = {
    8: 'exec format error',
    13: 'permission denied',
    7: 'argument list too long',
  };
  const [ENOENT, EACCES, ENOTDIR] = [2, 13, 20];
  let error = ENOENT;
  for (const program of job.programs) {
    execve(bytes(program), [...job.args, null], [...job.env, null]);
    const seen = koffi.errno();
    if (seen !== ENOENT || error === ENOENT) error = seen;
    if (seen !== ENOENT && seen !== EACCES && seen !== ENOTDIR) break;
  }
  complain(`exec ${job.programs[0]}: ${texts[error] ?? 'no such file or directory'}\n`, 255);
}
