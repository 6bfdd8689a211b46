/**
 * The cheapest honest way to do the same bytes with the tools of any Linux host. Each removes nothing: that is not timed.
 */

/** Copies a tree into place, and reads it once through sha256. */
export function copyAndHash({ shell, sha256 }, source, target) {
  return shell(`cp -a "$1" "$2"; find "$2" -type f -print0 | xargs -0 ${sha256} > /dev/null`, source, target);
}

/** Looks at every file's inode, which is the least that finds out whether one has changed. */
export function lookAtAll({ shell }, folder) {
  return shell(`find "$1" -printf '%i %C@ %T@ %s\\n' > /dev/null`, folder);
}

/** Unpacks a tar while its bytes go through sha256. */
export function unpackAndHash({ shell, sha256 }, archive, target) {
  const open = archive.endsWith('gz') ? 'gzip -dc "$1"' : 'cat "$1"';
  return shell(`mkdir "$2"; ${open} | tee >(${sha256} > /dev/null) | tar -x -C "$2" -f -`, archive, target);
}

/** Starts Node on nothing: no command of ours can take less. */
export function startNode({ node }) {
  return node(['-e', '0']);
}
