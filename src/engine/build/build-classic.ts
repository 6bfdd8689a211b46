import { classicImage } from '../../committer/classic-image.ts';
import { mergeConfig } from '../../committer/merge-config.ts';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { BuildEnv, LayerStack } from '../../executor/build-env.ts';
import { stepKey } from '../../executor/cache/step-key.ts';
import { buildTime, shownTime } from '../../executor/commit-layer.ts';
import { findClassicSources } from '../../executor/copy/find-classic-sources.ts';
import type { FoundSource } from '../../executor/copy/find-sources.ts';
import { hashSources } from '../../executor/copy/hash-sources.ts';
import { downloadClassic } from '../../executor/remote/download-classic.ts';
import { copyClassicStep, sourceTree } from '../../executor/steps/copy-step.ts';
import { runLayer } from '../../executor/steps/run-step.ts';
import { makeWorkdir } from '../../executor/steps/workdir-step.ts';
import type { ContainerConfig } from '../../formats/container-config.ts';
import { type Digest, digestOf } from '../../formats/digest.ts';
import { newStringId } from '../../formats/ids.ts';
import type { HistoryRow } from '../../formats/image-config.ts';
import { takeWay } from '../../host/ways-taken.ts';
import { cleanPath } from '../../parser/clean-path.ts';
import type { Platform } from '../../planner/plan-options.ts';
import { formatPlatform, servesPlatform } from '../../planner/platforms.ts';
import type { ClassicStep, CopyAction, Plan, PlannedStage, Step } from '../../planner/step.ts';
import { emptyTree } from '../../snapshot/empty-tree.ts';
import type { FileTree } from '../../snapshot/file-tree.ts';
import type { BuiltLayer } from '../../store/built-layer.ts';
import type { BuildEvent } from '../build-event.ts';
import type { BaseImages } from './base-images.ts';
import { type BuiltMarks, openBuiltMarks } from './built-marks.ts';
import { type ClassicCache, openClassicCache } from './classic-cache.ts';
import { cacheFromImages } from './classic-cache-from.ts';
import { atInstruction, type SourceText } from './source-text.ts';

export interface ClassicBuild {
  readonly env: BuildEnv;
  readonly plan: Plan;
  readonly bases: BaseImages;
  /** What files copied onto `scratch` are for; steps that need a container are for the host. */
  readonly platform: Platform;
  readonly host: Platform;
  /** Whether the user asked for that platform, so that images made on the way have to be for it. */
  readonly platformGiven: boolean;
  readonly text: SourceText;
  readonly emit: (event: BuildEvent) => void;
  /** Images to take steps from; none: whatever was built here. */
  readonly cacheFrom: readonly string[];
}

export interface ClassicOutcome {
  readonly imageId: Digest;
  readonly cachedSteps: number;
}

/** The image that a stage stands at; undefined id: FROM scratch, nothing built yet. */
interface Standing {
  readonly id: Digest | undefined;
  readonly architecture: string;
  readonly os: string;
  readonly variant: string | undefined;
  readonly stack: LayerStack;
  readonly history: readonly HistoryRow[];
  readonly config: ContainerConfig | undefined;
}

/** Builds every stage up to the target; each instruction leaves an image, child of the one before (moby builder/dockerfile). */
export async function buildClassic(build: ClassicBuild): Promise<ClassicOutcome> {
  const runner = new ClassicRunner(build);
  return await runner.run();
}

class ClassicRunner {
  readonly #build: ClassicBuild;
  readonly #env: BuildEnv;
  readonly #marks: BuiltMarks;
  readonly #cache: ClassicCache;
  readonly #results = new Map<number, Standing>();
  /** Images that steps of this build gave. */
  readonly #made = new Set<Digest>();
  readonly #total: number;
  #index = 0;
  #cachedSteps = 0;
  #busted = false;

  constructor(build: ClassicBuild) {
    this.#build = build;
    this.#env = build.env;
    const { store, profile } = build.env;
    this.#marks = openBuiltMarks(store, profile);
    const local = openClassicCache(store, this.#marks);
    this.#cache = build.cacheFrom.length === 0 ? local : cacheFromImages(store, local, build.cacheFrom, profile);
    const { plan } = build;
    const stages = plan.order.map((index) => plan.stages[index] as PlannedStage);
    this.#total =
      plan.metaArgs.length +
      stages.reduce((sum, stage) => sum + 1 + stage.steps.filter((step) => !step.trigger).length, 0);
  }

  async run(): Promise<ClassicOutcome> {
    const { plan, emit } = this.#build;
    for (const arg of plan.metaArgs) this.#announce(arg.source);
    let last: Standing | undefined;
    for (const index of plan.order) {
      last = await this.#stage(plan.stages[index] as PlannedStage);
      this.#results.set(index, last);
    }
    if (last?.id === undefined) {
      throw new LayerlabError('LL_BUILD_FAILED', 'No image was generated. Is your Dockerfile empty?');
    }
    for (const text of plan.warnings) emit({ kind: 'warning', text });
    emit({ kind: 'built', id: last.id });
    return { imageId: last.id, cachedSteps: this.#cachedSteps };
  }

  #announce(text: string): void {
    this.#index += 1;
    this.#build.emit({ kind: 'step', index: this.#index, total: this.#total, text });
  }

  async #stage(stage: PlannedStage): Promise<Standing> {
    this.#busted = false;
    this.#announce(stage.display);
    let standing = this.#start(stage);
    this.#build.emit({ kind: 'image', id: standing.id ?? '' });
    for (const step of stage.steps) {
      this.#env.signal?.throwIfAborted();
      if (!step.trigger) this.#announce(step.display);
      const from = standing;
      standing = await atInstruction(this.#build.text, step.instruction, () => this.#step(from, step));
    }
    return standing;
  }

  #start(stage: PlannedStage): Standing {
    const { base } = stage;
    if (base.kind === 'stage') return this.#stageResult(base.index, base.platform);
    if (base.kind === 'scratch') {
      const { architecture, os, variant } = this.#build.platform;
      return { id: undefined, architecture, os, variant, stack: [], history: [], config: undefined };
    }
    return this.#standingOf(this.#build.bases.require(base.reference).id);
  }

