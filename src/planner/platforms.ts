import { LayerlabError } from '../errors/layerlab-error.ts';
import { architectureNames } from '../formats/architecture-names.ts';
import { goQuote } from '../formats/go-quote.ts';
import type { BuilderProfile } from '../profiles/builder-profile.ts';
import type { Platform } from './plan-options.ts';

const COMPONENT = /^[A-Za-z0-9_.-]+$/;

function normalize(platform: Platform): string {
  const [architecture, implied] = architectureNames.get(platform.architecture) ?? [platform.architecture, ''];
  const given = platform.variant || implied;
  const silent =
    (architecture === 'amd64' && given === 'v1') || (architecture === 'arm64' && (given === 'v8' || given === '8'));
  const variant = architecture === 'arm' && given === '' ? 'v7' : given;
  const os = platform.os === 'macos' ? 'darwin' : platform.os;
  return [os, architecture, ...(silent || variant === '' ? [] : [variant])].join('/');
}

/** `os/architecture[/variant]`, as TARGETPLATFORM shows it. */
export function formatPlatform(platform: Platform): string {
  return [platform.os, platform.architecture, ...(platform.variant ? [platform.variant] : [])].join('/');
}

/**
 * Checks the expanded value of `FROM --platform`. Throws LL_PARSE in docker's words for what is no platform, and
 * LL_UNSUPPORTED for one that is not the platform of the build.
 */
export function checkPlatform(text: string, shown: string, wanted: Platform, profile: BuilderProfile): void {
  const parts = text.split('/').map((part) => part.toLowerCase());
  const [os = '', architecture, variant] = parts;
  if (text === '') {
    throw new LayerlabError(
      'LL_PARSE',
      `failed to parse platform : "" is an invalid ${profile.emptyPlatform}: invalid argument`,
    );
  }
  if (parts.length > 3 || parts.some((part) => !COMPONENT.test(part))) {
    const reason = `${goQuote(text)}: cannot parse platform specifier: invalid argument`;
    throw new LayerlabError('LL_PARSE', `failed to parse platform ${shown}: ${reason}`);
  }
  const single = architecture === undefined;
  const isOs = os === wanted.os || os === 'linux' || os === 'windows' || os === 'darwin' || os === 'freebsd';
  const platform: Platform = single
    ? { os: isOs ? os : wanted.os, architecture: isOs ? wanted.architecture : os }
    : { os, architecture, ...(variant === undefined ? {} : { variant }) };
  if (normalize(platform) === normalize(wanted)) return;
  throw new LayerlabError('LL_UNSUPPORTED', `FROM --platform=${text} is not the platform of this build`, {
    hint: `Leave the flag out, or use ${formatPlatform(wanted)}: images of another platform are not built.`,
  });
}

/** The predefined arguments of the global scope (buildkit dockerfile2llb/platform.go). */
export function platformArgs(platform: Platform, targetStage: string | undefined): ReadonlyMap<string, string> {
  const args = new Map<string, string>();
  for (const side of ['BUILD', 'TARGET']) {
    args.set(`${side}PLATFORM`, formatPlatform(platform));
    args.set(`${side}OS`, platform.os);
    args.set(`${side}OSVERSION`, '');
    args.set(`${side}ARCH`, platform.architecture);
    args.set(`${side}VARIANT`, platform.variant ?? '');
  }
  if (targetStage !== undefined) args.set('TARGETSTAGE', targetStage);
  return args;
}
