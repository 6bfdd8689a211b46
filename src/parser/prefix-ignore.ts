import type { ByteString } from '../formats/bytestring.ts';
import { fromByteString } from '../formats/bytestring.ts';
import type { IgnorePattern } from './ignore-pattern.ts';

/** Folders whose answers are kept; beyond that the memory is started anew. */
const MAX_REMEMBERED = 50_000;

/** The two questions that the walk over a context asks. */
export interface PrefixIgnore {
  ignores(path: ByteString, isDir: boolean): boolean;
  mayContainIncluded(dir: ByteString): boolean;
}

/**
 * .dockerignore as Docker 20.10 reads it (moby pkg/fileutils PatternMatcher.Matches): besides the path itself a pattern of n parts
 * is asked of the path's first n folders alone. So what lies in a folder that `**` matched further down is left out only
 * because the walk does not enter that folder, and is sent where a `!` pattern makes it enter.
 */
export function prefixIgnore(patterns: readonly IgnorePattern[]): PrefixIgnore {
  const all = patterns.map((pattern) => ({ ...pattern, parts: pattern.text.split('/').length }));
  const reopening = patterns.filter(({ exclusion }) => exclusion).map(({ text }) => `${text}/`);
  const skipped = new Map<string, boolean>();
  const matches = (path: string): boolean => {
    const folders = path.split('/').slice(0, -1);
    let ignored = false;
    for (const { exclusion, matches: test, parts } of all) {
      const isMatch = test(path) || (parts <= folders.length && test(folders.slice(0, parts).join('/')));
      if (isMatch) ignored = !exclusion;
    }
    return ignored;
  };
  const enters = (folder: string): boolean => reopening.some((text) => text.startsWith(`${folder}/`));
  const isSkipped = (folder: string): boolean => {
    const parts = folder.split('/');
    for (let length = 1; length <= parts.length; length++) {
      const at = parts.slice(0, length).join('/');
      let skips = skipped.get(at);
      if (skips === undefined) {
        if (skipped.size >= MAX_REMEMBERED) skipped.clear();
        skips = matches(at) && !enters(at);
        skipped.set(at, skips);
      }
      if (skips) return true;
    }
    return false;
  };
  return {
    ignores: (path) => {
      if (all.length === 0 || path === '' || path === '.') return false;
      const name = fromByteString(path);
      const slash = name.lastIndexOf('/');
      return (slash > 0 && isSkipped(name.slice(0, slash))) || matches(name);
    },
    mayContainIncluded: (dir) => enters(fromByteString(dir)),
  };
}
