import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  futimesSync,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fromByteString, fsPath } from '../../formats/bytestring.ts';
import type { TarEntry } from '../../formats/tar-entry.ts';
import { errnoOf, ioError } from '../../host/io-error.ts';
import { makeDevice, makeWhiteout, mknod, S_IFBLK, S_IFCHR, S_IFIFO, setTimes } from '../../host/syscalls.ts';
import { lsetxattr } from '../../host/xattrs.ts';
import { InRootFolders } from '../../store/in-root-folders.ts';
import { removeTree } from '../../store/remove-tree.ts';
import { diskSize } from './disk-size.ts';
import { hardLinkTarget, tarTarget } from './tar-target.ts';

/** Never through a link, never over anything that is there. */
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
/** What Go's time.Unix(0, 1<<63-1) is: later times, and those before 1970, become 1970 on the disk. */
const LATEST_SECONDS = 9_223_372_036;
const DEVICE_TYPES: Readonly<Record<string, number>> = { '3': S_IFCHR, '4': S_IFBLK, '6': S_IFIFO };

export interface Moment {
  /** Seconds since 1970. */
  readonly seconds: number;
  readonly nanos: number;
}

/**
 * Puts the files of a layer tar into a `diff` folder as dockerd's driver does (moby go-archive archive.Unpack with
 * OverlayWhiteoutFormat): whiteouts become character devices 0:0, folders merge, anything else replaces what is there.
 * Call `begin`, `write` for its content, `end`, file by file, then `finish`; `abort` after a failure.
 */
export class TreeExtractor {
  readonly #root: ByteString;
  readonly #projected: boolean;
  readonly #folders: InRootFolders;
  readonly #dirTimes = new Map<ByteString, Moment>();
  #fd: number | undefined;
  #entry: TarEntry | undefined;
  /** Of the regular file that is open. */
  #path: ByteString = '';
  #moment: Moment = { seconds: 0, nanos: 0 };
  #size = 0;
  #replaced = false;

  /** @param projected what the host cannot hold (owners, devices, whiteouts, overlay's attributes) is left to tar-split */
  constructor(root: ByteString, projected: boolean) {
    this.#root = root;
    this.#projected = projected;
    this.#folders = new InRootFolders(root);
  }

