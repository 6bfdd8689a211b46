import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fromByteString } from '../formats/bytestring.ts';
import { cleanPath } from './clean-path.ts';
import { trimGoSpace } from './go-text.ts';
import { compileIgnorePattern, type IgnorePattern } from './ignore-pattern.ts';
import { prefixIgnore } from './prefix-ignore.ts';

/** Decides what of a build context is left out. Paths are relative, `/`-separated, without a trailing slash. */
export interface IgnoreMatcher {
  /** Whether there is a pattern at all. */
  readonly isEmpty: boolean;
  /** The patterns in order, cleaned, `!` in front of exclusions: for messages and tests. */
  readonly patterns: readonly string[];
  /** Whether a path is left out, by itself or by one of its parents; the last pattern that matches decides. */
  ignores(path: ByteString, isDir: boolean): boolean;
  /**
   * Whether an ignored folder has to be entered, because a `!` pattern may name something in it. The builders ask
   * differently: `classic` as go-archive, `buildkit` as fsutil.
   */
  mayContainIncluded(dir: ByteString, builder: 'classic' | 'buildkit'): boolean;
}

/** Folders whose answers are kept; beyond that the memory is started anew. */
const MAX_REMEMBERED = 50_000;
const MAX_PATTERNS = 100_000;

/** The patterns of a file, cleaned (moby/patternmatcher ignorefile ReadAll). */
function readPatterns(text: string): readonly string[] {
  const lines = (text.startsWith('\ufeff') ? text.slice(1) : text).split('\n');
  return lines.flatMap((line) => {
    if (line.startsWith('#')) return [];
    const trimmed = trimGoSpace(line);
    if (trimmed === '') return [];
    const exclusion = trimmed.startsWith('!');
    const pattern = exclusion ? trimGoSpace(trimmed.slice(1)) : trimmed;
    if (pattern === '') return exclusion ? ['!'] : [];
    const cleaned = cleanPath(pattern);
    const relative = cleaned.length > 1 && cleaned.startsWith('/') ? cleaned.slice(1) : cleaned;
    return [exclusion ? `!${relative}` : relative];
  });
}

function compile(pattern: string, rules: IgnoreRules): IgnorePattern {
  // The matcher cleans once more, with the `!` still in front.
  const cleaned = cleanPath(pattern);
  if (cleaned === '!') throw new LayerlabError('LL_CONTEXT', 'illegal exclusion pattern: "!"');
  const exclusion = cleaned.startsWith('!');
  try {
    return compileIgnorePattern(exclusion ? cleaned.slice(1) : cleaned, exclusion, rules === 'parents');
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new LayerlabError('LL_CONTEXT', `${error.message}: ${pattern}`, {
      hint: 'Check the brackets and backslashes of this line of .dockerignore.',
    });
  }
}

/** Whether a pattern is asked of all parents of a path, or as by Docker 20.10 of its beginning (see `prefixIgnore`). */
export type IgnoreRules = 'parents' | 'prefix';

/**
 * Reads the text of a .dockerignore. Throws LL_CONTEXT for a pattern that docker refuses, LL_LIMIT for more than
 * 100,000 patterns.
 */
export function parseDockerignore(text: string, rules: IgnoreRules = 'parents'): IgnoreMatcher {
  return ignoreMatcher(readPatterns(text), rules);
}

/** A matcher for patterns that are already lines, such as those of a .dockerignore with some added. */
export function ignoreMatcher(lines: readonly string[], rules: IgnoreRules = 'parents'): IgnoreMatcher {
  if (lines.length > MAX_PATTERNS) throw new LayerlabError('LL_LIMIT', 'the .dockerignore has over 100,000 patterns');
  const patterns = lines.map((line) => compile(line, rules));
  const facts = {
    isEmpty: patterns.length === 0,
    patterns: patterns.map(({ text, exclusion }) => (exclusion ? `!${text}` : text)),
  };
  if (rules === 'prefix') return { ...facts, ...prefixIgnore(patterns) };
  const exceptions = patterns.filter(({ exclusion }) => exclusion).map(({ text }) => text);
  const folders = new Map<string, FolderResult>();
  const folder = (dir: string): FolderResult => {
    // Up to the nearest folder that is known, then down again: a path of any depth needs no recursion.
    const unknown: string[] = [];
    let known = folders.get(dir);
    for (let at: string | undefined = dir; known === undefined && at !== undefined; ) {
      unknown.push(at);
      const slash: number = at.lastIndexOf('/');
      at = slash < 0 ? undefined : at.slice(0, slash);
      if (at !== undefined) known = folders.get(at);
    }
    let result = known ?? TOP;
    for (let at = unknown.pop(); at !== undefined; at = unknown.pop()) {
      if (folders.size >= MAX_REMEMBERED) folders.clear();
      result = match(patterns, at, result.matched);
      folders.set(at, result);
    }
    return result;
  };
  return {
    ...facts,
    ignores: (path, isDir) => {
      if (patterns.length === 0 || path === '' || path === '.') return false;
      const name = fromByteString(path);
      if (isDir) return folder(name).ignored;
      const slash = name.lastIndexOf('/');
      return match(patterns, name, slash < 0 ? undefined : folder(name.slice(0, slash)).matched).ignored;
    },
    mayContainIncluded: (dir, builder) => {
      const prefix = `${fromByteString(dir)}/`;
      if (builder === 'classic') return exceptions.some((text) => `${text}/`.startsWith(prefix));
      if (exceptions.some((text) => /[*[\]?^\\]/.test(withoutTrailingGlob(text)))) return true;
      return exceptions.some((text) => `${withoutTrailingGlob(text)}/`.startsWith(prefix));
    },
  };
}

interface FolderResult {
  readonly ignored: boolean;
  /** The places of the patterns that matched the folder or a parent; undefined where none did. */
  readonly matched: ReadonlySet<number> | undefined;
}

const TOP: FolderResult = Object.freeze({ ignored: false, matched: undefined });

/** moby/patternmatcher MatchesUsingParentResults: a pattern that cannot change the answer any more is not tried. */
function match(
  patterns: readonly IgnorePattern[],
  path: string,
  parent: ReadonlySet<number> | undefined,
): FolderResult {
  let matched: Set<number> | undefined;
  let ignored = false;
  for (let at = 0; at < patterns.length; at++) {
    const pattern = patterns[at];
    if (pattern === undefined) continue;
    const inherited = parent?.has(at) === true;
    if (!inherited && (pattern.exclusion !== ignored || !pattern.matches(path))) continue;
    matched ??= new Set();
    matched.add(at);
    ignored = !pattern.exclusion;
  }
  return matched === undefined ? TOP : { ignored, matched };
}

/** fsutil asks for the part in front of a closing `/**` and `/*`. */
function withoutTrailingGlob(text: string): string {
  return text.replace(/\/\*\*$/, '').replace(/\/\*$/, '');
}
