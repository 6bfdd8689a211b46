import { lstatSync, mkdirSync, readlinkSync } from 'node:fs';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fromByteString, fsPath } from '../formats/bytestring.ts';
import { ioError } from '../host/io-error.ts';

/** As the kernel: more links than this on one way are a loop. */
const MAX_LINKS = 40;

/**
 * The folders of a tree that came from outside: a layer's `diff`. Every way to a folder is walked component by component from the root,
 * links resolved inside of it, so that nothing outside is ever named; a way that was walked is remembered.
 */
export class InRootFolders {
  readonly #root: ByteString;
  readonly #known = new Map<ByteString, ByteString>();

  constructor(root: ByteString) {
    this.#root = root;
    this.#known.set('', root);
  }

  /**
   * The real path of a folder, given by its clean relative name ('' is the root). What is missing on the way is made, 0755 and
   * root's, where `create` says so (moby archive.ImpliedDirectoryMode). Absolute links start at the root; a relative one that
   * climbs above it is refused, as dockerd does: LL_BREAKOUT. LL_TAR where something on the way is no folder.
   */
  folder(name: ByteString, create: boolean): ByteString {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const real = this.#walk(name, create);
    this.#known.set(name, real);
    return real;
  }

  /** To be called when a folder or a link was removed: ways through it are walked anew. */
  forget(): void {
    this.#known.clear();
    this.#known.set('', this.#root);
  }

  #walk(name: ByteString, create: boolean): ByteString {
    const pending = name.split('/').reverse();
    const way: ByteString[] = [];
    let links = 0;
    while (pending.length > 0) {
      const part = pending.pop() as ByteString;
      if (part === '' || part === '.') continue;
      if (part === '..') {
        if (way.pop() === undefined) throw escapes(name);
        continue;
      }
      const path = `${this.#root}/${[...way, part].join('/')}`;
      const stat = this.#look(path);
      if (stat?.isSymbolicLink() === true) {
        links += 1;
        if (links > MAX_LINKS) throw escapes(name);
        const target = readlinkSync(fsPath(path), { encoding: 'latin1' });
        if (target.startsWith('/')) way.length = 0;
        pending.push(...target.split('/').reverse());
        continue;
      }
      if (stat === undefined) {
        if (!create) throw new LayerlabError('LL_TAR', `${quoted(name)}: no such file or directory`);
        this.#make(path);
      } else if (!stat.isDirectory()) {
        throw new LayerlabError('LL_TAR', `${quoted(name)}: not a directory`);
      }
      way.push(part);
    }
    return way.length === 0 ? this.#root : `${this.#root}/${way.join('/')}`;
  }

  #look(path: ByteString) {
    try {
      return lstatSync(fsPath(path), { throwIfNoEntry: false });
    } catch (error) {
      throw ioError(error, `a layer's folder`);
    }
  }

  #make(path: ByteString): void {
    try {
      mkdirSync(fsPath(path), { mode: 0o755 });
    } catch (error) {
      throw ioError(error, `a layer's folder`);
    }
  }
}

function escapes(name: ByteString): LayerlabError {
  return new LayerlabError('LL_BREAKOUT', `${quoted(name)}: path escapes from parent`, {
    hint: 'The archive leads out of the image by a symbolic link. Do not trust where it comes from.',
  });
}

function quoted(name: ByteString): string {
  return JSON.stringify(fromByteString(name));
}
