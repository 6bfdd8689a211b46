import { lstatSync, readlinkSync } from 'node:fs';
import { type ByteString, fsPath } from '../formats/bytestring.ts';
import {
  ATIME,
  CTIME,
  DEVICE,
  type FileFacts,
  factsOf,
  factText,
  GID,
  INO,
  MODE,
  MTIME,
  NLINK,
  RDEV,
  SIZE,
  timeFact,
  timeText,
  UID,
  wideFact,
} from '../host/file-facts.ts';
import { makeDevice } from '../host/syscalls.ts';
import { kindOfMode } from './disk-node.ts';
import { type FileKind, type FileNode, noXattrs } from './file-tree.ts';
import { readXattrs } from './read-xattrs.ts';

/** A file on this host's disk, as it was seen with all of its folder; the same as a DiskNode. */
export class ListedNode implements FileNode, FileFacts {
  readonly kind: FileKind;
  readonly path: ByteString;
  readonly words: Uint32Array;
  readonly at: number;

  constructor(path: ByteString, { words, at }: FileFacts) {
    this.path = path;
    this.words = words;
    this.at = at;
    this.kind = kindOfMode(this.#word(MODE));
  }

  get mode(): number {
    return this.#word(MODE) & 0o7777;
  }
  get uid(): number {
    return this.#word(UID);
  }
  get gid(): number {
    return this.#word(GID);
  }
  get size(): number {
    return this.kind === 'file' ? wideFact(this, SIZE) : 0;
  }
  get mtime(): bigint {
    return timeFact(this, MTIME);
  }
  get atime(): bigint {
    return timeFact(this, ATIME);
  }
  get major(): number {
    return this.kind === 'char' || this.kind === 'block' ? this.#word(RDEV) : 0;
  }
  get minor(): number {
    return this.kind === 'char' || this.kind === 'block' ? this.#word(RDEV + 1) : 0;
  }
  get inode(): string {
    if (this.kind === 'dir' || this.#word(NLINK) < 2) return '';
    return `${deviceText(this.#word(DEVICE), this.#word(DEVICE + 1))}:${factText(this, INO)}`;
  }
  get signature(): string {
    const device = deviceText(this.#word(DEVICE), this.#word(DEVICE + 1));
    return `${device}:${factText(this, INO)}:${factText(this, SIZE)}:${timeText(this, MTIME)}:${timeText(this, CTIME)}`;
  }
  get target(): ByteString {
    return this.kind === 'symlink' ? readlinkSync(fsPath(this.path), { encoding: 'latin1' }) : '';
  }

  xattrs(): ReadonlyMap<string, Buffer> {
    return this.kind === 'socket' ? noXattrs : readXattrs(this.path);
  }

  facts(): FileFacts {
    return this;
  }

  #word(field: number): number {
    return this.words[this.at + field] as number;
  }
}

let known = { major: 0, minor: 0, text: '0' };

/** The number of a device in decimal digits. Most files that are looked at lie on the same as the one before. */
function deviceText(major: number, minor: number): string {
  if (known.major !== major || known.minor !== minor) known = { major, minor, text: `${makeDevice(major, minor)}` };
  return known.text;
}

/** As `lstatNode`, with all that was said kept as numbers. */
export function lookAtNode(path: ByteString): ListedNode | undefined {
  const stat = lstatSync(fsPath(path), { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? undefined : new ListedNode(path, factsOf(stat));
}
