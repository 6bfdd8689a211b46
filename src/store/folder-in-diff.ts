import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fromByteString } from '../formats/bytestring.ts';
import type { RootFiles } from '../host/root-files.ts';

/** As the kernel: more links than this on one way are a loop. */
const MAX_LINKS = 40;

/**
 * The real path of a folder of a layer's `diff`, given by its clean name relative to it ('' is `diff` itself). Links are resolved
 * one by one inside of `diff`, so that nothing outside is ever named. Throws LL_BREAKOUT for a way that leads out or in a circle,
 * LL_CORRUPT where something on it is no folder.
 */
export function folderInDiff(files: RootFiles, diff: ByteString, name: ByteString): ByteString {
  const pending = name.split('/').reverse();
  const way: ByteString[] = [];
  let links = 0;
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (way.pop() === undefined) throw escapes(name);
      continue;
    }
    const path = `${diff}/${[...way, part].join('/')}`;
    const kind = files.lstat(path)?.kind;
    if (kind === 'symlink') {
      links += 1;
      if (links > MAX_LINKS) throw escapes(name);
      const target = files.readlink(path) ?? '';
      if (target.startsWith('/')) way.length = 0;
      pending.push(...target.split('/').reverse());
    } else if (kind === 'dir') {
      way.push(part);
    } else {
      throw new LayerlabError('LL_CORRUPT', `the folder ${shown(name)} of a layer is missing`);
    }
  }
  return way.length === 0 ? diff : `${diff}/${way.join('/')}`;
}

function escapes(name: ByteString): LayerlabError {
  return new LayerlabError('LL_BREAKOUT', `${shown(name)}: path escapes from parent`);
}

function shown(name: ByteString): string {
  return JSON.stringify(fromByteString(name));
}
