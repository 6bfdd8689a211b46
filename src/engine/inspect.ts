import type { ContainerConfig, HealthConfig } from '../formats/container-config.ts';
import type { Digest } from '../formats/digest.ts';
import { type GoStruct, type GoValue, goStruct } from '../formats/go-json.ts';
import { formatGoTime, parseGoTime } from '../formats/go-time.ts';
import { chainOf } from '../store/layerdb.ts';
import type { Store } from '../store/store.ts';
import { inspectContainer } from './containers/inspect-container.ts';
import { imageNames, imageSize } from './image-facts.ts';
import { findContainer } from './look/find-container.ts';
import { openForReading } from './open-for-reading.ts';
import { findImage } from './resolve-image.ts';

export interface InspectOptions {
  readonly dataRoot: string;
  readonly names: readonly string[];
  /** Only what is of this kind; else a container goes before an image, as with docker. */
  readonly type?: 'image' | 'container';
}

export interface InspectResult {
  /** One object an image, its keys in docker's order: print with `encodeGoJson`. */
  readonly found: readonly GoStruct[];
  /** What each of them is. */
  readonly kinds: readonly ('image' | 'container')[];
  /** What was asked for and is not there, as given. */
  readonly missing: readonly string[];
}

const ZERO_TIME = '0001-01-01T00:00:00Z';

/** What `docker inspect` of 28.5 (API 1.50 and later) says of containers and images. Throws LL_REFERENCE, LL_CORRUPT. */
export function inspect(options: InspectOptions): InspectResult {
  const store = openForReading(options.dataRoot);
  const found: GoStruct[] = [];
  const kinds: ('image' | 'container')[] = [];
  const missing: string[] = [];
  for (const name of options.names) {
    const container = options.type === 'image' ? undefined : findContainer(store, name);
    if (container !== undefined) {
      found.push(inspectContainer(store, container.record));
      kinds.push('container');
      continue;
    }
    const id = options.type === 'container' ? undefined : findImage(store, name);
    const described = id === undefined ? undefined : inspectImage(store, id);
    if (described === undefined) missing.push(name);
    else {
      found.push(described);
      kinds.push('image');
    }
  }
  return { found, kinds, missing };
}

function inspectImage(store: Store, id: Digest): GoStruct | undefined {
  const image = store.images.config(id);
  if (image === undefined) return undefined;
  const { tags, digests } = imageNames(store, id);
  const top = chainOf(image.diffIds);
  const layer = top === undefined ? undefined : store.layers.require(top);
  return goStruct([
    ['Id', id],
    ['RepoTags', tags],
    ['RepoDigests', digests],
    ['Parent', store.images.parent(id) ?? ''],
    // BuildKit's images have none of their own: then the last row's stands for it.
    ['Comment', image.comment || (image.history.at(-1)?.comment ?? '')],
    ['Created', image.created === undefined ? undefined : normalTime(image.created), true],
    ['DockerVersion', image.dockerVersion],
    ['Author', image.author],
    ['Architecture', image.architecture],
    ['Variant', image.variant, true],
    ['Os', image.os],
    ['OsVersion', image.osVersion, true],
    ['Size', imageSize(store, image)],
    [
      'GraphDriver',
      goStruct([
        ['Data', layer === undefined ? null : store.overlay.graphDriverData(layer.cacheId)],
        ['Name', 'overlay2'],
      ]),
    ],
    [
      'RootFS',
      goStruct([
        ['Type', 'layers'],
        ['Layers', image.diffIds, true],
      ]),
    ],
    ['Metadata', goStruct([['LastTagTime', normalTime(store.images.lastUpdated(id) ?? ZERO_TIME)]])],
    ['Config', configMap(image.config)],
  ]);
}

/** The fields of an image's config that are not a container's; those that old clients count on are there even when unset. */
function configMap(config: ContainerConfig | undefined): ReadonlyMap<string, GoValue> {
  const fields = new Map<string, GoValue>([
    ['Cmd', list(config?.cmd)],
    ['Entrypoint', list(config?.entrypoint)],
    ['Env', list(config?.env)],
    ['Labels', config?.labels != null && config.labels.size > 0 ? config.labels : null],
    ['OnBuild', list(config?.onBuild)],
    ['User', config?.user ?? ''],
    ['Volumes', keySet(config?.volumes)],
    ['WorkingDir', config?.workingDir ?? ''],
  ]);
  if (config === undefined) return fields;
  if (config.argsEscaped) fields.set('ArgsEscaped', true);
  if (config.exposedPorts !== null && config.exposedPorts.size > 0)
    fields.set('ExposedPorts', keySet(config.exposedPorts));
  if (config.healthcheck !== null) fields.set('Healthcheck', healthMap(config.healthcheck));
  if (config.stopSignal !== '') fields.set('StopSignal', config.stopSignal);
  if (config.shell !== null && config.shell.length > 0) fields.set('Shell', config.shell);
  return fields;
}

function healthMap(health: HealthConfig): ReadonlyMap<string, GoValue> {
  const fields = new Map<string, GoValue>();
  if (health.test !== undefined && health.test.length > 0) fields.set('Test', health.test);
  const durations = [
    ['Interval', health.interval],
    ['Timeout', health.timeout],
    ['StartPeriod', health.startPeriod],
    ['StartInterval', health.startInterval],
  ] as const;
  for (const [key, value] of durations) if (value !== undefined && value !== 0n) fields.set(key, value);
  if (health.retries !== undefined && health.retries !== 0) fields.set('Retries', health.retries);
  return fields;
}

function list(texts: readonly string[] | null | undefined): readonly string[] | null {
  return texts == null || texts.length === 0 ? null : texts;
}

function keySet(keys: ReadonlySet<string> | null | undefined): ReadonlyMap<string, GoValue> | null {
  return keys == null || keys.size === 0 ? null : new Map([...keys].map((key) => [key, goStruct([])]));
}

/** A time as Go prints it after reading it. */
function normalTime(text: string): string {
  try {
    return formatGoTime(parseGoTime(text));
  } catch {
    return ZERO_TIME;
  }
}
