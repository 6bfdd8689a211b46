import { readFileSync } from 'node:fs';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { fsPath } from '../../formats/bytestring.ts';
import type { FileTree } from '../../snapshot/file-tree.ts';
import { resolvePath } from '../../snapshot/resolve-path.ts';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** A passwd or group file is text of some KB; more is an attack or a mistake. */
const MAX_FILE = 16 * 1024 * 1024;

/**
 * Who `--chown=TEXT` names: `user`, `user:group`, numbers or names, looked up in the image's own /etc/passwd and
 * /etc/group. Without a group, the user's text names the group too, as both builders have it for COPY.
 *
 * @throws LL_BUILD_FAILED where a name is not in the files
 */
export function resolveOwner(tree: FileTree, text: string): Owner {
  const colon = text.indexOf(':');
  const user = colon < 0 ? text : text.slice(0, colon);
  const group = colon < 0 ? text : text.slice(colon + 1);
  return { uid: lookup(tree, '/etc/passwd', user, 'user'), gid: lookup(tree, '/etc/group', group, 'group') };
}

/** The ids a USER text stands for where it owns new folders: the group is the user's own unless it is named. */
export function resolveUser(tree: FileTree, text: string): Owner {
  if (text === '') return { uid: 0, gid: 0 };
  const [user = '', group] = text.split(':', 2);
  const row = passwdRow(tree, user);
  const uid = row === undefined ? lookup(tree, '/etc/passwd', user, 'user') : Number(row[2]);
  if (group !== undefined) return { uid, gid: lookup(tree, '/etc/group', group, 'group') };
  return { uid, gid: row === undefined ? 0 : Number(row[3]) };
}

function passwdRow(tree: FileTree, user: string): readonly string[] | undefined {
  return rows(tree, '/etc/passwd').find((row) => row[0] === user || row[2] === user);
}

function lookup(tree: FileTree, file: string, name: string, what: string): number {
  if (/^\d+$/.test(name)) {
    const id = Number(name);
    if (id <= 0xffffffff) return id;
  }
  const row = rows(tree, file).find((fields) => fields[0] === name);
  if (row === undefined || !/^\d+$/.test(row[2] ?? '')) {
    throw new LayerlabError(
      'LL_BUILD_FAILED',
      `unable to convert uid/gid chown string to host mapping: can't find ${what === 'user' ? 'uid' : 'gid'} for ${what} ${name}: no such ${what}: ${name}`,
      {
        hint: `Only names in the image's own ${file} can be used; numbers always can.`,
      },
    );
  }
  return Number(row[2]);
}

function rows(tree: FileTree, file: string): string[][] {
  const { node } = resolvePath(tree, file, true);
  if (node?.kind !== 'file' || node.size > MAX_FILE) return [];
  return readFileSync(fsPath(node.path), { encoding: 'latin1' })
    .split('\n')
    .map((line) => line.trim().split(':'));
}
