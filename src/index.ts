/**
 * The library: one function a verb, plain data in and plain data out. Every path is absolute or relative to the process's
 * folder; every failure is a LayerlabError.
 */
export { makeBase } from './engine/base.ts';
export { build } from './engine/build.ts';
export type { BuildEvent, ClassicEvent, VertexEvent, WarningEvent } from './engine/build-event.ts';
export type {
  BuilderName,
  BuildOptions,
  BuildResult,
  CompatName,
  NetworkMode,
  RuntimeName,
} from './engine/build-options.ts';
export { type HistoryEntry, history } from './engine/history.ts';
export { type ImageSummary, images } from './engine/images.ts';
export { importImage } from './engine/import.ts';
export { inspect } from './engine/inspect.ts';
export { load } from './engine/load.ts';
export { type RemoveResult, remove } from './engine/remove.ts';
export { save } from './engine/save.ts';
export { tag } from './engine/tag.ts';
export { version } from './engine/version.ts';
export { type CatalogueRow, catalogue, type ErrorCode } from './errors/catalogue.ts';
export { type ErrorDetails, LayerlabError, type SourceLocation } from './errors/layerlab-error.ts';
