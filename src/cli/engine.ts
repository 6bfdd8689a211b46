import type * as baseModule from '../engine/base.ts';
import type * as buildModule from '../engine/build.ts';
import type * as checkModule from '../engine/check.ts';
import type * as dfModule from '../engine/df.ts';
import type * as gcModule from '../engine/gc.ts';
import type * as historyModule from '../engine/history.ts';
import type * as imagesModule from '../engine/images.ts';
import type * as importModule from '../engine/import.ts';
import type * as inspectModule from '../engine/inspect.ts';
import type * as lintModule from '../engine/lint.ts';
import type * as loadModule from '../engine/load.ts';
import type * as planModule from '../engine/plan.ts';
import type * as pruneModule from '../engine/prune.ts';
import type * as pruneCacheModule from '../engine/prune-cache.ts';
import type * as removeModule from '../engine/remove.ts';
import type * as repairModule from '../engine/repair.ts';
import type * as saveModule from '../engine/save.ts';
import type * as tagModule from '../engine/tag.ts';
import type * as versionModule from '../engine/version.ts';

type Later<F extends (...args: never[]) => unknown> = (...args: Parameters<F>) => Promise<Awaited<ReturnType<F>>>;

/** The verbs that commands call, each a promise. Tests put fakes in their place. */
export interface Engine {
  readonly base: Later<typeof baseModule.makeBase>;
  readonly build: Later<typeof buildModule.build>;
  readonly check: Later<typeof checkModule.check>;
  readonly df: Later<typeof dfModule.df>;
  readonly gc: Later<typeof gcModule.gc>;
  readonly history: Later<typeof historyModule.history>;
  readonly images: Later<typeof imagesModule.images>;
  readonly importImage: Later<typeof importModule.importImage>;
  readonly inspect: Later<typeof inspectModule.inspect>;
  readonly lint: Later<typeof lintModule.lint>;
  readonly load: Later<typeof loadModule.load>;
  readonly plan: Later<typeof planModule.plan>;
  readonly prune: Later<typeof pruneModule.prune>;
  readonly pruneCache: Later<typeof pruneCacheModule.pruneCache>;
  readonly remove: Later<typeof removeModule.remove>;
  readonly repair: Later<typeof repairModule.repair>;
  readonly save: Later<typeof saveModule.save>;
  readonly tag: Later<typeof tagModule.tag>;
  readonly version: Later<typeof versionModule.version>;
}

/** The real verbs. Each module is loaded when it is first called, so that a command starts with nothing it does not use. */
export const engine: Engine = {
  base: async (...args) => (await import('../engine/base.ts')).makeBase(...args),
  build: async (...args) => (await import('../engine/build.ts')).build(...args),
  check: async (...args) => (await import('../engine/check.ts')).check(...args),
  df: async (...args) => (await import('../engine/df.ts')).df(...args),
  gc: async (...args) => (await import('../engine/gc.ts')).gc(...args),
  history: async (...args) => (await import('../engine/history.ts')).history(...args),
  images: async (...args) => (await import('../engine/images.ts')).images(...args),
  importImage: async (...args) => (await import('../engine/import.ts')).importImage(...args),
  inspect: async (...args) => (await import('../engine/inspect.ts')).inspect(...args),
  lint: async (...args) => (await import('../engine/lint.ts')).lint(...args),
  load: async (...args) => (await import('../engine/load.ts')).load(...args),
  plan: async (...args) => (await import('../engine/plan.ts')).plan(...args),
  prune: async (...args) => (await import('../engine/prune.ts')).prune(...args),
  pruneCache: async (...args) => (await import('../engine/prune-cache.ts')).pruneCache(...args),
  remove: async (...args) => (await import('../engine/remove.ts')).remove(...args),
  repair: async (...args) => (await import('../engine/repair.ts')).repair(...args),
  save: async (...args) => (await import('../engine/save.ts')).save(...args),
  tag: async (...args) => (await import('../engine/tag.ts')).tag(...args),
  version: async (...args) => (await import('../engine/version.ts')).version(...args),
};
