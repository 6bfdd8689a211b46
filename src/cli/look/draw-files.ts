import type { FileEntry, Listing } from '../../engine/ls.ts';
import type { Paint } from '../plan/paint.ts';
import { modeText, sizeText, tailText, timeText } from './file-words.ts';
import { shownName } from './shown-name.ts';

/** Names as `ls` writes them, one a line. */
export function listNames(names: readonly string[]): string {
  return names.map((name) => `${shownName(name)}\n`).join('');
}

/** A listing as `ls -ln` writes it, times in UTC. */
export function listFiles(listing: Listing, recursive: boolean): string {
  const shown = (entry: FileEntry): string => shownName(recursive ? entry.path : entry.name);
  const rows = listing.entries.map((entry) => ({
    cells: [modeText(entry), String(entry.uid), String(entry.gid), sizeText(entry), timeText(entry)],
    name: `${shown(entry)}${tailText(entry)}`,
  }));
  const widths = [0, 1, 2, 3, 4].map((at) =>
    rows.reduce((most, { cells }) => Math.max(most, cells[at]?.length ?? 0), 0),
  );
  return rows
    .map(({ cells, name }) => `${cells.map((cell, at) => cell.padStart(widths[at] ?? 0)).join(' ')} ${name}\n`)
    .join('');
}

/** A recursive listing as a tree, folders first named, files with their sizes. */
export function drawFiles(listing: Listing, title: string, paint: Paint): string {
  const { entries } = listing;
  const last = lastOfFolder(entries);
  const open: boolean[] = [];
  const lines = [shownName(title)];
  entries.forEach((entry, at) => {
    open.length = entry.depth;
    const stem = open.map((more) => (more ? '│  ' : '   ')).join('');
    const ends = last[at] === true;
    open[entry.depth] = !ends;
    const name = `${shownName(entry.name)}${entry.type === 'dir' ? '/' : ''}${tailText(entry)}`;
    const size = entry.type === 'file' ? paint.faint(`  ${entry.size}`) : '';
    const painted = entry.type === 'dir' ? paint.config(name) : entry.type === 'whiteout' ? paint.wrong(name) : name;
    lines.push(`${stem}${ends ? '└─ ' : '├─ '}${painted}${size}`);
  });
  const folders = entries.filter(({ type }) => type === 'dir').length;
  lines.push('', `${folders} folders, ${entries.length - folders} files`);
  return `${lines.join('\n')}\n`;
}

/** Which entries are the last of their folder: read from the end, the first at each depth. */
function lastOfFolder(entries: readonly FileEntry[]): boolean[] {
  const ends: boolean[] = [];
  const seen = new Set<number>();
  for (let at = entries.length - 1; at >= 0; at--) {
    const depth = entries[at]?.depth ?? 0;
    ends[at] = !seen.has(depth);
    seen.add(depth);
    // What is deeper belongs to another folder from here on.
    for (const known of seen) if (known > depth) seen.delete(known);
  }
  return ends;
}
