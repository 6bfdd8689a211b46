/** The builder flags that not every Dockerfile frontend knows; no two instructions have one of a name with another meaning. */
export type FrontendFlag = 'link' | 'checksum' | 'exclude' | 'parents' | 'unpack' | 'security' | 'device';

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

/** Release notes of docker/dockerfile, by the version that brought a flag. */
const HISTORY: readonly FlagHistory[] = [
  { flag: 'link', labs: [1, 4], stable: [1, 4] },
  { flag: 'checksum', labs: [1, 5], stable: [1, 6] },
  { flag: 'unpack', labs: [1, 17], stable: [1, 17] },
  { flag: 'exclude', labs: [1, 7], stable: [1, 19] },
  { flag: 'parents', labs: [1, 7], stable: [1, 20] },
  { flag: 'security', labs: [1, 2], stable: [1, 20] },
  { flag: 'device', labs: [1, 14], stable: [1, 27] },
];

/** The frontend inside Docker 28.5 (BuildKit 0.25). */
const BUILT_IN: Frontend = { version: [1, 19], labs: false };
const NEWEST: Version = [Number.POSITIVE_INFINITY, 0];

interface Frontend {
  readonly version: Version;
  readonly labs: boolean;
}

const IMAGE =
  /^(?:(?:index\.)?docker\.io\/)?docker\/dockerfile(?:-upstream)?(?::([\w.-]{1,128}))?(?:@sha256:[0-9a-f]{64})?$/;
const TAG = /^(\d{1,6})(?:\.(\d{1,6})(?:\.\d{1,6})?)?(?:-rc\d{1,6})?(-labs|-experimental)?$/;

function frontendOf(syntax: string | undefined): Frontend {
  const image = IMAGE.exec(syntax?.trim().split(/\s/, 1)[0] ?? '');
  if (image === null) return BUILT_IN;
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

/** The first stable frontend that knows a flag, as a `# syntax=` line names it. */
export function frontendWith(flag: FrontendFlag): string {
  const [major, minor] = HISTORY.find((entry) => entry.flag === flag)?.stable ?? NEWEST;
  return `docker/dockerfile:${major}.${minor}`;
}

const remembered = new Map<string, FrontendFeatures>();

/**
 * What the frontend of a `# syntax=` line (or of BUILDKIT_SYNTAX) knows, by the version in the tag of `docker/dockerfile`
 * or `docker/dockerfile-upstream`; a tag without a version is the newest one, `-labs` is the labs channel. Without a line,
 * and for frontends of others, which are never fetched: what is inside Docker 28.5.
 */
export function frontendFeatures(syntax: string | undefined): FrontendFeatures {
  const { version, labs } = frontendOf(syntax);
  const name = `${version.join('.')}${labs ? '-labs' : ''}`;
  const known = remembered.get(name);
  if (known !== undefined) return known;
  const flags = new Set(
    HISTORY.filter((entry) => reaches(version, labs ? entry.labs : entry.stable)).map(({ flag }) => flag),
  );
  if (remembered.size < 100) remembered.set(name, flags);
  return flags;
}
