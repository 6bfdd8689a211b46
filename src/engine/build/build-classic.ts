import { normalize } from 'node:path/posix';
import { classicImage } from '../../committer/classic-image.ts';
import { mergeConfig } from '../../committer/merge-config.ts';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { BuildEnv, LayerStack } from '../../executor/build-env.ts';
import { stepKey } from '../../executor/cache/step-key.ts';
import { buildTime, shownTime } from '../../executor/commit-layer.ts';
import { type FoundSource, findSources } from '../../executor/copy/find-sources.ts';
import { hashSources } from '../../executor/copy/hash-sources.ts';
import { copyClassicStep, sourceTree } from '../../executor/steps/copy-step.ts';
import { runLayer } from '../../executor/steps/run-step.ts';
import { makeWorkdir } from '../../executor/steps/workdir-step.ts';
import type { ContainerConfig } from '../../formats/container-config.ts';
import { type Digest, digestOf } from '../../formats/digest.ts';
import { newStringId } from '../../formats/ids.ts';
import type { HistoryRow } from '../../formats/image-config.ts';
import { cleanPath } from '../../parser/clean-path.ts';
import type { Platform } from '../../planner/plan-options.ts';
import type { ClassicStep, CopyAction, Plan, PlannedStage, Step } from '../../planner/step.ts';
import type { FileTree } from '../../snapshot/file-tree.ts';
import type { BuiltLayer } from '../../store/built-layer.ts';
import type { BuildEvent } from '../build-event.ts';
import type { BaseImages } from './base-images.ts';
import { type BuiltMarks, openBuiltMarks } from './built-marks.ts';
import { type ClassicCache, openClassicCache } from './classic-cache.ts';
import { atInstruction, type SourceText } from './source-text.ts';

export interface ClassicBuild {
  readonly env: BuildEnv;
  readonly plan: Plan;
  readonly bases: BaseImages;
  readonly platform: Platform;
  readonly text: SourceText;
  readonly emit: (event: BuildEvent) => void;
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
  readonly #total: number;
  #index = 0;
  #cachedSteps = 0;
  #busted = false;

  constructor(build: ClassicBuild) {
    this.#build = build;
    this.#env = build.env;
    this.#marks = openBuiltMarks(build.env.store, build.env.profile);
    this.#cache = openClassicCache(build.env.store, this.#marks);
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
    if (base.kind === 'stage') return this.#results.get(base.index) as Standing;
    if (base.kind === 'scratch') {
      const { architecture, os } = this.#build.platform;
      return { id: undefined, architecture, os, stack: [], history: [], config: undefined };
    }
    return this.#standingOf(this.#build.bases.require(base.reference).id);
  }

  #standingOf(id: Digest): Standing {
    const image = this.#build.bases.byId(id);
    const { architecture, os, config } = image.config;
    return { id, architecture, os, stack: image.stack, history: image.history, config };
  }

  async #step(at: Standing, step: Step): Promise<Standing> {
    const { emit } = this.#build;
    const classic = step.classic as ClassicStep;
    const sources = this.#sources(step);
    const probe: ContainerConfig = {
      ...classic.probe,
      cmd: sources === undefined ? classic.cmd : withHash(classic.cmd, sources.hash),
      image: at.id ?? '',
    };
    const hit = this.#env.noCache || this.#busted ? undefined : this.#cached(at, probe);
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
    const merged = at.config === undefined ? probe : mergeConfig(probe, at.config);
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
      this.#markCommitted(at);
      return Promise.resolve(undefined);
    }
    return copyClassicStep(this.#env, at.stack, action as CopyAction, sources.tree, sources.found);
  }

  /** A config step makes a container, whose layer marks the image's as one that has children. */
  #markCommitted(at: Standing): void {
    const top = at.stack[at.stack.length - 1];
    if (top !== undefined) this.#env.store.overlay.markCommitted(top.cacheId);
  }

  #sources(step: Step): ClassicSources | undefined {
    const { action } = step;
    if (action.kind !== 'copy' && action.kind !== 'add') return undefined;
    const tree = sourceTree(this.#env, this.#fromStack(action));
    const found = action.sources.flatMap((word) => findClassicSources(tree, word, action.kind));
    if (found.length === 0) {
      throw new LayerlabError(
        'LL_SOURCE_NOT_FOUND',
        `${action.kind.toUpperCase()} failed: no source files were specified`,
      );
    }
    if (found.length > 1 && !action.destination.endsWith('/')) {
      throw new LayerlabError(
        'LL_BUILD_FAILED',
        `When using ${action.kind.toUpperCase()} with more than one source file, the destination must be a directory and end with a /`,
      );
    }
    return { tree, found, hash: hashSources(tree, found, this.#env.dialect) };
  }

  #fromStack(action: CopyAction): LayerStack | undefined {
    if (action.from.kind === 'context') return undefined;
    if (action.from.kind === 'stage') return (this.#results.get(action.from.index) as Standing).stack;
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

function findClassicSources(tree: FileTree, word: string, kind: 'copy' | 'add'): FoundSource[] {
  if (/^\/*\.\.(\/|$)/.test(normalize(word))) {
    throw new LayerlabError(
      'LL_CONTEXT',
      `${kind.toUpperCase()} failed: forbidden path outside the build context: ${word} ()`,
    );
  }
  try {
    return findSources(tree, word);
  } catch (error) {
    if (!(error instanceof LayerlabError) || error.code !== 'LL_SOURCE_NOT_FOUND') throw error;
    const path = word.replace(/^\/+/, '');
    throw new LayerlabError(
      'LL_SOURCE_NOT_FOUND',
      `${kind.toUpperCase()} failed: file not found in build context or excluded by .dockerignore: stat ${path}: file does not exist`,
      error.hint === undefined ? {} : { hint: error.hint },
    );
  }
}
