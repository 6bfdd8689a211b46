import type * as assertOwnRootModule from '../engine/assert-own-root.ts';
import type * as baseModule from '../engine/base.ts';
import type * as buildModule from '../engine/build.ts';
import type * as catModule from '../engine/cat.ts';
import type * as checkModule from '../engine/check.ts';
import type * as compareModule from '../engine/compare.ts';
import type * as dfModule from '../engine/df.ts';
import type * as diffModule from '../engine/diff.ts';
import type * as explainModule from '../engine/explain.ts';
import type * as extractModule from '../engine/extract.ts';
import type * as gcModule from '../engine/gc.ts';
import type * as historyModule from '../engine/history.ts';
import type * as imagesModule from '../engine/images.ts';
import type * as importModule from '../engine/import.ts';
import type * as inspectModule from '../engine/inspect.ts';
import type * as layersModule from '../engine/layers.ts';
import type * as loadModule from '../engine/load.ts';
import type * as lookAnywhereModule from '../engine/look-anywhere.ts';
import type * as lsModule from '../engine/ls.ts';
import type * as pruneModule from '../engine/prune.ts';
import type * as pruneCacheModule from '../engine/prune-cache.ts';
import type * as psModule from '../engine/ps.ts';
import type * as removeModule from '../engine/remove.ts';
import type * as repairModule from '../engine/repair.ts';
import type * as saveModule from '../engine/save.ts';
import type * as tagModule from '../engine/tag.ts';
import type * as treeModule from '../engine/tree.ts';
import type * as versionModule from '../engine/version.ts';
import type * as diveReportModule from '../engine/waste/dive-report.ts';
import type * as diveRulesModule from '../engine/waste/dive-rules.ts';
import type * as wasteModule from '../engine/waste.ts';
import type * as whichLayerModule from '../engine/which-layer.ts';

type Later<F extends (...args: never[]) => unknown> = (...args: Parameters<F>) => Promise<Awaited<ReturnType<F>>>;

/** The verbs that commands call, each a promise. Tests put fakes in their place. */
export interface Engine {
  readonly assertOwnRoot: Later<typeof assertOwnRootModule.assertOwnRoot>;
  readonly base: Later<typeof baseModule.makeBase>;
  readonly build: Later<typeof buildModule.build>;
  readonly diveReport: Later<typeof diveReportModule.diveReport>;
  readonly explain: Later<typeof explainModule.explain>;
  readonly check: Later<typeof checkModule.check>;
  readonly builderBeside: Later<typeof compareModule.builderBeside>;
  readonly compare: Later<typeof compareModule.compare>;
  readonly df: Later<typeof dfModule.df>;
  readonly gc: Later<typeof gcModule.gc>;
  readonly history: Later<typeof historyModule.history>;
  readonly images: Later<typeof imagesModule.images>;
  readonly importImage: Later<typeof importModule.importImage>;
  readonly inspect: Later<typeof inspectModule.inspect>;
  readonly lint: Later<typeof lookAnywhereModule.lintAnywhere>;
  readonly load: Later<typeof loadModule.load>;
  readonly plan: Later<typeof lookAnywhereModule.planAnywhere>;
  readonly prune: Later<typeof pruneModule.prune>;
  readonly pruneCache: Later<typeof pruneCacheModule.pruneCache>;
  readonly remove: Later<typeof removeModule.remove>;
  readonly repair: Later<typeof repairModule.repair>;
  readonly save: Later<typeof saveModule.save>;
  readonly tag: Later<typeof tagModule.tag>;
  readonly tryDiveRules: Later<typeof diveRulesModule.tryDiveRules>;
  readonly cat: Later<typeof catModule.cat>;
  readonly layers: Later<typeof layersModule.layers>;
  readonly ls: Later<typeof lsModule.ls>;
  readonly lsNames: Later<typeof lsModule.lsNames>;
  readonly whichLayer: Later<typeof whichLayerModule.whichLayer>;
  readonly extract: Later<typeof extractModule.extract>;
  readonly ps: Later<typeof psModule.ps>;
  readonly diff: Later<typeof diffModule.diff>;
  readonly tree: Later<typeof treeModule.tree>;
  readonly version: Later<typeof versionModule.version>;
  readonly waste: Later<typeof wasteModule.waste>;
}

/** The real verbs. Each module is loaded when it is first called, so that a command starts with nothing it does not use. */
export const engine: Engine = {
  assertOwnRoot: async (...args) => (await import('../engine/assert-own-root.ts')).assertOwnRoot(...args),
  base: async (...args) => (await import('../engine/base.ts')).makeBase(...args),
  build: async (...args) => (await import('../engine/build.ts')).build(...args),
  diveReport: async (...args) => (await import('../engine/waste/dive-report.ts')).diveReport(...args),
  explain: async (...args) => (await import('../engine/explain.ts')).explain(...args),
  check: async (...args) => (await import('../engine/check.ts')).check(...args),
  builderBeside: async (...args) => (await import('../engine/compare.ts')).builderBeside(...args),
  compare: async (...args) => (await import('../engine/compare.ts')).compare(...args),
  df: async (...args) => (await import('../engine/df.ts')).df(...args),
  gc: async (...args) => (await import('../engine/gc.ts')).gc(...args),
  history: async (...args) => (await import('../engine/history.ts')).history(...args),
  images: async (...args) => (await import('../engine/images.ts')).images(...args),
  importImage: async (...args) => (await import('../engine/import.ts')).importImage(...args),
  inspect: async (...args) => (await import('../engine/inspect.ts')).inspect(...args),
  lint: async (...args) => (await import('../engine/look-anywhere.ts')).lintAnywhere(...args),
  load: async (...args) => (await import('../engine/load.ts')).load(...args),
  plan: async (...args) => (await import('../engine/look-anywhere.ts')).planAnywhere(...args),
  prune: async (...args) => (await import('../engine/prune.ts')).prune(...args),
  pruneCache: async (...args) => (await import('../engine/prune-cache.ts')).pruneCache(...args),
  remove: async (...args) => (await import('../engine/remove.ts')).remove(...args),
  repair: async (...args) => (await import('../engine/repair.ts')).repair(...args),
  save: async (...args) => (await import('../engine/save.ts')).save(...args),
  tag: async (...args) => (await import('../engine/tag.ts')).tag(...args),
  tryDiveRules: async (...args) => (await import('../engine/waste/dive-rules.ts')).tryDiveRules(...args),
  cat: async (...args) => (await import('../engine/cat.ts')).cat(...args),
  layers: async (...args) => (await import('../engine/layers.ts')).layers(...args),
  ls: async (...args) => (await import('../engine/ls.ts')).ls(...args),
  lsNames: async (...args) => (await import('../engine/ls.ts')).lsNames(...args),
  whichLayer: async (...args) => (await import('../engine/which-layer.ts')).whichLayer(...args),
  extract: async (...args) => (await import('../engine/extract.ts')).extract(...args),
  ps: async (...args) => (await import('../engine/ps.ts')).ps(...args),
  diff: async (...args) => (await import('../engine/diff.ts')).diff(...args),
  tree: async (...args) => (await import('../engine/tree.ts')).tree(...args),
  version: async (...args) => (await import('../engine/version.ts')).version(...args),
  waste: async (...args) => (await import('../engine/waste.ts')).waste(...args),
};
