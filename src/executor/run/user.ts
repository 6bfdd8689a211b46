import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fsPath, toByteString } from '../../formats/bytestring.ts';
import { errnoOf, ioError } from '../../host/io-error.ts';
import { resolveInRoot } from './in-root.ts';

/** Who runs a command. */
export interface ExecUser {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups, the primary one in front, as dockerd sets them. */
  readonly groups: readonly number[];
}

/** The user database of a root file system; undefined for a file that is not there. */
export interface UserDatabase {
  readonly passwd: string | undefined;
  readonly group: string | undefined;
}

/** Why the user of a command cannot be had, in the words of moby/sys/user. */
export class UserError extends Error {}

const MAX_ID = 2147483647;
const RANGE = 'uids and gids must be in range 0-2147483647';
/** User databases are read whole; a real one has some kilobytes. */
const FILE_LIMIT = 8 << 20;

/** A decimal number as Go's strconv.Atoi takes it, else undefined. */
function atoi(text: string): number | undefined {
  return /^[+-]?\d{1,18}$/.test(text) ? Number(text) : undefined;
}

function records(text: string): string[][] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => line.split(':'));
}

/**
 * The ids of a USER text (moby/sys/user GetExecUser): names come from the databases, a number that is found there takes
 * that entry's group, one that is not is taken as it is. BuildKit treats a missing database as unreadable, except for
 * no user at all and for `uid:gid`; the classic builder as empty. Throws UserError with the daemon's text.
 */
export function findUser(spec: string, database: UserDatabase, builder: 'buildkit' | 'classic'): ExecUser {
  const strict = builder === 'buildkit';
  const both = strict ? /^(\d+):(\d+)$/.exec(spec) : null;
  if (both !== null && Number(both[1]) <= 0xffffffff && Number(both[2]) <= 0xffffffff) {
    return { uid: Number(both[1]), gid: Number(both[2]), groups: [Number(both[2])] };
  }
  try {
    return lookUp(strict && spec === '' ? '0' : spec, database, strict);
  } catch (error) {
    if (strict && spec === '' && error instanceof UserError) return { uid: 0, gid: 0, groups: [0] };
    throw error;
  }
}

function lookUp(spec: string, database: UserDatabase, strict: boolean): ExecUser {
  const [userArg = '', groupArg = ''] = spec.trim().split(':');
  const [uidArg, gidArg] = [atoi(userArg), atoi(groupArg)];
  for (const id of [uidArg, gidArg]) if (id !== undefined && (id < 0 || id > MAX_ID)) throw new UserError(RANGE);
  if (database.passwd === undefined && strict) {
    throw new UserError(`unable to find user ${userArg === '' ? '0' : userArg}: invalid argument`);
  }
  const wanted = userArg === '' ? 0 : uidArg;
  const user = records(database.passwd ?? '').find(([name, , uid = '']) =>
    wanted === undefined ? name === toByteString(userArg) : (atoi(uid) ?? 0) === wanted,
  );
  let [uid, gid] = [0, 0];
  if (user !== undefined) {
    [uid, gid] = [atoi(user[2] ?? '') ?? 0, atoi(user[3] ?? '') ?? 0];
  } else if (userArg !== '') {
    if (uidArg === undefined) throw new UserError(`unable to find user ${userArg}: no matching entries in passwd file`);
    uid = uidArg;
  }
  const name = user?.[0] ?? '';
  if (groupArg === '' && name === '') return { uid, gid, groups: [gid] };
  if (database.group === undefined && strict) {
    throw new UserError(`unable to find groups for spec ${name}: invalid argument`);
  }
  const groups = records(database.group ?? '');
  if (groupArg === '') {
    const member = groups.filter(([, , , list = '']) => list.split(',').includes(name));
    return { uid, gid, groups: [gid, ...member.map(([, , id = '']) => atoi(id) ?? 0)] };
  }
  const group = groups.find(([groupName, , id = '']) =>
    gidArg === undefined ? groupName === toByteString(groupArg) : (atoi(id) ?? 0) === gidArg,
  );
  if (group !== undefined) gid = atoi(group[2] ?? '') ?? 0;
  else if (gidArg === undefined) {
    throw new UserError(`unable to find group ${groupArg}: no matching entries in group file`);
  } else gid = gidArg;
  return { uid, gid, groups: [gid] };
}

/** The home of a uid as runc finds it for HOME: that of the first entry with this uid, empty or not; `/` without one. */
export function homeOf(uid: number, passwd: string | undefined): string {
  const entry = records(passwd ?? '').find(([, , id = '']) => (atoi(id) ?? 0) === uid);
  return entry === undefined ? '/' : Buffer.from(entry[5] ?? '', 'latin1').toString('utf8');
}

/** Reads /etc/passwd and /etc/group of a root file system, links followed inside it, as byte strings. */
export function readUserDatabase(root: ByteString): UserDatabase {
  return { passwd: readInRoot(root, '/etc/passwd'), group: readInRoot(root, '/etc/group') };
}

function readInRoot(root: ByteString, path: ByteString): string | undefined {
  let fd: number;
  try {
    // Non-blocking: a fifo put there must not hang the build.
    fd = openSync(
      fsPath(resolveInRoot(root, path)),
      constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW | constants.O_NOCTTY,
    );
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ENXIO', 'ELOOP'].includes(errnoOf(error) ?? '')) return undefined;
    throw ioError(error, `Reading ${path} of the image`);
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) return undefined;
    if (stats.size > FILE_LIMIT)
      throw new LayerlabError('LL_LIMIT', `${path} of the image is over ${FILE_LIMIT} bytes`);
    return readFileSync(fd, 'latin1');
  } finally {
    closeSync(fd);
  }
}
