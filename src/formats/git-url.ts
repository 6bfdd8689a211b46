import { LayerlabError } from '../errors/layerlab-error.ts';

/** A git repository as a Dockerfile or a command line names it. */
export interface GitUrl {
  /** What git is given: without query and fragment. */
  readonly remote: string;
  readonly scheme: 'http' | 'https' | 'ssh' | 'git';
  /** A branch, tag or commit; empty: the default branch. */
  readonly ref: string;
  /** A commit that the ref has to lead to, or the beginning of its name; empty where none is asked for. */
  readonly checksum: string;
  /** A folder of the repository that counts as its root, as written; empty: all of it. */
  readonly subdir: string;
  /** Undefined where the URL does not say. */
  readonly keepGitDir: boolean | undefined;
  readonly submodules: boolean | undefined;
  /** `github.com/...` without a protocol, which could as well be a path: only a build context may be called so. */
  readonly looksLocal: boolean;
}

const PROTOCOL = /^([a-zA-Z0-9]+):\/\//;
const SCHEMES: ReadonlySet<string> = new Set(['http', 'https', 'ssh', 'git']);
/** `user@host:path` (buildkit util/sshutil ParseSCPStyleURL). */
const SCP = /^[a-zA-Z0-9-_]+@[a-zA-Z0-9-.]+:/;
const TRUE = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);

/**
 * Reads the name of a git repository (buildkit frontend/dockerfile/dfgitutil): `git@host:path`, `ssh://`, `git://`, and
 * `http(s)://` where the path ends in `.git`; then `#ref:subdir` or a query. Undefined where the text is none.
 *
 * @throws LL_PARSE, in BuildKit's words, for a repository whose query it does not understand
 */
export function parseGitUrl(text: string): GitUrl | undefined {
  if (text.startsWith('./') || text.startsWith('../') || hasControls(text)) return undefined;
  const looksLocal = text.startsWith('github.com/');
  const scheme = looksLocal ? 'https' : (schemeOf(text) as GitUrl['scheme'] | undefined);
  if (scheme === undefined) return undefined;
  const hash = text.indexOf('#');
  const address = hash < 0 ? text : text.slice(0, hash);
  const fragment = hash < 0 ? '' : decode(text.slice(hash + 1));
  const mark = address.indexOf('?');
  const bare = mark < 0 ? address : address.slice(0, mark);
  if (!looksLocal && scheme.startsWith('http') && !/^[^:]+:\/\/[^/]*\/.*\.git$/.test(bare)) return undefined;
  const colon = fragment.indexOf(':');
  const start: Draft = {
    ref: colon < 0 ? fragment : fragment.slice(0, colon),
    subdir: colon < 0 ? '' : fragment.slice(colon + 1),
    checksum: '',
    keepGitDir: undefined,
    submodules: undefined,
  };
  const query = mark < 0 ? start : readQuery(address.slice(mark + 1), start);
  return { ...query, remote: looksLocal ? `https://${bare}` : bare, scheme, looksLocal };
}

/** Whether a text names a git repository, be its query understood or not. */
export function isGitUrl(text: string): boolean {
  try {
    return parseGitUrl(text)?.looksLocal === false;
  } catch (error) {
    if (error instanceof LayerlabError) return true;
    throw error;
  }
}

function schemeOf(text: string): string | undefined {
  const protocol = PROTOCOL.exec(text)?.[1]?.toLowerCase();
  if (protocol !== undefined) return SCHEMES.has(protocol) ? protocol : undefined;
  return SCP.test(text) ? 'ssh' : undefined;
}

function hasControls(text: string): boolean {
  return [...text].some((letter) => letter < ' ' || letter === '\x7f');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

type Draft = Pick<GitUrl, 'ref' | 'subdir' | 'checksum' | 'keepGitDir' | 'submodules'>;

function readQuery(query: string, start: Draft): Draft {
  const given = new URLSearchParams(query);
  let draft = start;
  for (const key of new Set(given.keys())) {
    const values = given.getAll(key);
    if (values.length > 1) throw refuse(`query ${JSON.stringify(key)} has multiple values`);
    const value = values[0] ?? '';
    if (value === '' && key !== 'submodules' && key !== 'keep-git-dir') {
      throw refuse(`query ${JSON.stringify(key)} has no value`);
    }
    draft = withField(draft, key, value);
  }
  draft = withBranch(draft, given.get('tag') ?? '', given.get('branch') ?? '');
  return draft.checksum !== '' && draft.ref === '' ? { ...draft, ref: draft.checksum } : draft;
}

function withField(draft: Draft, key: string, value: string): Draft {
  switch (key) {
    case 'ref':
    case 'subdir':
      return { ...draft, [key]: agreeing(key, draft[key], value) };
    case 'checksum':
    case 'commit':
      return { ...draft, checksum: value };
    case 'keep-git-dir':
      return { ...draft, keepGitDir: flag(key, value) };
    case 'submodules':
      return { ...draft, submodules: flag(key, value) };
    case 'tag':
    case 'branch':
      return draft;
    default:
      throw refuse(`unexpected query ${JSON.stringify(key)}`);
  }
}

function withBranch(draft: Draft, tag: string, branch: string): Draft {
  if (tag !== '' && branch !== '') throw refuse('branch conflicts with tag');
  if (tag === '' && branch === '') return draft;
  const [prefix, name] = tag === '' ? ['refs/heads/', branch] : ['refs/tags/', tag];
  return { ...draft, ref: agreeing('ref', draft.ref, name.startsWith(prefix) ? name : prefix + name) };
}

function agreeing(what: string, before: string, now: string): string {
  if (before === '' || before === now) return now;
  throw refuse(`${what} conflicts: ${JSON.stringify(before)} vs ${JSON.stringify(now)}`);
}

function flag(key: string, value: string): boolean {
  if (value === '' || TRUE.has(value)) return true;
  if (FALSE.has(value)) return false;
  throw refuse(`invalid ${key} value: ${JSON.stringify(value)}`);
}

function refuse(message: string): LayerlabError {
  return new LayerlabError('LL_PARSE', message);
}
