import { LayerlabError } from '../errors/layerlab-error.ts';
import { architectureNames } from '../formats/architecture-names.ts';
import { goQuote } from '../formats/go-quote.ts';
import { type PlatformGrammar, platforms28 } from '../profiles/build-words.ts';
import type { Platform } from './plan-options.ts';

const SYSTEMS: ReadonlySet<string> = new Set(
  'aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris windows zos'.split(
    ' ',
  ),
);
const ARCHITECTURES: ReadonlySet<string> = new Set(
  '386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm'.split(
    ' ',
  ),
);

function normalizeArchitecture(given: string, variant: string): readonly [architecture: string, variant: string] {
  const [architecture, implied] = architectureNames.get(given) ?? [given, ''];
  const known = variant || implied;
  if (architecture === 'amd64') return [architecture, known === 'v1' ? '' : known];
  if (architecture === 'arm64') return [architecture, known === 'v8' || known === '8' ? '' : known];
  if (architecture === 'arm') return [architecture, /^[5-8]$/.test(known) ? `v${known}` : known || 'v7'];
  return [architecture, known];
}

/** One way to write a platform (containerd platforms.Normalize): no variant where it goes without saying, `v7` for arm. */
export function normalizePlatform({ os, architecture, variant = '' }: Platform): Platform {
  const [name, known] = normalizeArchitecture(architecture.toLowerCase(), variant.toLowerCase());
  const system = os === 'macos' ? 'darwin' : os.toLowerCase();
  return { os: system, architecture: name, ...(known === '' ? {} : { variant: known }) };
}

/** `os/architecture[/variant]`, as TARGETPLATFORM shows it. */
export function formatPlatform(platform: Platform): string {
  return [platform.os, platform.architecture, ...(platform.variant ? [platform.variant] : [])].join('/');
}

/**
 * Reads a platform as containerd's platforms.Parse does, by the grammar of a version; what is left out is the host's. Throws LL_PARSE in its words, which
 * begin with what is no platform.
 */
export function parsePlatform(text: string, host: Platform, grammar: PlatformGrammar = platforms28): Platform {
  const invalid = (what: string): LayerlabError => new LayerlabError('LL_PARSE', `${what}: invalid argument`);
  if (text.includes('*')) throw invalid(`${goQuote(text)}: wildcards not yet supported`);
  const parts = text.split('/').map((part) => part.toLowerCase());
  for (const [index, part] of (grammar.shownLower ? parts : text.split('/')).entries()) {
    const { pattern, name, rule } = index === 0 ? grammar.system : grammar.other;
    if (pattern.test(part)) continue;
    const whole = grammar.shownLower && index > 0 ? text.toLowerCase() : text;
    throw invalid(`${goQuote(part)} is an invalid ${name} of ${goQuote(whole)}: ${rule}`);
  }
  const [first = '', second, third, ...rest] = parts;
  if (rest.length > 0) throw invalid(`${goQuote(text)}: cannot parse platform specifier`);
  const os = first === 'macos' ? 'darwin' : first;
  if (second !== undefined) {
    const [architecture, variant] = normalizeArchitecture(second, third ?? '');
    const shown =
      third === undefined
        ? architecture === 'arm' && variant === 'v7'
          ? ''
          : variant
        : variant || (architecture === 'arm64' ? 'v8' : '');
    return { os, architecture, ...(shown === '' ? {} : { variant: shown }) };
  }
  if (SYSTEMS.has(os)) return { ...normalizePlatform(host), os };
  const [architecture, variant] = normalizeArchitecture(first, '');
  if (!ARCHITECTURES.has(architecture)) throw invalid(`${goQuote(text)}: unknown operating system or architecture`);
  return { os: host.os, architecture, ...(variant === '' || variant === 'v7' ? {} : { variant }) };
}

/** The expanded value of `FROM --platform`, normalised; `shown` is how it stands in the file. Throws LL_PARSE in docker's words. */
export function stagePlatform(text: string, shown: string, host: Platform, grammar: PlatformGrammar): Platform {
  try {
    return normalizePlatform(parsePlatform(text, host, grammar));
  } catch (error) {
    if (!(error instanceof LayerlabError)) throw error;
    throw new LayerlabError('LL_PARSE', `failed to parse platform ${shown}: ${error.message}`);
  }
}

/** Whether an image of one platform serves where another is asked for (containerd platforms.Only). */
export function servesPlatform(image: Platform, wanted: Platform): boolean {
  const [has, asks] = [normalizePlatform(image), normalizePlatform(wanted)];
  if (has.os !== asks.os) return false;
  const [theirs, ours] = [level(has), level(asks)];
  if (asks.architecture === 'amd64' && has.architecture === '386') return true;
  if (asks.architecture === 'arm64' && has.architecture === 'arm') return theirs >= 5 && theirs <= 8;
  if (has.architecture !== asks.architecture) return false;
  if (asks.architecture === 'arm') return theirs >= 5 && theirs <= ours;
  if (asks.architecture === 'amd64' || asks.architecture === 'arm64') return theirs <= ours;
  return has.variant === asks.variant;
}

/** LL_NOT_FOUND for an image of another platform than the one asked for, which to BuildKit is no image at all. */
export function wrongPlatform(reference: string, image: Platform, wanted: Platform): LayerlabError {
  const [has, asks] = [formatPlatform(normalizePlatform(image)), formatPlatform(wanted)];
  return new LayerlabError(
    'LL_NOT_FOUND',
    `No such image: ${reference} for ${asks}; the one that is here is for ${has}`,
    {
      hint: 'Images are not pulled: load one of that platform, or ask for another by --platform or FROM --platform.',
    },
  );
}

/** The number of a variant: what has the lower one runs where the higher is. */
function level({ architecture, variant }: Platform): number {
  const unsaid: Readonly<Record<string, number>> = { amd64: 1, arm64: 8, arm: 7 };
  return variant === undefined
    ? (unsaid[architecture] ?? 0)
    : Number(/^v?(\d+(?:\.\d+)?)$/.exec(variant)?.[1] ?? Number.NaN);
}

/** The predefined arguments of the global scope (buildkit dockerfile2llb/platform.go). */
export function platformArgs(
  target: Platform,
  targetStage: string | undefined,
  build: Platform = target,
): ReadonlyMap<string, string> {
  const args = new Map<string, string>();
  for (const [side, platform] of [
    ['BUILD', build],
    ['TARGET', target],
  ] as const) {
    args.set(`${side}PLATFORM`, formatPlatform(platform));
    args.set(`${side}OS`, platform.os);
    args.set(`${side}OSVERSION`, '');
    args.set(`${side}ARCH`, platform.architecture);
    args.set(`${side}VARIANT`, platform.variant ?? '');
  }
  if (targetStage !== undefined) args.set('TARGETSTAGE', targetStage);
  return args;
}
