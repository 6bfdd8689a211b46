import { spawnSync } from 'node:child_process';
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What a RUN line of an everyday Dockerfile reaches for; those that the host lacks are left out. */
export const PROGRAMS: readonly string[] = (
  'sh [ awk basename base64 cat chgrp chmod chown cksum cmp cp cut date dd df diff dirname du echo egrep env expand expr ' +
  'false fgrep find fold getent grep groups gunzip gzip head hostname id install join link ln ls md5sum mkdir mkfifo mknod ' +
  'mktemp mv nice nl nproc od paste printenv printf pwd readlink realpath rm rmdir sed seq sha1sum sha256sum sleep sort ' +
  'split stat sum sync tac tail tar tee test timeout touch tr true truncate tty uname uniq unlink wc which whoami xargs yes'
).split(' ');

/** A file of the host and where it goes in the image. */
export interface HostFile {
  /** Where it lies on the host, links followed. */
  readonly source: string;
  /** Absolute path in the image. */
  readonly target: string;
}

/** The host's own path of a program, links followed; undefined where it has none. */
function findProgram(name: string): string | undefined {
  for (const dir of [...(process.env.PATH ?? '').split(delimiter), '/bin', '/usr/bin', '/sbin', '/usr/sbin']) {
    if (!dir.startsWith('/')) continue;
    try {
      const path = join(dir, name);
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return realpathSync(path);
    } catch {
      // Not here; the next folder may have it.
    }
  }
  return undefined;
}

/** The programs that the host has, each as `/bin/<name>`, and the libraries and loader that they need. */
export function hostPrograms(): HostFile[] {
  const files = new Map<string, HostFile>();
  const libraries = new Map<string, string>();
  const asked = new Set<string>();
  for (const name of PROGRAMS) {
    const source = findProgram(name);
    if (source === undefined) continue;
    files.set(`/bin/${name}`, { source, target: `/bin/${name}` });
    if (asked.has(source)) continue;
    asked.add(source);
    for (const library of librariesOf(source)) libraries.set(library, realpathSync(library));
  }
  for (const [target, source] of libraries) files.set(target, { source, target });
  return [...files.values()];
}

/** Paths of the shared objects that the loader would take for a program; none for a static one or a script. */
function librariesOf(program: string): string[] {
  const { stdout, status } = spawnSync('ldd', [program], {
    encoding: 'utf8',
    env: { LC_ALL: 'C', PATH: process.env.PATH },
  });
  if (status !== 0) return [];
  return stdout.split('\n').flatMap((line) => /(?:=>\s*|^\s*)(\/[^\s]+)\s*(?:\(|$)/.exec(line)?.[1] ?? []);
}
