import { LayerlabError } from '../errors/layerlab-error.ts';
import { type GitUrl, isGitUrl, parseGitUrl } from '../formats/git-url.ts';
import type { AddInstruction } from '../parser/instruction.ts';
import type { BuilderProfile } from '../profiles/builder-profile.ts';
import type { RemoteSource } from './step.ts';

export const NO_REMOTES: ReadonlyMap<string, RemoteSource> = new Map();

const HTTP = /^https?:\/\//;
const DIGEST_SIZES = new Map([
  ['sha256', 64],
  ['sha384', 96],
  ['sha512', 128],
]);

/**
 * Which sources of an ADD are fetched, and how (buildkit dockerfile2llb/convert.go dispatchCopy). The classic builder and Docker
 * 20.10 know http(s) alone and take `.git` for any other file; classic passes over `--checksum`, `--keep-git-dir` and `--unpack`.
 *
 * @param add with its words expanded
 * @throws LL_PARSE in the builder's words
 */
export function remoteSources(
  add: AddInstruction,
  { builder, knowsGit }: Pick<BuilderProfile, 'builder' | 'knowsGit'>,
): ReadonlyMap<string, RemoteSource> {
  const classic = builder === 'classic';
  if (!classic && add.checksum !== '') checkChecksum(add);
  const remotes = new Map<string, RemoteSource>();
  for (const word of add.sources) {
    const git = knowsGit ? parseGitUrl(word) : undefined;
    if (git !== undefined && !git.looksLocal) remotes.set(word, gitSource(add, git));
    else if (HTTP.test(word)) {
      const checksum = classic || add.checksum === '' ? undefined : digest(add.checksum);
      remotes.set(word, { kind: 'http', url: word, checksum });
    }
  }
  return remotes;
}

function checkChecksum({ sources }: AddInstruction): void {
  const [source = ''] = sources;
  if (sources.length !== 1) throw refuse("checksum can't be specified for multiple sources");
  if (!HTTP.test(source) && !isGitUrl(source)) throw refuse('checksum requires HTTP(S) or Git sources');
}

function gitSource(add: AddInstruction, url: GitUrl): RemoteSource {
  const flag = add.flags.some(({ name }) => name === 'keep-git-dir') ? add.keepGitDir : undefined;
  if (flag !== undefined && url.keepGitDir !== undefined && flag !== url.keepGitDir) {
    throw refuse('inconsistent keep-git-dir configuration');
  }
  if (add.checksum !== '' && url.checksum !== '' && add.checksum !== url.checksum) {
    throw refuse(`checksum mismatch ${JSON.stringify(add.checksum)} != ${JSON.stringify(url.checksum)}`);
  }
  return { kind: 'git', url, keepGitDir: url.keepGitDir ?? flag ?? false, checksum: url.checksum || add.checksum };
}

/** As Go's digest package reads one. */
function digest(text: string): string {
  const [, algorithm = '', hex = ''] = /^([A-Za-z0-9_+.-]+):([a-zA-Z0-9=_-]+)$/.exec(text) ?? [];
  if (algorithm === '') throw refuse('invalid checksum digest format');
  const size = DIGEST_SIZES.get(algorithm);
  if (size === undefined) throw refuse('unsupported digest algorithm');
  if (hex.length !== size) throw refuse('invalid checksum digest length');
  if (!/^[0-9a-f]+$/.test(hex)) throw refuse('invalid checksum digest format');
  return text;
}

function refuse(message: string): LayerlabError {
  return new LayerlabError('LL_PARSE', message);
}
