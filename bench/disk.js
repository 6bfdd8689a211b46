import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where daemons are installed, and what they keep has to lie below. */
export const home = process.env.ORACLE_HOME ?? '/var/tmp/layerlab-bench';

const GIB = 2 ** 30;

/**
 * Makes sure that no other bench works below the same folder.
 *
 * @returns {() => void} gives it free
 * @throws {Error} when one does
 */
export function claimHome() {
  const claim = join(home, 'bench.pid');
  mkdirSync(home, { recursive: true });
  const other = existsSync(claim) ? Number(readFileSync(claim, 'utf8')) : 0;
  if (other > 0 && existsSync(`/proc/${other}`)) throw new Error(`another bench (process ${other}) works in ${home}`);
  writeFileSync(claim, `${process.pid}\n`);
  return () => rmSync(claim, { force: true });
}

/**
 * Where everything that is timed reads and writes.
 *
 * @typedef {{ readonly path: string, readonly own: boolean, readonly about: string, readonly close: () => void }} Disk
 */

/**
 * A fresh ext4 in a sparse file, for all: layerlab, peers and floors. A file system that has lived, shared with others, gives
 * times of its own: ext4 without a journal, for one, looks at each inode that was deleted in the last minutes before it gives
 * out a new one, which makes a bench that cleans up behind itself ten times slower. Where none can be made it is the temporary
 * folder.
 *
 * @param {(reason: string) => void} leftOut
 * @returns {Disk}
 */
export function openDisk(leftOut) {
  const image = join(home, 'disk.ext4');
  const path = join(home, 'disk');
  const close = () => {
    spawnSync('umount', ['-l', path], { stdio: 'ignore' });
    for (const each of [image, path]) rmSync(each, { recursive: true, force: true });
  };
  if (process.geteuid?.() !== 0) {
    leftOut('only root can make one');
    return { path: tmpdir(), own: false, about: 'the temporary folder', close: () => {} };
  }
  close();
  mkdirSync(path, { recursive: true });
  writeFileSync(image, '');
  truncateSync(image, 40 * GIB);
  // No thread of the kernel must go on making inode tables while others are timed. The journal is that of a disk of 128 GB and more: the one
  // that this size would get is full every few rounds, and whoever comes by then waits until all of it is in its place.
  const made =
    run('mkfs.ext4', '-q', '-F', '-J', 'size=1024', '-E', 'lazy_itable_init=1,lazy_journal_init=1', image) ??
    run('mount', '-o', 'loop,discard,noinit_itable', image, path);
  if (made === undefined) return { path, own: true, about: 'a fresh ext4 of its own', close };
  close();
  leftOut(made);
  return { path: tmpdir(), own: false, about: 'the temporary folder', close: () => {} };
}

/** In words why a command failed; undefined when it did not. */
function run(command, ...args) {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (error !== undefined) return error.message;
  return status === 0 ? undefined : stderr.trim().split('\n').at(-1);
}
