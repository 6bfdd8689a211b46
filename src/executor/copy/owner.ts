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
 * /etc/group.
 *
 * BuildKit (solver/llbsolver/file/user_linux.go) takes the user's own group where none is named, the same number for a
 * number, and root where there is no such user; a group that is not there changes nothing. `root` is 0 and is not looked up
 * (frontend/dockerfile/dockerfile2llb: parseUID). Classic
 * (builder/dockerfile/internals_linux.go) takes the user's text for the group too, and refuses what is not there.
 *
 * @param onScratch the stage is from scratch and nothing is in it yet: BuildKit has no place to look a name up in then
 * @param needsFiles whether BuildKit needs the file that it looks a name up in, see CopyFormat
 * @throws LL_BUILD_FAILED (classic) where a name is not in the files; (BuildKit) for a name on scratch, or without the file
 */
export function resolveOwner(
  tree: FileTree,
  text: string,
  builder: 'buildkit' | 'classic',
  onScratch = false,
  needsFiles = false,
): Owner {
  const colon = text.indexOf(':');
  const user = colon < 0 ? text : text.slice(0, colon);
  const group = colon < 0 ? undefined : text.slice(colon + 1);
  if (builder === 'classic') {
    return { uid: lookup(tree, '/etc/passwd', user, 'user'), gid: lookup(tree, '/etc/group', group ?? user, 'group') };
  }
  const names = [user, group ?? ''].filter((name) => name !== '' && smallId(name) === undefined);
  if (onScratch && names.length > 0) {
    throw new LayerlabError('LL_BUILD_FAILED', 'invalid user index: -1', {
      hint: `There is no /etc/passwd in a stage from scratch that could name ${names.join(' and ')}: use numbers.`,
    });
  }
  if (needsFiles && user !== '' && smallId(user) === undefined) checkFile(tree, '/etc/passwd');
  if (needsFiles && group !== undefined && group !== '' && smallId(group) === undefined) checkFile(tree, '/etc/group');
  const owner = userOf(tree, user);
  if (group === undefined) return owner;
  if (group === '') return { uid: owner.uid, gid: 0 };
  const gid = smallId(group) ?? idOf(rows(tree, '/etc/group').find((row) => row[0] === group));
  return { uid: owner.uid, gid: gid ?? owner.gid };
}

function checkFile(tree: FileTree, file: string): void {
  if (resolvePath(tree, file, true).node !== undefined) return;
  throw new LayerlabError('LL_BUILD_FAILED', `open ${file}: no such file or directory`, {
    hint: 'Only names in the files of the image itself can be used; numbers always can.',
  });
}

const ROOT: Owner = { uid: 0, gid: 0 };

function userOf(tree: FileTree, name: string): Owner {
  const id = smallId(name);
  if (id !== undefined) return { uid: id, gid: id };
  const row = rows(tree, '/etc/passwd').find((fields) => fields[0] === name);
  const uid = idOf(row);
  return uid === undefined ? ROOT : { uid, gid: numericId(row?.[3] ?? '') ?? 0 };
}

/** The id in the third field of a passwd or group row. */
function idOf(row: readonly string[] | undefined): number | undefined {
  return row === undefined ? undefined : numericId(row[2] ?? '');
}

function numericId(text: string): number | undefined {
  if (!/^\d{1,10}$/.test(text)) return undefined;
  const id = Number(text);
  return id <= 0xffffffff ? id : undefined;
}

/** BuildKit reads a number that does not fit 31 bits as a name, and `root` as a number. */
function smallId(text: string): number | undefined {
  if (text === 'root') return 0;
  const id = numericId(text);
  return id !== undefined && id <= 0x7fffffff ? id : undefined;
}

function lookup(tree: FileTree, file: string, name: string, what: 'user' | 'group'): number {
  const id = numericId(name) ?? idOf(rows(tree, file).find((fields) => fields[0] === name));
  if (id !== undefined) return id;
  const kind = what === 'user' ? 'uid' : 'gid';
  throw new LayerlabError(
    'LL_BUILD_FAILED',
    `unable to convert uid/gid chown string to host mapping: can't find ${kind} for ${what} ${name}: no such ${what}: ${name}`,
    { hint: `Only names in the image's own ${file} can be used; numbers always can.` },
  );
}

function rows(tree: FileTree, file: string): string[][] {
  const { node } = resolvePath(tree, file, true);
  if (node?.kind !== 'file' || node.size > MAX_FILE) return [];
  return readFileSync(fsPath(node.path), { encoding: 'latin1' })
    .split('\n')
    .map((line) => line.trim().split(':'));
}
