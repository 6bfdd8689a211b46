import type { ByteString } from '../../formats/bytestring.ts';
import { cleanName } from '../../formats/tar-clean-name.ts';
import type { RootFile, RootFiles } from '../../host/root-files.ts';

/** As the kernel: more links than this on one way are a loop. */
const MAX_LINKS = 40;

/**
 * Opens the files of a `diff` folder by their names in the layer's tar. Links on the way are resolved inside of the folder,
 * the last name is never followed. Undefined where there is no such regular file. Throws what reading throws.
 */
export function layerFileOpener(files: RootFiles, diff: ByteString): (name: ByteString) => RootFile | undefined {
  const known = new Map<ByteString, ByteString | undefined>([['', diff]]);
  const walk = (name: ByteString): ByteString | undefined => {
    const pending = name.split('/').reverse();
    const way: ByteString[] = [];
    let links = 0;
    while (pending.length > 0) {
      const part = pending.pop() as ByteString;
      if (part === '' || part === '.') continue;
      if (part === '..') {
        if (way.pop() === undefined) return undefined;
        continue;
      }
      const path = `${diff}/${[...way, part].join('/')}`;
      const stat = files.lstat(path);
      if (stat?.kind === 'symlink') {
        links += 1;
        const target = files.readlink(path);
        if (links > MAX_LINKS || target === undefined) return undefined;
        if (target.startsWith('/')) way.length = 0;
        pending.push(...target.split('/').reverse());
        continue;
      }
      if (stat?.kind !== 'dir') return undefined;
      way.push(part);
    }
    return way.length === 0 ? diff : `${diff}/${way.join('/')}`;
  };
  const folder = (name: ByteString): ByteString | undefined => {
    if (!known.has(name)) known.set(name, walk(name));
    return known.get(name);
  };
  return (name) => {
    const clean = cleanName(name).replace(/^\/+/, '');
    const slash = clean.lastIndexOf('/');
    const dir = folder(slash < 0 ? '' : clean.slice(0, slash));
    return dir === undefined ? undefined : files.open(`${dir}/${clean.slice(slash + 1)}`);
  };
}
