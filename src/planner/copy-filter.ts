import { LayerlabError } from '../errors/layerlab-error.ts';
import type { ByteString } from '../formats/bytestring.ts';
import { fromByteString } from '../formats/bytestring.ts';
import { type IgnoreMatcher, ignoreMatcher } from '../parser/dockerignore.ts';
import { trimGoSpace } from '../parser/go-text.ts';
import type { CopyAction } from './step.ts';
import { joinPath } from './unix-path.ts';

/** Decides what below a source is copied. Paths are relative to the source, without a slash at either end. */
export interface CopyFilter {
  takes(path: ByteString, isDir: boolean): boolean;
  /** Whether a folder that is not taken itself may hold something that is. */
  mayTakeBelow(path: ByteString): boolean;
}

/** Where a source word of COPY or ADD is looked for, and what of it is taken. */
export interface SourcePlace {
  /** What is copied: a path or a wildcard, relative to the root of the source. */
  readonly root: string;
  /** Has to be there; undefined where a wildcard may match nothing. */
  readonly required: string | undefined;
  /** Undefined: all of it. */
  readonly filter: CopyFilter | undefined;
  /** Whether links that are taken of the very root have to lead somewhere: BuildKit follows them where it filters. */
  readonly followsLinks: boolean;
}

/**
 * What a source word of a step means, `--parents` and `--exclude` included (buildkit dockerfile2llb/convert_copy.go): with
 * `--parents` the root is copied (what is in front of `/./`, where the word has that) and only what the word names is taken
 * of it. Patterns follow the rules of .dockerignore, from the source down; unlike there, one with a slash in front
 * matches nothing. A source that is a file is always taken.
 *
 * @throws LL_PARSE for a pattern that docker refuses, in its words
 */
export function sourcePlace(action: Pick<CopyAction, 'parents' | 'excludes'>, word: string): SourcePlace {
  const exclude = matcherOf('exclude', action.excludes);
  if (!action.parents) {
    return {
      root: word,
      required: undefined,
      filter: exclude && filterOf(undefined, exclude),
      followsLinks: exclude !== undefined,
    };
  }
  const pivot = word.indexOf('/./');
  const root = pivot < 0 ? '/' : word.slice(0, pivot);
  const pattern = joinPath('/', pivot < 0 ? word : word.slice(pivot + 3));
  const required = hasWildcard(root) || hasWildcard(pattern) ? undefined : joinPath('/', root, pattern);
  const include = matcherOf('include', [pattern.slice(1)]);
  return { root: joinPath('/', root), required, filter: filterOf(include ?? NOTHING, exclude), followsLinks: false };
}

const NOTHING = ignoreMatcher([]);

function hasWildcard(text: string): boolean {
  return /[*?[]/.test(text.replace(/\\[\s\S]?/g, ''));
}

const remembered = new WeakMap<readonly string[], IgnoreMatcher>();

/** Undefined where no pattern was given. */
function matcherOf(which: 'include' | 'exclude', patterns: readonly string[]): IgnoreMatcher | undefined {
  if (patterns.length === 0) return undefined;
  const known = remembered.get(patterns);
  if (known !== undefined) return known;
  const lines = patterns.map(trimGoSpace).filter((pattern) => pattern !== '');
  try {
    const matcher = ignoreMatcher(lines);
    remembered.set(patterns, matcher);
    return matcher;
  } catch (error) {
    if (!(error instanceof LayerlabError) || error.code !== 'LL_CONTEXT') throw error;
    const cause = error.message.replace(/^(syntax error in pattern)[\s\S]*$/, '$1');
    throw new LayerlabError('LL_PARSE', `invalid ${which}patterns: [${patterns.join(' ')}]: ${cause}`, {
      hint: 'Patterns are those of .dockerignore: check the brackets and backslashes.',
    });
  }
}

function filterOf(include: IgnoreMatcher | undefined, exclude: IgnoreMatcher | undefined): CopyFilter {
  const exceptions = exclude?.patterns.filter((text) => text.startsWith('!')).map((text) => fixedNames(text.slice(1)));
  const wanted = include?.patterns.filter((text) => !text.startsWith('!')).map(fixedNames);
  return {
    takes: (path, isDir) => include?.ignores(path, isDir) !== false && exclude?.ignores(path, isDir) !== true,
    mayTakeBelow: (path) => {
      const names = fromByteString(path).split('/');
      if (wanted !== undefined && !wanted.some((fixed) => agree(fixed, names))) return false;
      return exclude?.ignores(path, true) !== true || exceptions?.some((fixed) => agree(fixed, names)) === true;
    },
  };
}

/** The names that a pattern begins with, up to the first that has something special in it. */
function fixedNames(pattern: string): readonly string[] {
  const names = pattern.split('/');
  const special = names.findIndex((name) => /[*?[\]\\^]/.test(name));
  return special < 0 ? names : names.slice(0, special);
}

function agree(fixed: readonly string[], names: readonly string[]): boolean {
  return fixed.slice(0, names.length).every((name, at) => name === names[at]);
}
