import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fromByteString } from '../../formats/bytestring.ts';
import type { TarType } from '../../formats/tar-entry.ts';
import type { RootFile, RootFileKind, RootFiles, RootStat } from '../../host/root-files.ts';
import { readAt, type TarIndex, type TarMember } from './tar-index.ts';

const KINDS: Readonly<Record<TarType, RootFileKind>> = {
  '0': 'file',
  '1': 'file',
  '2': 'symlink',
  '3': 'char',
  '4': 'block',
  '5': 'dir',
  '6': 'fifo',
};
const BLOCK = 512;
const NS = 1_000_000_000n;
const none: ReadonlyMap<string, Buffer> = new Map();

/** A folder that the archive has files of, but no header. */
const impliedFolder: RootStat = {
  kind: 'dir',
  mode: 0o755,
  uid: 0,
  gid: 0,
  size: 0,
  allocated: 0,
  mtime: 0n,
  atime: 0n,
  major: 0,
  minor: 0,
  inode: '',
};

/**
 * A data-root inside of a tar that stays packed. Nothing but the names in the index is ever opened: links are texts, and a name that
 * leads out is not there.
 *
 * @param fd of the tar, open for reading
 * @param root what stands in front of every path: the tar's own name
 * @param prefix the folder of the archive that is the data-root
 */
export function tarRootFiles(fd: number, index: TarIndex, root: ByteString, prefix: ByteString): RootFiles {
  const nameOf = (path: ByteString): ByteString | undefined => {
    if (path === root) return prefix;
    if (!path.startsWith(`${root}/`)) return undefined;
    const name = path.slice(root.length + 1);
    return prefix === '' ? name : `${prefix}/${name}`;
  };
  const find = (path: ByteString): TarMember | undefined => {
    const name = nameOf(path);
    return name === undefined ? undefined : index.members.get(name);
  };
  const isFolder = (path: ByteString): boolean => {
    const name = nameOf(path);
    return name !== undefined && index.folders.has(name);
  };
  return {
    lstat: (path) => {
      const member = find(path);
      return member === undefined ? (isFolder(path) ? impliedFolder : undefined) : statOf(member);
    },
    names: (path) => {
      const member = find(path);
      if (member !== undefined && member.entry.type !== '5') return undefined;
      return index.folders.get(nameOf(path) ?? '..');
    },
    readlink: (path) => {
      const member = find(path);
      return member?.entry.type === '2' ? member.entry.linkname : undefined;
    },
    open: (path) => {
      const member = find(path);
      if (member === undefined && !isFolder(path)) return undefined;
      if (member?.entry.type !== '0') {
        throw new LayerlabError('LL_CORRUPT', `${fromByteString(path)} is not a regular file`);
      }
      return opened(fd, member);
    },
    xattrs: (path) => find(path)?.entry.xattrs ?? none,
  };
}

function opened(fd: number, { offset, size }: TarMember): RootFile {
  return {
    size,
    read: (buffer, position) => {
      const count = Math.min(buffer.length, size - position);
      return count <= 0 ? 0 : readAt(fd, buffer.subarray(0, count), offset + position);
    },
    close: () => {},
  };
}

function statOf({ entry, size, inode }: TarMember): RootStat {
  const mtime = BigInt(Math.trunc(entry.mtime)) * NS;
  const device = entry.type === '3' || entry.type === '4';
  return {
    kind: KINDS[entry.type],
    mode: entry.mode & 0o7777,
    uid: entry.uid,
    gid: entry.gid,
    size,
    allocated: Math.ceil(size / BLOCK) * BLOCK,
    mtime,
    atime: mtime,
    major: device ? entry.devmajor : 0,
    minor: device ? entry.devminor : 0,
    inode,
  };
}
