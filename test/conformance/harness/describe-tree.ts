import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { type BuildWindow, holds } from './build-window.ts';

/**
 * Attributes that overlayfs keeps for itself: a handle of the file it copied up, and a note that a folder has such files.
 * They depend on the disk and on how the files were made, and nothing that reads a layer looks at them.
 */
const KERNEL_NOTES = /^trusted\.overlay\.(origin|impure|nlink|uuid)=/;

const KINDS: readonly (readonly [string, (stat: fs.BigIntStats) => boolean])[] = [
  ['d', (stat) => stat.isDirectory()],
  ['-', (stat) => stat.isFile()],
  ['l', (stat) => stat.isSymbolicLink()],
  ['c', (stat) => stat.isCharacterDevice()],
  ['b', (stat) => stat.isBlockDevice()],
  ['p', (stat) => stat.isFIFO()],
];

/** One line for every file below `root`, itself included: what `ls -l` with nanoseconds and attributes would show. */
export function describeTree(root: string, window: BuildWindow): readonly string[] {
  const xattrs = readXattrs(root);
  const firstName = new Map<bigint, string>();
  const lines: string[] = [];
  const visit = (name: string): void => {
    const full = Buffer.from(name === '' ? root : `${root}/${name}`, 'latin1');
    const stat = fs.lstatSync(full, { bigint: true });
    const kind = KINDS.find(([, is]) => is(stat))?.[0] ?? '?';
    const parts = [JSON.stringify(name), kind + (Number(stat.mode) & 0o7777).toString(8), `${stat.uid}:${stat.gid}`];
    parts.push(holds(window, stat.mtimeNs) ? buildTime(stat.mtimeNs) : `mtime=${stat.mtimeNs}`);
    if (kind === '-') parts.push(`size=${stat.size}`);
    if (kind === 'c' || kind === 'b') parts.push(`rdev=${stat.rdev}`);
    if (kind === 'l') parts.push(`-> ${JSON.stringify(fs.readlinkSync(full, 'latin1'))}`);
    if (kind === '-' && stat.nlink > 1n) {
      parts.push(`same file as ${JSON.stringify(firstName.get(stat.ino) ?? name)}`);
      firstName.set(stat.ino, firstName.get(stat.ino) ?? name);
    }
    parts.push(...(xattrs.get(name) ?? []));
    lines.push(parts.join(' '));
    if (kind !== 'd') return;
    const children = fs.readdirSync(full, 'latin1').sort();
    for (const child of children) visit(name === '' ? child : `${name}/${child}`);
  };
  visit('');
  return lines;
}

/** Whether nanoseconds are kept or cut to the second tells the builders apart, so that stays. */
function buildTime(nanos: bigint): string {
  return nanos % 1_000_000_000n === 0n ? 'mtime=<build, whole second>' : 'mtime=<build>';
}

/** Attributes by path relative to `root`. */
function readXattrs(root: string): ReadonlyMap<string, readonly string[]> {
  const dump = execFileSync('getfattr', ['-R', '-h', '-P', '-d', '-m', '-', '-e', 'hex', '--absolute-names', root], {
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'ignore'],
  }).toString('latin1');
  const found = new Map<string, readonly string[]>();
  for (const block of dump.split('\n\n')) {
    const [title = '', ...attributes] = block.split('\n').filter((line) => line !== '');
    if (!title.startsWith('# file: ')) continue;
    const name = unescapeName(title.slice('# file: '.length)).slice(root.length + 1);
    const kept = attributes.filter((attribute) => !KERNEL_NOTES.test(attribute)).sort();
    if (kept.length > 0) found.set(name, kept);
  }
  return found;
}

/** getfattr writes odd bytes of a name as three octal digits behind a backslash. */
function unescapeName(name: string): string {
  return name.replace(/\\([0-7]{3})/g, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
