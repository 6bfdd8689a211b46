import { type Digest, isDigest } from './digest.ts';
import { type ImageConfig, parseImageConfig } from './image-config.ts';

/** What a listing tells of an image. */
export interface ImageBrief extends Pick<ImageConfig, 'os' | 'created' | 'diffIds'> {
  readonly labels: ReadonlyMap<string, string> | null;
}

/** A type of values other than null, or what else looks at them. All fields may be null. */
type Check = 'string' | 'boolean' | ((value: unknown) => boolean);
type Shape = ReadonlyMap<string, Check>;

/** Where a name or a text may hold half of a character: it becomes U+FFFD, which is not done here. */
function mayHoldHalves(text: string): boolean {
  return text.includes('\\ud') || text.includes('\\uD');
}

/**
 * As `parseImageConfig`, in a fraction of its time and memory: documents as docker writes them are looked through where the engine's own
 * parser put them. Whatever is unusual goes the long way: another field or letter case, a number, a value of another type. So
 * the same documents are taken, and the others refused with the same errors.
 */
export function parseImageBrief(bytes: Buffer): ImageBrief {
  return (bytes.length <= MOST ? briefOf(bytes.toString('utf8')) : undefined) ?? thoroughly(bytes);
}

/** Above it there is a limit to be told of, or much that is unusual. */
const MOST = 1 << 20;

function thoroughly(bytes: Buffer): ImageBrief {
  const { os, created, diffIds, config } = parseImageConfig(bytes);
  return { os, created, diffIds, labels: config?.labels ?? null };
}

function briefOf(text: string): ImageBrief | undefined {
  let image: unknown;
  try {
    image = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (mayHoldHalves(text) || !fits(image, IMAGE)) return undefined;
  const { os, created, config, rootfs } = image as Fitting;
  const labels = config?.Labels;
  return {
    os: os ?? '',
    created: created ?? undefined,
    diffIds: rootfs?.diff_ids ?? [],
    labels: labels === undefined || labels === null ? null : new Map(Object.entries(labels)),
  };
}

/** What is used of a document that has the shape IMAGE. */
interface Fitting {
  readonly os?: string | null;
  readonly created?: string | null;
  readonly config?: { readonly Labels?: Readonly<Record<string, string>> | null } | null;
  readonly rootfs?: { readonly diff_ids?: readonly Digest[] | null } | null;
}

/** An object of these fields and no others. Thousands of them in a listing: nothing is made of one. */
function fits(value: unknown, shape: Shape): boolean {
  if (!isObject(value)) return false;
  for (const key in value) {
    const check = shape.get(key);
    if (check === undefined || !passes(value[key], check)) return false;
  }
  return true;
}

function passes(value: unknown, check: Check): boolean {
  if (value === null) return true;
  return typeof check === 'string' ? typeof value === check : check(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const never: Check = () => false;
const shaped =
  (shape: Shape): Check =>
  (value) =>
    fits(value, shape);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every((item) => passes(item, check));
const objectOf =
  (check: Check): Check =>
  (value) =>
    isObject(value) && Object.values(value).every((member) => passes(member, check));
const fields = (check: Check, names: string): readonly (readonly [string, Check])[] =>
  names.split(' ').map((name) => [name, check] as const);

const CONFIG: Shape = new Map([
  ...fields('string', 'Hostname Domainname User Image WorkingDir MacAddress StopSignal'),
  ...fields('boolean', 'AttachStdin AttachStdout AttachStderr Tty OpenStdin StdinOnce ArgsEscaped NetworkDisabled'),
  ...fields(listOf('string'), 'Env Cmd Entrypoint OnBuild Shell'),
  ...fields(objectOf(shaped(new Map())), 'ExposedPorts Volumes'),
  ['Labels', (value) => isObject(value) && Object.values(value).every((label) => typeof label === 'string')],
  ...fields(never, 'Healthcheck StopTimeout'),
]);

const ROW: Shape = new Map([...fields('string', 'created created_by author comment'), ['empty_layer', 'boolean']]);

const ROOT: Shape = new Map<string, Check>([
  ['type', 'string'],
  ['diff_ids', (value) => Array.isArray(value) && value.every((id) => typeof id === 'string' && isDigest(id))],
]);

const IMAGE: Shape = new Map([
  ...fields('string', 'architecture author comment container created docker_version os os.version variant'),
  ...fields(shaped(CONFIG), 'config container_config'),
  ['history', listOf(shaped(ROW))],
  ['rootfs', shaped(ROOT)],
]);