  /** An image that a stage made is looked up by its id, and then has to be for what is asked for (moby daemon/images). */
  #stageResult(index: number, platform: Platform | undefined, prefix = ''): Standing {
    const standing = this.#results.get(index) as Standing;
    this.#checkPlatform(standing, platform ?? (this.#build.platformGiven ? this.#build.platform : undefined), prefix);
    return standing;
  }

  #checkPlatform(at: Standing, wanted: Platform | undefined, prefix: string): void {
    if (wanted === undefined || at.id === undefined || !this.#made.has(at.id)) return;
    const { os, architecture, variant } = at;
    const has = { os, architecture, ...(variant === undefined ? {} : { variant }) };
    if (servesPlatform(has, wanted)) return;
    const [is, asked] = [formatPlatform(has), formatPlatform(wanted)];
    throw new LayerlabError(
      'LL_BUILD_FAILED',
      `${prefix}image with reference ${at.id} was found but its platform (${is}) does not match the specified platform (${asked})`,
    );
  }

  #standingOf(id: Digest): Standing {
    const image = this.#build.bases.byId(id);
    const { architecture, os, variant, config } = image.config;
    return { id, architecture, os, variant, stack: image.stack, history: image.history, config };
  }

  async #step(at: Standing, step: Step): Promise<Standing> {
    const next = await this.#stepOn(this.#inContainer(at, step), step);
    if (next.id !== undefined) this.#made.add(next.id);
    return next;
  }

  /** A container without a base is one of the host; files are copied without one, and onto what the build is for. */
  #inContainer(at: Standing, step: Step): Standing {
    const { action } = step;
    if (action.kind === 'copy' || action.kind === 'add') {
      const { platform, platformGiven } = this.#build;
      if (platformGiven) this.#checkPlatform(at, platform, `failed to get destination image "${at.id}": `);
      return at;
    }
    if (at.id !== undefined) return at;
    const { architecture, os, variant } = this.#build.host;
    return { ...at, architecture, os, variant };
  }

  async #stepOn(at: Standing, step: Step): Promise<Standing> {
    const { emit } = this.#build;
    const classic = step.classic as ClassicStep;
    const sources = await this.#sources(step);
    const probe: ContainerConfig = {
      ...classic.probe,
      cmd: sources === undefined ? classic.cmd : withHash(classic.cmd, sources.hash),
      image: at.id ?? '',
    };
    const hit = this.#env.noCache || this.#busted ? undefined : this.#cached(at, probe);
    takeWay('classic', hit !== undefined);
    if (hit !== undefined) {
      this.#cachedSteps += 1;
      emit({ kind: 'using-cache' });
      emit({ kind: 'image', id: hit.id as Digest });
      return hit;
    }
    this.#busted = true;
    const container = this.#containerId(at, probe);
    const inContainer = step.action.kind === 'run' || classic.viaContainer;
    if (inContainer) emit({ kind: 'running', container });
    const layer = await this.#execute(at, step, container, sources);
    if (inContainer) emit({ kind: 'removed', container });
    const next = this.#commit(
      at,
      step,
      layer,
      inContainer ? container : '',
      this.#containerConfig(at, classic, probe, container),
    );
    emit({ kind: 'image', id: next.id as Digest });
    return next;
  }

  /** The image that this step gave before; one that is being removed meanwhile is none. */
  #cached(at: Standing, probe: ContainerConfig): Standing | undefined {
    const id = this.#cache.find(at.id, probe, at);
    try {
      return id === undefined ? undefined : this.#standingOf(id);
    } catch (error) {
      if (error instanceof LayerlabError && error.code === 'LL_NOT_FOUND') return undefined;
      throw error;
    }
  }

  /** Random, as docker's; derived from the step where the build was told its time, so that it can be repeated. */
  #containerId(at: Standing, probe: ContainerConfig): string {
    if (this.#env.timestamp === undefined) return newStringId();
    return stepKey(['container', at.id, probe.cmd, probe.env, String(this.#env.timestamp)]);
  }

  #containerConfig(at: Standing, step: ClassicStep, probe: ContainerConfig, container: string): ContainerConfig {
    if (!step.viaContainer) return probe;
    const merged = mergeConfig(probe, at.config);
    // Making a container tidies its working folder.
    const workingDir = merged.workingDir === '' ? '' : cleanPath(merged.workingDir);
    return { ...merged, workingDir, hostname: container.slice(0, 12) };
  }

  #execute(
    at: Standing,
    step: Step,
    container: string,
    sources: ClassicSources | undefined,
  ): Promise<BuiltLayer | undefined> {
    const { action } = step;
    if (action.kind === 'run') {
      return runLayer(this.#env, at.stack, action, container.slice(0, 12), {
        output: (stream, data) => this.#build.emit({ kind: 'output', stream, data }),
        status: () => undefined,
      });
    }
    if (action.kind === 'workdir') return makeWorkdir(this.#env, at.stack, action.path, { uid: 0, gid: 0 }, true);
    if (sources === undefined) {
      this.#markCommitted(at.stack);
      return Promise.resolve(undefined);
    }
    return copyClassicStep(this.#env, at.stack, action as CopyAction, sources.tree, sources.found);
  }

  /** A config step makes a container, whose layer marks the image's as one that has children. */
  #markCommitted(stack: LayerStack): void {
    const top = stack[stack.length - 1];
    if (top !== undefined) this.#env.store.overlay.markCommitted(top.cacheId);
  }

  async #sources(step: Step): Promise<ClassicSources | undefined> {
    const { action } = step;
    if (action.kind !== 'copy' && action.kind !== 'add') return undefined;
    const isFetched = action.sources.length > 0 && action.sources.every((word) => action.remotes.has(word));
    const from = isFetched ? undefined : this.#fromStack(step, action);
    // What is copied from is mounted, with a layer of its own on top.
    this.#markCommitted(from ?? []);
    const tree = isFetched ? NO_TREE : sourceTree(this.#env, from);
    const found: FoundSource[] = [];
    for (const word of action.sources) {
      if (action.remotes.has(word)) found.push(await this.#download(word, action.destination));
      else found.push(...findClassicSources(tree, word, action));
    }
    if (found.length === 0) {
      throw new LayerlabError(
        'LL_SOURCE_NOT_FOUND',
        `${action.kind.toUpperCase()} failed: no source files were specified`,
      );
    }
    if (found.length > 1 && !action.destinationText.endsWith('/')) {
      throw new LayerlabError(
        'LL_BUILD_FAILED',
        `When using ${action.kind.toUpperCase()} with more than one source file, the destination must be a directory and end with a /`,
      );
    }
    return { tree, found, hash: hashSources(tree, found, this.#env.dialect, this.#env.stats) };
  }

  #download(url: string, destination: string): Promise<FoundSource> {
    const { emit } = this.#build;
    return downloadClassic(this.#env, url, destination, (_name, bytes, total, done) =>
      emit({ kind: 'downloading', bytes, total, done }),
    );
  }

  #fromStack({ instruction }: Step, action: CopyAction): LayerStack | undefined {
    if (action.from.kind === 'context' || action.from.kind === 'folder') return undefined;
    if (action.from.kind === 'stage') {
      const written = instruction.kind === 'COPY' ? instruction.from : '';
      return this.#stageResult(action.from.index, undefined, `invalid from flag value ${written}: `).stack;
    }
    return this.#build.bases.require(action.from.reference).stack;
  }

  #commit(
    at: Standing,
    step: Step,
    layer: BuiltLayer | undefined,
    container: string,
    containerConfig: ContainerConfig,
  ): Standing {
    const { images, lease } = this.#env.store;
    const stack = layer === undefined ? at.stack : [...at.stack, layer];
    const config = { ...step.config, image: at.id ?? '' };
    const bytes = classicImage({
      architecture: at.architecture,
      os: at.os,
      variant: at.variant,
      author: step.author,
      config,
      container,
      containerConfig,
      created: shownTime(this.#env, buildTime(this.#env)),
      history: at.history,
      diffIds: stack.map(({ diffId }) => diffId),
      emptyLayer: layer === undefined,
      profile: this.#env.profile,
    });
    lease().hold([digestOf(bytes)]);
    const id = images.create(bytes);
    this.#marks.put(id);
    if (at.id !== undefined) images.setParent(id, at.id);
    this.#cache.add(id, at.id);
    return this.#standingOf(id);
  }
}

/** Downloads come from no tree. */
const NO_TREE: FileTree = emptyTree(0n);

interface ClassicSources {
  readonly tree: FileTree;
  readonly found: readonly FoundSource[];
  readonly hash: string;
}

/** The planner's stand-in for the name of the sources (planner/step.ts). */
const SOURCE_HASH = /\$\{HASH\}/;

function withHash(cmd: readonly string[], hash: string): string[] {
  return cmd.map((word, index) => (index === cmd.length - 1 ? word.replace(SOURCE_HASH, () => hash) : word));
}
