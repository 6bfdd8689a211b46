import { accessSync, constants, statSync } from 'node:fs';
import { type ByteString, fsPath, toByteString } from '../../formats/bytestring.ts';
import { errnoOf } from '../../host/io-error.ts';
import { lookUpVariable } from './environment.ts';
import { resolveInRoot } from './in-root.ts';

/** Below these the runtime mounts file systems that are not there yet when we look. */
const MOUNTED = /^\/+(proc|dev|sys)(\/|$)/;

type Finding = 'fine' | 'missing' | 'folder' | 'forbidden';

function inspect(root: ByteString, path: string): Finding {
  const real = resolveInRoot(root, toByteString(path));
  try {
    if (statSync(fsPath(real)).isDirectory()) return 'folder';
    accessSync(fsPath(real), constants.X_OK);
    return 'fine';
  } catch (error) {
    return errnoOf(error) === 'EACCES' ? 'forbidden' : 'missing';
  }
}

/**
 * Why a command has no program to start, in runc's words (Go's exec.LookPath inside the container), or undefined where
 * there is one: `exec: "x": executable file not found in $PATH`.
 */
export function whyNotExecutable(
  root: ByteString,
  name: string,
  env: readonly string[],
  workingDir: string,
): string | undefined {
  const absolute = (path: string): string => (path.startsWith('/') ? path : `${workingDir}/${path}`);
  if (name.includes('/')) {
    if (MOUNTED.test(name)) return undefined;
    const found = inspect(root, absolute(name));
    if (found === 'missing') return `exec: ${quote(name)}: stat ${name}: no such file or directory`;
    if (found === 'folder') return `exec: ${quote(name)}: is a directory`;
    if (found === 'forbidden') return `exec: ${quote(name)}: permission denied`;
    return undefined;
  }
  const path = lookUpVariable(env, 'PATH') ?? '';
  for (const folder of path === '' ? [] : path.split(':')) {
    if (MOUNTED.test(folder)) return undefined;
    if (inspect(root, `${absolute(folder)}/${name}`) !== 'fine') continue;
    if (folder.startsWith('/')) return undefined;
    return `exec: ${quote(name)}: cannot run executable found relative to current directory`;
  }
  return `exec: ${quote(name)}: executable file not found in $PATH`;
}

function quote(name: string): string {
  return JSON.stringify(name);
}
