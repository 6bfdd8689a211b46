import { spawnSync } from 'node:child_process';
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const MB = 1_000_000;
/** Of each entry of a tar; contents fill up to a multiple of it. */
const HEADER = 512;
/** As near to the size as it has to be, bytes. */
const NEARLY = 100_000;

/** What a distribution's image is made of, and how much of it: documents and data, programs, libraries. */
const PARTS = [
  { folders: ['/usr/share'], share: 0.4 },
  { folders: ['/usr/bin', '/usr/sbin'], share: 0.2 },
  { folders: ['/usr/lib'], share: 0.4 },
];

/** One huge program is not what such an image is like. */
const LARGEST = 20 * MB;

/**
 * Lists files of this host as they lie in a distribution's image: the same on every run, in the order of their names.
 *
 * @param {number} megabytes that a tar of all parts takes
 * @returns {string[][]} for each part paths relative to `/`
 */
export function hostFiles(megabytes) {
  return PARTS.map(({ folders, share }) => {
    const paths = [];
    let room = megabytes * MB * share;
    const put = (path, bytes) => {
      paths.push(path.slice(1));
      room -= HEADER + Math.ceil(bytes / HEADER) * HEADER;
    };
    const walk = (folder) => {
      for (const entry of readdirSync(folder, { withFileTypes: true }).sort(byName)) {
        if (room < NEARLY) return;
        const path = join(folder, entry.name);
        const { size } = lstatSync(path);
        if (entry.isDirectory()) {
          put(path, 0);
          walk(path);
        } else if (entry.isSymbolicLink()) put(path, 0);
        else if (entry.isFile() && size <= Math.min(LARGEST, room)) put(path, size);
      }
    };
    for (const folder of folders) {
      paths.push(folder.slice(1));
      walk(folder);
    }
    return paths;
  });
}

function byName(a, b) {
  return a.name < b.name ? -1 : 1;
}

/** Writes a tar of some of this host's files, with root for the owner of all. */
export function tarOfHost(archive, paths) {
  const args = ['--no-recursion', '--owner=0', '--group=0', '--numeric-owner', '-C', '/', '-cf', archive];
  const made = spawnSync('tar', [...args, '--null', '-T', '-'], { input: paths.join('\0'), encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`tar: ${made.stderr.trim()}`);
}
