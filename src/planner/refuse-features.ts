import { LayerlabError } from '../errors/layerlab-error.ts';
import { isGitUrl } from '../formats/git-url.ts';

import type { AddInstruction, CopyInstruction, RunInstruction } from '../parser/instruction.ts';
import type { BuilderProfile } from '../profiles/builder-profile.ts';

const URL_SOURCE = /^https?:\/\//;

function needsBuildkit(flag: string): LayerlabError {
  const where = 'Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit enabled';
  return new LayerlabError('LL_UNSUPPORTED', `the --${flag} option requires BuildKit. ${where}`, {
    hint: 'Build with --builder buildkit.',
  });
}

/**
 * Runs a check of this file. Where the plan is only to be shown (`keep`), what layerlab does not build is given back
 * instead of thrown; what no docker would build is thrown all the same.
 */
export function refusalOf(keep: boolean | undefined, check: () => void): LayerlabError | undefined {
  try {
    check();
  } catch (error) {
    if (keep === true && error instanceof LayerlabError && error.code === 'LL_UNSUPPORTED') return error;
    throw error;
  }
  return undefined;
}

/** Refuses what a RUN asks for and the builder does not do: LL_UNSUPPORTED, or LL_PARSE in BuildKit's words. */
export function refuseRunFeatures(run: RunInstruction, classic: boolean): void {
  const [flag] = run.flags;
  if (classic && flag !== undefined) throw needsBuildkit(flag.name);
  if (run.devices.length > 0) {
    throw new LayerlabError(
      'LL_PARSE',
      'device feature is only supported in Dockerfile frontend 1.14.0-labs or later',
      { hint: 'Leave --device out: the frontend of Docker 28.5 is the one that is followed, whatever # syntax= says.' },
    );
  }
}

/** Refuses what a COPY or ADD asks for and layerlab does not do; `sources` are expanded. */
export function refuseCopyFeatures(
  copy: CopyInstruction | AddInstruction,
  sources: readonly string[],
  profile: Pick<BuilderProfile, 'builder' | 'knowsGit'>,
): void {
  const classic = profile.builder === 'classic';
  if (classic && copy.chmod !== '') throw needsBuildkit('chmod');
  if (copy.kind === 'COPY') {
    refuseRemoteCopy(sources, classic, profile.knowsGit);
  }
}

function refuseRemoteCopy(sources: readonly string[], classic: boolean, knowsGit: boolean): void {
  for (const source of sources) {
    if (knowsGit && isGitUrl(source)) throw new LayerlabError('LL_PARSE', "source can't be a git ref for COPY");
    if (!URL_SOURCE.test(source)) continue;
    throw new LayerlabError('LL_PARSE', `${classic ? 'COPY failed: ' : ''}source can't be a URL for COPY`);
  }
}

const SYMBOLIC_MODE = /^[ugoa]*(?:[-+=](?:[rwxXst]*|[ugo]))+(?:,[ugoa]*(?:[-+=](?:[rwxXst]*|[ugo]))+)*$/;

/** Checks an expanded `--chmod`, where the version looks at it: octal up to 07777, or symbolic as `u=rwX,go=rX`. Throws LL_PARSE in docker's words. */
export function checkChmod(chmod: string, { copies }: BuilderProfile): void {
  if (!copies.symbolicMode) return;
  const octal = /^[0-7]+$/.test(chmod) && Number.parseInt(chmod, 8) <= 0o7777;
  if (octal || SYMBOLIC_MODE.test(chmod)) return;
  const message = /^\d/.test(chmod)
    ? `invalid chmod parameter: '${chmod}'. it should be octal string and between 0 and 07777`
    : 'invalid syntax';
  throw new LayerlabError('LL_PARSE', message, {
    hint: 'Use octal digits (755) or symbols (u=rwX,go=rX).',
  });
}
