import { chmodSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fromByteString, fsPath } from '../../formats/bytestring.ts';
import { errnoOf, ioError } from '../../host/io-error.ts';
import { syncFolder, writeFileAtomic } from '../../store/atomic-file.ts';
import { removeTree } from '../../store/remove-tree.ts';
import { detachMerged } from '../../store/stale-mount.ts';
import type { Action } from './action.ts';
import { QUARANTINE } from './quarantine.ts';

/**
 * Writes the manifest of a quarantine: what will be moved and rewritten, and the commands that put it back. It is on the disk
 * before the first action is done. `folder` is relative to the data-root.
 */
export function writeManifest(root: ByteString, folder: ByteString, actions: readonly Action[]): void {
  const entries = actions.map((action) => {
    const before =
      action.kind === 'write' || action.kind === 'link' ? textBefore(`${root}/${action.where}`) : undefined;
    const mode = action.kind === 'chmod' ? lstatSync(fsPath(`${root}/${action.where}`)).mode & 0o7777 : undefined;
    return {
      action: action.kind,
      why: action.why,
      where: fromByteString(action.where),
      ...(action.kind === 'quarantine' ? { to: fromByteString(`${folder}/${action.where}`) } : {}),
      ...(before === undefined ? {} : { beforeBase64: before.toString('base64') }),
      ...(mode === undefined ? {} : { modeBefore: mode.toString(8) }),
    };
  });
  const putBack = actions.flatMap((action): string[] => {
    const place = quoted(fromByteString(action.where));
    if (action.kind === 'quarantine') return [`mv ${quoted(fromByteString(`${folder}/${action.where}`))} ${place}`];
    const before = entries.find((entry) => entry.where === fromByteString(action.where))?.beforeBase64;
    return action.kind === 'write' && before !== undefined ? [`printf %s ${before} | base64 -d > ${place}`] : [];
  });
  const manifest = {
    about: 'What layerlab repair took out of this data-root or wrote anew.',
    howToPutBack: 'Stop dockerd, change into the data-root, and run the commands of putBack that you want.',
    putBack,
    entries,
  };
  assertInside(root, `${folder}/manifest.json`);
  makeFolder(`${root}/${QUARANTINE}`);
  makeFolder(`${root}/${folder}`);
  writeFileAtomic(`${root}/${folder}/manifest.json`, `${JSON.stringify(manifest, undefined, 2)}\n`, 0o600);
  syncFolder(root);
}

/** Does one action. What is gone already is done. Throws LL_NO_RIGHT, LL_NO_SPACE, LL_IO. */
export function applyAction(root: ByteString, folder: ByteString, action: Action): void {
  const path = `${root}/${action.where}`;
  try {
    assertInside(root, action.where);
    switch (action.kind) {
      case 'write':
        if (lstatSync(fsPath(path), { throwIfNoEntry: false })?.isDirectory() === true)
          moveAway(root, folder, action.where);
        makeParents(root, action.where);
        writeFileAtomic(path, action.text, action.mode);
        return;
      case 'link':
        makeParents(root, action.where);
        replaceLink(path, action.target);
        return;
      case 'mkdir':
        if (lstatSync(fsPath(path), { throwIfNoEntry: false })?.isDirectory() === false)
          moveAway(root, folder, action.where);
        makeFolder(path);
        chmodSync(fsPath(path), action.mode);
        return;
      case 'chmod':
        // Never through a link: the mode of what it leads to is somebody else's.
        if (lstatSync(fsPath(path)).isSymbolicLink()) return;
        chmodSync(fsPath(path), action.mode);
        return;
      case 'remove':
        if (path.endsWith('/merged')) detachMerged(path.slice(0, -'/merged'.length));
        else if (isFolder(path)) detachMerged(path);
        removeTree(path);
        return;
      case 'quarantine':
        if (isFolder(path)) detachMerged(path);
        moveAway(root, folder, action.where);
    }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return;
    if (errnoOf(error) === 'EXDEV') {
      throw new LayerlabError('LL_IO', `${fromByteString(action.where)} is on another file system than the data-root`, {
        cause: error,
        hint: 'Move it away by hand, then repair again.',
      });
    }
    throw ioError(error, `mending ${fromByteString(action.where)}`);
  }
}

/** A folder on the way that is a link would lead the action out of the data-root. */
function assertInside(root: ByteString, where: ByteString): void {
  let path = root;
  for (const part of where.split('/').slice(0, -1)) {
    path = `${path}/${part}`;
    if (part === '..' || lstatSync(fsPath(path), { throwIfNoEntry: false })?.isSymbolicLink() === true) {
      throw new LayerlabError(
        'LL_BREAKOUT',
        `${fromByteString(path)} is a symbolic link: nothing is mended behind it`,
        {
          hint: 'Put a folder in its place, or mount one there.',
        },
      );
    }
  }
}

function isFolder(path: ByteString): boolean {
  return lstatSync(fsPath(path), { throwIfNoEntry: false })?.isDirectory() === true;
}

function moveAway(root: ByteString, folder: ByteString, where: ByteString): void {
  const target = `${folder}/${where}`;
  assertInside(root, target);
  makeParents(root, target);
  let free = target;
  // Another round may have put something of this name there.
  for (let i = 1; lstatSync(fsPath(`${root}/${free}`), { throwIfNoEntry: false }) !== undefined; i++)
    free = `${target}.${i}`;
  renameSync(fsPath(`${root}/${where}`), fsPath(`${root}/${free}`));
  syncFolder(`${root}/${where.slice(0, Math.max(0, where.lastIndexOf('/')))}`);
}

function makeParents(root: ByteString, where: ByteString): void {
  let path = root;
  for (const part of where.split('/').slice(0, -1)) {
    path = `${path}/${part}`;
    makeFolder(path);
  }
}

function makeFolder(path: ByteString): void {
  try {
    mkdirSync(fsPath(path), { mode: 0o700 });
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
}

function replaceLink(path: ByteString, target: ByteString): void {
  const temporary = `${path}.layerlab`;
  rmSync(fsPath(temporary), { force: true });
  symlinkSync(fsPath(target), fsPath(temporary));
  renameSync(fsPath(temporary), fsPath(path));
}

function textBefore(path: ByteString): Buffer | undefined {
  try {
    const stat = lstatSync(fsPath(path), { throwIfNoEntry: false });
    return stat?.isFile() === true && stat.size < 64 << 20 ? readFileSync(fsPath(path)) : undefined;
  } catch {
    return undefined;
  }
}

/** A word for a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
