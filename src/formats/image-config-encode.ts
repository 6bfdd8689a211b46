import { emptyContainerConfig } from './container-config.ts';
import { buildkitConfigJson, classicConfigJson } from './container-config-json.ts';
import { encodeGoJson, type GoStruct, type GoStructField, type GoValue, goStruct } from './go-json-encode.ts';
import type { HistoryRow, ImageConfig } from './image-config.ts';

export interface ClassicImageOptions {
  /** Where `author` stands in a history row: `after` created_by since Docker 25, `before` it up to 24. */
  readonly historyAuthor?: 'before' | 'after';
  /** Escape backspace and form feed the long way, as Docker built with Go before 1.22 does. */
  readonly longEscapes?: boolean;
}

export interface BuildkitImageOptions {
  /** The config's fields as up to BuildKit 0.12: the health check before ArgsEscaped, and OnBuild there even when null. */
  readonly earlyLayout?: boolean;
  /** As in `ClassicImageOptions`. */
  readonly longEscapes?: boolean;
}

/**
 * The bytes of an image config as the classic builder, commit and import write it: top-level keys sorted, no newline at the
 * end (moby image/image.go MarshalJSON). Fields that moby does not know are left out.
 */
export function encodeClassicImage(image: ImageConfig, options: ClassicImageOptions = {}): Buffer {
  const early = options.historyAuthor === 'before';
  return encode(
    [
      ['architecture', image.architecture, true],
      ['author', image.author, true],
      ['comment', image.comment, true],
      ['config', image.config === undefined ? undefined : classicConfigJson(image.config)],
      ['container', image.container, true],
      ['container_config', image.containerConfig === undefined ? undefined : classicConfigJson(image.containerConfig)],
      ['created', image.created ?? null],
      ['docker_version', image.dockerVersion, true],
      ['history', image.history.map((row) => historyJson(row, early)), true],
      ...platformFields(image),
      ['rootfs', rootfsJson(image, true)],
      ['variant', image.variant, true],
    ],
    options.longEscapes === true,
  );
}

/**
 * The bytes of an image config as the classic builder writes one that it restores of another's history: in the order of the
 * fields of Go's struct (moby image/cache/cache.go restoreCachedImage).
 */
export function encodeRestoredImage(image: ImageConfig, options: ClassicImageOptions = {}): Buffer {
  const early = options.historyAuthor === 'before';
  return encode(
    [
      ['created', image.created ?? null],
      ['container_config', image.containerConfig === undefined ? undefined : classicConfigJson(image.containerConfig)],
      ['docker_version', image.dockerVersion, true],
      ['author', image.author, true],
      ['config', image.config === undefined ? undefined : classicConfigJson(image.config)],
      ['architecture', image.architecture, true],
      ['os', image.os, true],
      ['rootfs', rootfsJson(image, true)],
      ['history', image.history.map((row) => historyJson(row, early)), true],
    ],
    options.longEscapes === true,
  );
}

/**
 * The bytes of an image config as BuildKit's exporter in moby writes it: top-level keys sorted, empty fields left out, no
 * newline at the end (moby builder/builder-next/exporter/mobyexporter/writer.go). Fields that it does not know are left out.
 */
export function encodeBuildkitImage(image: ImageConfig, options: BuildkitImageOptions = {}): Buffer {
  return encode(
    [
      ['architecture', image.architecture],
      ['author', image.author, true],
      ['config', buildkitConfigJson(image.config ?? emptyContainerConfig, options.earlyLayout === true)],
      ['created', image.created ?? null],
      ['history', orNull(image.history.map((row) => historyJson(row, false)))],
      ...platformFields(image),
      ['rootfs', rootfsJson(image, false)],
      ['variant', image.variant, true],
    ],
    options.longEscapes === true,
  );
}

function encode(fields: readonly GoStructField[], longEscapes: boolean): Buffer {
  return Buffer.from(encodeGoJson(goStruct(fields), { longEscapes }), 'utf8');
}

function platformFields(image: ImageConfig): readonly GoStructField[] {
  return [
    ['os', image.os],
    ['os.features', image.osFeatures, true],
    ['os.version', image.osVersion, true],
  ];
}

function rootfsJson(image: ImageConfig, omitEmpty: boolean): GoStruct {
  return goStruct([
    ['type', 'layers'],
    ['diff_ids', orNull(image.diffIds), omitEmpty],
  ]);
}

// A list that nothing was appended to is nil in Go.
function orNull(list: readonly GoValue[]): readonly GoValue[] | null {
  return list.length === 0 ? null : list;
}

function historyJson(row: HistoryRow, authorFirst: boolean): GoValue {
  const author: GoStructField = ['author', row.author, true];
  const createdBy: GoStructField = ['created_by', row.createdBy, true];
  return goStruct([
    ['created', row.created],
    ...(authorFirst ? [author, createdBy] : [createdBy, author]),
    ['comment', row.comment, true],
    ['empty_layer', row.emptyLayer, true],
  ]);
}
