import { lstatSync, mkdirSync, readlinkSync, type Stats } from 'node:fs';
import { posix } from 'node:path';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fsPath } from '../../formats/bytestring.ts';
import { errnoOf, ioError } from '../../host/io-error.ts';
import { readLinkQuickly } from '../../host/quick-calls.ts';

/** As many links as continuity's fs.RootPath follows. */
const MAX_LINKS = 255;

/** lstat, or undefined where there is nothing. */
export function lstatOrUndefined(path: ByteString): Stats | undefined {
  try {
    // A failure would be an error with all that called: it costs more than the look.
    return lstatSync(fsPath(path), { throwIfNoEntry: false });
  } catch (error) {
    if (errnoOf(error) === 'ENOTDIR') return undefined;
    throw ioError(error, 'Looking at a file');
  }
}

/**
 * The path on the host of a path inside a root file system: every link on the way, the last one too, is followed inside
 * the root, and `..` never leaves it (as containerd/continuity fs.RootPath). Parts that are not there are kept as they
 * are. Throws LL_BREAKOUT after 255 links.
 */
export function resolveInRoot(root: ByteString, path: ByteString): ByteString {
  const pending = path.split('/').reverse();
  const walked: ByteString[] = [];
  for (let links = 0; ; ) {
    const part = pending.pop();
    if (part === undefined) break;
    if (part === '' || part === '.') continue;
    if (part === '..') {
      walked.pop();
      continue;
    }
    const at = joinRoot(root, [...walked, part]);
    const target = targetOf(at);
    if (target === undefined) {
      walked.push(part);
      continue;
    }
    if (++links > MAX_LINKS) throw new LayerlabError('LL_BREAKOUT', `Too many links in ${path}`);
    if (target.startsWith('/')) walked.length = 0;
    pending.push(...target.split('/').reverse());
  }
  return joinRoot(root, walked);
}

/** Where a link leads; undefined for what is none, and where there is nothing. */
function targetOf(path: ByteString): ByteString | undefined {
  const quick = readLinkQuickly(path);
  if (quick !== null) return quick;
  if (lstatOrUndefined(path)?.isSymbolicLink() !== true) return undefined;
  return readlinkSync(fsPath(path), { encoding: 'latin1' });
}

function joinRoot(root: ByteString, parts: readonly ByteString[]): ByteString {
  return parts.length === 0 ? root : `${root}/${parts.join('/')}`;
}

/**
 * Makes a folder (already resolved, below root) and the missing ones above it, each 0755 whatever the umask; `made` is
 * called for every new one, outermost first. Throws the error of Node where a part is no folder.
 */
export function mkdirInRoot(root: ByteString, folder: ByteString, made: (path: ByteString) => void): void {
  if (folder === root || folder.length <= root.length) return;
  const found = lstatOrUndefined(folder);
  if (found?.isDirectory() === true) return;
  mkdirInRoot(root, posix.dirname(folder), made);
  mkdirSync(fsPath(folder), 0o755);
  made(folder);
}
