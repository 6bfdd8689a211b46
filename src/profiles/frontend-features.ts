/** The builder flags that not every Dockerfile frontend knows; no two instructions have one of a name with another meaning. */
export type FrontendFlag =
  | 'link'
  | 'checksum'
  | 'exclude'
  | 'parents'
  | 'unpack'
  | 'security'
  | 'device'
  | 'network'
  | 'keep-git-dir'
  | 'start-interval';

/** The flags of `FrontendFlag` that a frontend knows. */
export type FrontendFeatures = ReadonlySet<FrontendFlag>;

type Version = readonly [major: number, minor: number];

interface FlagHistory {
  readonly flag: FrontendFlag;
  /** First version of the labs channel with the flag. */
  readonly labs: Version;
  /** First version of the stable channel with the flag. */
  readonly stable: Version;
}

/** Release notes of docker/dockerfile, by the version that brought a flag; `device` from where it is refused by a name of its own. */
const HISTORY: readonly FlagHistory[] = [
  { flag: 'network', labs: [1, 1], stable: [1, 3] },
  { flag: 'link', labs: [1, 4], stable: [1, 4] },
  { flag: 'keep-git-dir', labs: [1, 5], stable: [1, 6] },
  { flag: 'start-interval', labs: [1, 6], stable: [1, 6] },
  { flag: 'checksum', labs: [1, 5], stable: [1, 6] },
  { flag: 'unpack', labs: [1, 17], stable: [1, 17] },
  { flag: 'exclude', labs: [1, 7], stable: [1, 19] },
  { flag: 'parents', labs: [1, 7], stable: [1, 20] },
  { flag: 'security', labs: [1, 2], stable: [1, 20] },
  { flag: 'device', labs: [1, 14], stable: [1, 14] },
];

const HEREDOCS: Version = [1, 4];
const NEWEST: Version = [Number.POSITIVE_INFINITY, 0];

/** A release of docker/dockerfile. */
export interface Frontend {
  readonly version: Version;
  readonly labs: boolean;
}

const IMAGE =
  /^(?:(?:index\.)?docker\.io\/)?docker\/dockerfile(?:-upstream)?(?::([\w.-]{1,128}))?(?:@sha256:[0-9a-f]{64})?$/;
const TAG = /^(\d{1,6})(?:\.(\d{1,6})(?:\.\d{1,6})?)?(?:-rc\d{1,6})?(-labs|-experimental)?$/;

/**
 * The frontend of a `# syntax=` line (or of BUILDKIT_SYNTAX), by the version in the tag of `docker/dockerfile` or
 * `docker/dockerfile-upstream`; a tag without a version is the newest one, `-labs` is the labs channel. Without a line, and for
 * frontends of others, which are never fetched: `builtIn`.
 */
export function frontendOf(syntax: string | undefined, builtIn: Frontend): Frontend {
  const image = IMAGE.exec(syntax?.trim().split(/\s/, 1)[0] ?? '');
  if (image === null) return builtIn;
  const tag = image[1] ?? 'latest';
  const labs = /(?:^|-)(?:labs|experimental)$/.test(tag);
  const numbers = TAG.exec(tag);
  if (numbers === null) return { version: NEWEST, labs };
  const major = Number(numbers[1]);
  // A tag like `1` moves on with every release of that major version.
  return { version: [major, numbers[2] === undefined ? Number.POSITIVE_INFINITY : Number(numbers[2])], labs };
}

function reaches([major, minor]: Version, first: Version): boolean {
  return major > first[0] || (major === first[0] && minor >= first[1]);
}

/** The first stable frontend that knows a flag, as a `# syntax=` line names it; undefined for a flag that all have or none has. */
export function frontendWith(flag: string): string | undefined {
  const stable = HISTORY.find((entry) => entry.flag === flag)?.stable;
  return stable === undefined ? undefined : `docker/dockerfile:${stable[0]}.${stable[1]}`;
}

const VERSIONED: ReadonlySet<string> = new Set(HISTORY.map(({ flag }) => flag));

/** Whether a frontend with these features takes a flag: one of `FrontendFlag` only if it is among them. */
export function knowsFlag(features: FrontendFeatures, flag: string): boolean {
  const known: ReadonlySet<string> = features;
  return !VERSIONED.has(flag) || known.has(flag);
}

/** Whether a frontend knows here-documents. */
export function knowsHeredocs({ version }: Frontend): boolean {
  return reaches(version, HEREDOCS);
}

const remembered = new Map<string, FrontendFeatures>();

/** The flags that a frontend knows. */
export function frontendFeatures({ version, labs }: Frontend): FrontendFeatures {
  const name = `${version.join('.')}${labs ? '-labs' : ''}`;
  const known = remembered.get(name);
  if (known !== undefined) return known;
  const flags = new Set(
    HISTORY.filter((entry) => reaches(version, labs ? entry.labs : entry.stable)).map(({ flag }) => flag),
  );
  if (remembered.size < 100) remembered.set(name, flags);
  return flags;
}
