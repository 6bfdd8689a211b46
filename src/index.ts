/**
 * The library: one function a verb, plain data in and plain data out. Every path is absolute or relative to the process's
 * folder; every failure is a LayerlabError.
 */
export { type BaseOptions, type BaseResult, makeBase } from './engine/base.ts';
export { build } from './engine/build.ts';
export type { BuildEvent, ClassicEvent, VertexEvent, WarningEvent } from './engine/build-event.ts';
export type {
  BuildAgent,
  BuilderName,
  BuildOptions,
  BuildResult,
  BuildSecret,
  CompatName,
  Entitlement,
  NetworkMode,
  RuntimeName,
} from './engine/build-options.ts';
export { type CatOptions, cat } from './engine/cat.ts';
export type { Damage, Unreadable } from './engine/check/damage.ts';
export { type DamageId, type DamageRow, damageCatalogue } from './engine/check/damage-catalogue.ts';
export { type CheckedStep, type CheckOptions, type CheckResult, check } from './engine/check.ts';
export { compare } from './engine/compare.ts';
export type {
  ComparedRow,
  CompareRequest,
  CompareResult,
  CompareRow,
  CompareSide,
  CompareSubject,
  ConfigDifference,
  FileAspect,
  FileDifference,
  RowStatus,
} from './engine/compare-result.ts';
export type { ContainerMount } from './engine/containers/container-mounts.ts';
export type { ContainerState } from './engine/containers/container-state.ts';
export { type DfOptions, type DfResult, df } from './engine/df.ts';
export { type DiffOptions, diff, type FileChange } from './engine/diff.ts';
export type { ExplainStep } from './engine/explain/explain-step.ts';
export { type ExplainOptions, type Explanation, explain } from './engine/explain.ts';
export { type ExtractOptions, type ExtractResult, extract } from './engine/extract.ts';
export { type GcOptions, type GcResult, gc } from './engine/gc.ts';
export { type HistoryEntry, type HistoryOptions, history } from './engine/history.ts';
export { type ImageSummary, type ImagesOptions, images } from './engine/images.ts';
export { type ImportOptions, type ImportResult, importImage } from './engine/import.ts';
export { type InspectOptions, type InspectResult, inspect } from './engine/inspect.ts';
export { type LayerSummary, type LayersOptions, layers } from './engine/layers.ts';
export { type LintFinding, type LintOptions, type LintPlace, type LintResult, lint } from './engine/lint.ts';
export { type LoadOptions, type LoadProgress, type LoadResult, load } from './engine/load.ts';
export { type FileEntry, type Listing, type LsOptions, ls } from './engine/ls.ts';
export { plan } from './engine/plan.ts';
export type {
  CacheLoss,
  LayerCount,
  PlanChange,
  PlanGlobal,
  PlanRefusal,
  PlanRequest,
  PlanResult,
  PlanStage,
  PlanStep,
  PlanVariable,
  StepKind,
} from './engine/plan-result.ts';
export { type PruneOptions, type PruneResult, prune } from './engine/prune.ts';
export { type CacheItem, type PruneCacheOptions, type PruneCacheResult, pruneCache } from './engine/prune-cache.ts';
export { type ContainerSummary, type PsOptions, ps } from './engine/ps.ts';
export { type RemoveOptions, type RemoveRecord, type RemoveResult, remove } from './engine/remove.ts';
export { type Mend, type RepairOptions, type RepairResult, repair } from './engine/repair.ts';
export { type SaveOptions, save } from './engine/save.ts';
export { type TagOptions, tag } from './engine/tag.ts';
export { type TreeNode, type TreeOptions, tree } from './engine/tree.ts';
export { type VersionInfo, version } from './engine/version.ts';
export { type DiveFile, type DiveReport, diveReport } from './engine/waste/dive-report.ts';
export type { HiddenCopy, WasteCause } from './engine/waste/find-waste.ts';
export { waste } from './engine/waste.ts';
export type { WasteDeed, WasteLayer, WastePath, WasteRequest, WasteResult } from './engine/waste-result.ts';
export { type LayerOfPath, type WhichLayer, type WhichLayerOptions, whichLayer } from './engine/which-layer.ts';
export { type CatalogueRow, catalogue, type ErrorCode } from './errors/catalogue.ts';
export { type ErrorDetails, LayerlabError, type SourceLocation } from './errors/layerlab-error.ts';
export { encodeGoJson, type GoJsonOptions, type GoStruct, type GoValue } from './formats/go-json.ts';
