import { fromByteString } from '../../formats/bytestring.ts';
import { diskRootFiles } from '../../host/disk-root-files.ts';
import type { Store } from '../../store/store.ts';

/** Commands that show a user, with the host's own tools, what a step claims. */
export interface ShellCommands {
  /** The content of a file, its path relative to the data-root. */
  cat(path: string): string;
  sha256(path: string): string;
  /** The digest of a text. */
  sha256OfText(text: string): string;
  readlink(path: string): string;
  list(path: string): string;
}

/** Commands for a data-root on disk, or in a tar, where the host's tar reads the member of that name. */
export function shellCommands(store: Store): ShellCommands {
  const root = fromByteString(store.paths.root);
  const at = (path: string): string => quoted(`${root}/${path}`);
  const sha256OfText = (text: string): string => `printf %s ${quoted(text)} | sha256sum`;
  if (store.files === diskRootFiles) {
    return {
      sha256OfText,
      cat: (path) => `cat ${at(path)}`,
      sha256: (path) => `sha256sum < ${at(path)}`,
      readlink: (path) => `readlink ${at(path)}`,
      list: (path) => `ls -d ${at(path)}`,
    };
  }
  const member = (path: string): string => `--no-anchored --no-wildcards ${quoted(path)}`;
  const cat = (path: string): string => `tar -xOf ${quoted(root)} ${member(path)}`;
  return {
    sha256OfText,
    cat,
    sha256: (path) => `${cat(path)} | sha256sum`,
    readlink: (path) => `tar -tvf ${quoted(root)} ${member(path)} | sed 's/.* -> //'`,
    list: (path) => `tar -tf ${quoted(root)} --no-recursion ${member(path)}`,
  };
}

/** A word of a POSIX shell. */
export function quoted(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