  begin(entry: TarEntry, mtime: Moment): void {
    this.#entry = entry;
    this.#moment = bounded(mtime);
    const target = tarTarget(entry.name);
    try {
      if (target.kind === 'root') return;
      const folder = this.#folders.folder(target.folder, true);
      if (target.kind === 'opaque') this.#markOpaque(folder);
      else if (target.kind === 'whiteout') this.#whiteout(`${folder}/${target.name}`, entry);
      else this.#make(`${folder}/${target.name}`, entry);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  write(chunk: Buffer): void {
    if (this.#fd === undefined) return;
    try {
      for (let done = 0; done < chunk.length; ) done += writeSync(this.#fd, chunk, done);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  end(): void {
    const { entry, fd } = { entry: this.#entry, fd: this.#fd };
    if (fd === undefined || entry === undefined) return;
    try {
      if (!this.#projected) fchownSync(fd, entry.uid, entry.gid);
      const path = this.#path;
      if (entry.xattrs.size > 0) this.#setXattrs(path, entry);
      fchmodSync(fd, this.#modeOf(entry));
      if (this.#moment.nanos === 0) futimesSync(fd, this.#moment.seconds, this.#moment.seconds);
      else this.#setTime(path, this.#moment);
      this.#fd = undefined;
      closeSync(fd);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** Sets the folders' times, last of all, and returns the size of the tree as layerdb states it (moby directory.Size). */
  finish(): number {
    for (const [path, moment] of this.#dirTimes) this.#setTime(path, moment);
    return this.#replaced ? diskSize(this.#root) : this.#size;
  }

  abort(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #make(path: ByteString, entry: TarEntry): void {
    switch (entry.type) {
      case '0':
        this.#path = path;
        this.#fd = this.#creating(path, () => openSync(fsPath(path), CREATE, 0o600));
        this.#size += entry.size;
        return;
      case '5':
        this.#makeFolder(path, entry);
        return;
      case '2':
        this.#creating(path, () => symlinkSync(fsPath(entry.linkname), fsPath(path)));
        this.#size += entry.linkname.length;
        break;
      case '1':
        this.#hardLink(path, entry);
        break;
      default: {
        if (!this.#device(path, entry)) return;
      }
    }
    this.#setAttributes(path, entry);
  }

  #makeFolder(path: ByteString, entry: TarEntry): void {
    const there = lstatSync(fsPath(path), { throwIfNoEntry: false });
    if (there?.isDirectory() !== true) this.#creating(path, () => mkdirSync(fsPath(path), { mode: 0o755 }));
    this.#setAttributes(path, entry);
    this.#dirTimes.set(path, this.#moment);
  }

  #hardLink(path: ByteString, entry: TarEntry): void {
    const { folder, name } = hardLinkTarget(entry.linkname);
    const target = `${this.#folders.folder(folder, false)}/${name}`;
    // Asked for beforehand, so that a missing target leaves what it would have replaced.
    const there = target === path ? undefined : lstatSync(fsPath(target), { throwIfNoEntry: false });
    if (there === undefined || there.isDirectory()) {
      const why = there === undefined ? 'no such file or directory' : 'operation not permitted';
      throw new LayerlabError('LL_TAR', `link ${quoted(entry.linkname)} ${quoted(entry.name)}: ${why}`);
    }
    this.#creating(path, () => linkSync(fsPath(target), fsPath(path)));
  }

  /** False: the host cannot hold it. */
  #device(path: ByteString, entry: TarEntry): boolean {
    const type = DEVICE_TYPES[entry.type];
    if (type === undefined || this.#projected) return false;
    const device = entry.type === '6' ? 0n : makeDevice(entry.devmajor, entry.devminor);
    try {
      this.#creating(path, () => mknod(path, type | 0o600, device));
      return true;
    } catch (error) {
      // Root of a container may not make devices; neither does dockerd in a user namespace.
      if (errnoOf(error) === 'EPERM') return false;
      throw error;
    }
  }

  #whiteout(path: ByteString, entry: TarEntry): void {
    if (lstatSync(fsPath(path), { throwIfNoEntry: false }) !== undefined) {
      throw new LayerlabError(
        'LL_TAR',
        `a layer both has and deletes ${quoted(path.slice(this.#root.length + 1))}: file exists`,
      );
    }
    if (this.#projected) return;
    makeWhiteout(path);
    // As dockerd's: one that is root's keeps the group that a set-group folder hands down.
    if (entry.uid !== 0 || entry.gid !== 0) lchownSync(fsPath(path), entry.uid, entry.gid);
  }

  #markOpaque(folder: ByteString): void {
    if (this.#projected) return;
    try {
      lsetxattr(folder, 'trusted.overlay.opaque', Buffer.from('y'));
    } catch (error) {
      if (errnoOf(error) !== 'EPERM') throw error;
      lsetxattr(folder, 'user.overlay.opaque', Buffer.from('y'));
    }
  }

  /** Runs a function that makes `path`; what is there is removed first. */
  #creating<T>(path: ByteString, make: () => T): T {
    try {
      return make();
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
      this.#remove(path);
      return make();
    }
  }

  #remove(path: ByteString): void {
    const stat = lstatSync(fsPath(path), { throwIfNoEntry: false });
    if (stat === undefined) return;
    // Names are unique within a tar; only a whiteout is replaced where both can be held.
    if (process.platform !== 'linux' && !stat.isDirectory()) throw clash(path.slice(this.#root.length + 1));
    removeTree(path);
    this.#replaced = true;
    if (stat.isDirectory()) {
      for (const dir of this.#dirTimes.keys()) {
        if (dir === path || dir.startsWith(`${path}/`)) this.#dirTimes.delete(dir);
      }
    }
    this.#folders.forget();
  }

  #setAttributes(path: ByteString, entry: TarEntry): void {
    if (!this.#projected) lchownSync(fsPath(path), entry.uid, entry.gid);
    if (entry.xattrs.size > 0) this.#setXattrs(path, entry);
    const isLink = entry.type === '2' || (entry.type === '1' && lstatSync(fsPath(path)).isSymbolicLink());
    if (!isLink) chmodSync(fsPath(path), this.#modeOf(entry));
    if (entry.type !== '5') this.#setTime(path, this.#moment);
  }

  #setXattrs(path: ByteString, entry: TarEntry): void {
    for (const [name, value] of entry.xattrs) {
      // These steer overlayfs itself: they are made from whiteouts only, never taken from an archive.
      if (name.startsWith('trusted.overlay.') || name.startsWith('user.overlay.')) continue;
      try {
        lsetxattr(path, name, value);
      } catch (error) {
        const errno = errnoOf(error);
        const mayLack = errno === 'ENOTSUP' || errno === 'EOPNOTSUPP' || errno === 'EPERM';
        if (!mayLack && !this.#projected) throw error;
      }
    }
  }

  /** Who is not root has to be able to read his files again, and to remove them. */
  #modeOf(entry: TarEntry): number {
    const mode = entry.mode & 0o7777;
    return this.#projected ? mode | (entry.type === '5' ? 0o700 : 0o600) : mode;
  }

  #setTime(path: ByteString, { seconds, nanos }: Moment): void {
    if (nanos === 0) {
      lutimesSync(fsPath(path), seconds, seconds);
      return;
    }
    const time = BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
    setTimes(path, time, time);
  }

  #failed(error: unknown): LayerlabError {
    return ioError(error, `extracting ${quoted(this.#entry?.name ?? '')}`);
  }
}

function bounded(moment: Moment): Moment {
  return moment.seconds < 0 || moment.seconds > LATEST_SECONDS ? { seconds: 0, nanos: 0 } : moment;
}

function clash(name: ByteString): LayerlabError {
  return new LayerlabError(
    'LL_TAR_UNSUPPORTED',
    `this disk takes the name of ${quoted(name)} for that of another file`,
    {
      hint: 'Put the data-root on a disk that tells upper case from lower case.',
    },
  );
}

function quoted(name: ByteString): string {
  return JSON.stringify(fromByteString(name));
}
