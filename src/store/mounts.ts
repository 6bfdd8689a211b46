import { type Digest, isDigest } from '../formats/digest.ts';
import { type JsonValue, parseGoJson } from '../formats/go-json.ts';
import { isCacheId, isContainerId } from '../formats/ids.ts';
import { diskRootFiles } from '../host/disk-root-files.ts';
import type { RootFiles } from '../host/root-files.ts';
import type { DataRootPaths } from './layout.ts';
import { readSmallFile } from './read-small-file.ts';

/** A writable layer of a container, or of a build that dockerd runs: `layerdb/mounts/<name>/`. */
export interface MountRecord {
  /** The container's id; 25 base-36 digits for BuildKit's. */
  readonly name: string;
  readonly mountId: string | undefined;
  readonly initId: string | undefined;
  /** Chain id of the layer it stands on. */
  readonly parent: Digest | undefined;
}

/** A container as far as images are concerned, from `containers/<id>/config.v2.json`. */
export interface ContainerRecord {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly image: Digest | undefined;
  readonly running: boolean;
  /** What the user asked for, e.g. `alpine`. */
  readonly imageName: string;
  /** RFC 3339. */
  readonly created: string;
}

/** Who uses layers and images beside other images. */
export interface Mounts {
  list(): MountRecord[];
  /** Cache-ids of the writable layers and of their -init layers. */
  cacheIds(): ReadonlySet<string>;
  /** Chain ids that writable layers stand on. */
  usedLayers(): ReadonlySet<Digest>;
  /** All containers whose config can be read, sorted by id. */
  containers(): ContainerRecord[];
}

const CONFIG_LIMIT = 16 << 20;

/** Opens the records of mounts and containers below a data-root. They are dockerd's: layerlab only reads them. */
export function openMounts(paths: DataRootPaths, files: RootFiles = diskRootFiles): Mounts {
  const list = (): MountRecord[] =>
    (files.names(paths.mounts) ?? [])
      .filter((name) => isCacheId(name))
      .map((name) => {
        const file = (field: string) =>
          readSmallFile(`${paths.mounts}/${name}/${field}`, 1024, files)?.toString('latin1');
        const [mountId, initId, parent] = [file('mount-id'), file('init-id'), file('parent')];
        return {
          name,
          mountId: mountId !== undefined && isCacheId(mountId) ? mountId : undefined,
          initId: initId !== undefined && isCacheId(initId) ? initId : undefined,
          parent: parent !== undefined && isDigest(parent) ? parent : undefined,
        };
      });
  return {
    list,
    cacheIds: () => new Set(list().flatMap(({ mountId, initId }) => [mountId ?? [], initId ?? []].flat())),
    usedLayers: () => new Set(list().flatMap(({ parent }) => parent ?? [])),
    containers: () =>
      (files.names(paths.containers) ?? [])
        .filter((name) => isContainerId(name))
        .flatMap((id) => container(id, readSmallFile(`${paths.containers}/${id}/config.v2.json`, CONFIG_LIMIT, files))),
  };
}

function container(id: string, bytes: Buffer | undefined): ContainerRecord[] {
  if (bytes === undefined) return [];
  let document: JsonValue;
  try {
    document = parseGoJson(bytes);
  } catch {
    return [];
  }
  const image = text(field(document, 'Image'));
  return [
    {
      id,
      name: text(field(document, 'Name')).replace(/^\//, ''),
      image: isDigest(image) ? image : undefined,
      running: field(field(document, 'State'), 'Running') === true,
      imageName: text(field(field(document, 'Config'), 'Image')),
      created: text(field(document, 'Created')),
    },
  ];
}

function field(value: JsonValue | undefined, key: string): JsonValue | undefined {
  return value instanceof Map ? value.get(key) : undefined;
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
