import type { FileEntry } from '../../engine/ls.ts';
import { shownName } from './shown-name.ts';

const LETTERS: Readonly<Record<FileEntry['type'], string>> = {
  file: '-',
  dir: 'd',
  symlink: 'l',
  char: 'c',
  block: 'b',
  fifo: 'p',
  socket: 's',
  whiteout: 'c',
};

/** A file's mode as `ls -l` writes it, e.g. `-rwsr-xr-x`. */
export function modeText({ type, mode }: Pick<FileEntry, 'type' | 'mode'>): string {
  const bits = [...'rwxrwxrwx'].map((letter, at) => ((mode >> (8 - at)) & 1 ? letter : '-'));
  const special = (at: number, bit: number, letter: string): void => {
    if ((mode & bit) !== 0) bits[at] = bits[at] === 'x' ? letter : letter.toUpperCase();
  };
  special(2, 0o4000, 's');
  special(5, 0o2000, 's');
  special(8, 0o1000, 't');
  return `${LETTERS[type]}${bits.join('')}`;
}

/** A file's size, or its device numbers. */
export function sizeText({ type, size, major, minor }: FileEntry): string {
  return type === 'char' || type === 'block' || type === 'whiteout' ? `${major}, ${minor}` : String(size);
}

/** What stands behind a name: where a link leads, that a layer deletes it. */
export function tailText({ type, target }: FileEntry): string {
  if (type === 'whiteout') return ' (deleted here)';
  return type === 'symlink' ? ` -> ${shownName(target)}` : '';
}

/** A file's time in UTC, to the second. */
export function timeText({ mtime }: FileEntry): string {
  return mtime.slice(0, 19).replace('T', ' ');
}
