import type { ByteString } from '../../formats/bytestring.ts';
import { digestOf } from '../../formats/digest.ts';
import { type ImageConfig, parseImageConfig } from '../../formats/image-config.ts';
import type { RootStat } from '../../host/root-files.ts';
import type { DataRootPaths } from '../../store/layout.ts';
import type { RootReader, Small } from './root-reader.ts';

/** A folder of `layerdb/sha256`. */
export interface LayerFacts {
  readonly name: string;
  readonly dir: ByteString;
  readonly empty: boolean;
  readonly diff: Small;
  readonly cacheId: Small;
  readonly size: Small;
  readonly parent: Small;
  readonly descriptor: Small;
  readonly tarSplit: RootStat | undefined;
}

/** A folder of `overlay2`. */
export interface SnapshotFacts {
  readonly name: string;
  readonly dir: ByteString;
  readonly stat: RootStat | undefined;
  readonly link: Small;
  readonly lower: Small;
  readonly diff: RootStat | undefined;
  readonly work: RootStat | undefined;
  readonly merged: RootStat | undefined;
}

/** A file of `imagedb/content/sha256`. */
export interface ImageFacts {
  readonly name: string;
  readonly path: ByteString;
  readonly content: Small;
  readonly digestFits: boolean;
  /** Undefined where the content is no image config. */
  readonly config: ImageConfig | undefined;
  readonly error: string;
}

/** A folder of `layerdb/mounts`. */
export interface MountFacts {
  readonly name: string;
  readonly dir: ByteString;
  readonly mountId: Small;
  readonly initId: Small;
  readonly parent: Small;
}

/** A folder of `containers`. */
export interface ContainerFacts {
  readonly name: string;
  readonly dir: ByteString;
  readonly config: Small;
}

/** All small records of a data-root, read once. The steps of the check only compare them. */
export interface Survey {
  readonly reader: RootReader;
  readonly paths: DataRootPaths;
  readonly layers: ReadonlyMap<string, LayerFacts>;
  readonly snapshots: ReadonlyMap<string, SnapshotFacts>;
  /** Names in `overlay2/l` with the text of the link; undefined where it is none. */
  readonly links: ReadonlyMap<string, ByteString | undefined>;
  readonly images: ReadonlyMap<string, ImageFacts>;
  readonly repositories: Small;
  readonly mounts: ReadonlyMap<string, MountFacts>;
  readonly containers: ReadonlyMap<string, ContainerFacts>;
  /** Whether dockerd's BuildKit may know an id: it stands in one of its databases. */
  readonly buildkitKnows: (id: string) => boolean;
}

const HEX = /^[0-9a-f]{64}$/;
const CONFIG_LIMIT = 64 << 20;
const DATABASE_LIMIT = 1 << 30;
const DATABASES = ['snapshots.db', 'metadata_v2.db', 'cache.db', 'containerdmeta.db'];

/** Reads the records of a data-root. Throws nothing: what cannot be read is noted by the reader. */
export function survey(reader: RootReader, paths: DataRootPaths): Survey {
  return {
    reader,
    paths,
    layers: byName(folders(reader, paths.layers), HEX, (name) => layerFacts(reader, paths, name)),
    snapshots: byName(reader.names(paths.overlay), /^(?!l$)[0-9a-z]+(?:-init)?$/, (name) =>
      snapshotFacts(reader, paths, name),
    ),
    links: new Map(reader.names(paths.links).map((name) => [name, reader.link(`${paths.links}/${name}`)])),
    images: byName(reader.names(paths.imageContent), HEX, (name) => imageFacts(reader, paths, name)),
    repositories: reader.small(paths.repositories, CONFIG_LIMIT),
    mounts: byName(folders(reader, paths.mounts), /^[0-9a-z]+$/, (name) => mountFacts(reader, paths, name)),
    containers: byName(folders(reader, paths.containers), HEX, (name) => containerFacts(reader, paths, name)),
    buildkitKnows: buildkit(reader, paths),
  };
}

/** Folders themselves: a link to one could lead anywhere. What may not be looked at counts as one. */
function folders(reader: RootReader, dir: ByteString): readonly string[] {
  return reader.names(dir).filter((name) => (reader.stat(`${dir}/${name}`)?.kind ?? 'dir') === 'dir');
}

function byName<T>(names: readonly string[], grammar: RegExp, read: (name: string) => T): ReadonlyMap<string, T> {
  return new Map(names.filter((name) => grammar.test(name)).map((name) => [name, read(name)]));
}

function layerFacts(reader: RootReader, paths: DataRootPaths, name: string): LayerFacts {
  const dir = `${paths.layers}/${name}`;
  return {
    name,
    dir,
    empty: reader.names(dir).length === 0 && !reader.hides(dir),
    diff: reader.small(`${dir}/diff`),
    cacheId: reader.small(`${dir}/cache-id`),
    size: reader.small(`${dir}/size`),
    parent: reader.small(`${dir}/parent`),
    descriptor: reader.small(`${dir}/descriptor.json`, 1 << 20),
    tarSplit: reader.stat(`${dir}/tar-split.json.gz`),
  };
}

function snapshotFacts(reader: RootReader, paths: DataRootPaths, name: string): SnapshotFacts {
  const dir = `${paths.overlay}/${name}`;
  return {
    name,
    dir,
    stat: reader.stat(dir),
    link: reader.small(`${dir}/link`),
    lower: reader.small(`${dir}/lower`, 64 << 10),
    diff: reader.stat(`${dir}/diff`),
    work: reader.stat(`${dir}/work`),
    merged: reader.stat(`${dir}/merged`),
  };
}

function imageFacts(reader: RootReader, paths: DataRootPaths, name: string): ImageFacts {
  const path = `${paths.imageContent}/${name}`;
  const content = reader.small(path, CONFIG_LIMIT);
  if (content.state !== 'text') return { name, path, content, digestFits: false, config: undefined, error: '' };
  const digestFits = digestOf(content.bytes) === `sha256:${name}`;
  try {
    return { name, path, content, digestFits, config: parseImageConfig(content.bytes), error: '' };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { name, path, content, digestFits, config: undefined, error: why };
  }
}

function mountFacts(reader: RootReader, paths: DataRootPaths, name: string): MountFacts {
  const dir = `${paths.mounts}/${name}`;
  return {
    name,
    dir,
    mountId: reader.small(`${dir}/mount-id`),
    initId: reader.small(`${dir}/init-id`),
    parent: reader.small(`${dir}/parent`),
  };
}

function containerFacts(reader: RootReader, paths: DataRootPaths, name: string): ContainerFacts {
  const dir = `${paths.containers}/${name}`;
  return { name, dir, config: reader.small(`${dir}/config.v2.json`, 16 << 20) };
}

/** The databases are read when the first id is asked for. What was deleted may still stand in them: the answer errs to "yes". */
function buildkit(reader: RootReader, paths: DataRootPaths): (id: string) => boolean {
  let databases: readonly Small[] | undefined;
  return (id) => {
    databases ??= DATABASES.map((name) => reader.small(`${paths.root}/buildkit/${name}`, DATABASE_LIMIT));
    return databases.some((file) => {
      // Where a database cannot be read, whatever is not ours may be BuildKit's.
      if (file.state !== 'text') return file.state !== 'absent';
      return file.bytes.includes(id, 0, 'latin1');
    });
  };
}
