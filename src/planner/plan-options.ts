import type { ContainerConfig } from '../formats/container-config.ts';
import type { Builder, Compat } from '../profiles/builder-profile.ts';
import type { PlannedContexts } from './named-context.ts';

/** The platform a build is for, in Go's names. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** What the planner has to know of a base image. */
export interface BaseImage {
  readonly config: ContainerConfig;
  readonly author: string;
}

export interface PlanOptions {
  readonly builder: Builder;
  /** Docker version whose texts are produced; 28 by default. */
  readonly compat?: Compat;
  readonly target?: string;
  /** `--build-arg`; undefined for a key without a value that the environment has not either. */
  readonly buildArgs: ReadonlyMap<string, string | undefined>;
  readonly labels: ReadonlyMap<string, string>;
  readonly network: 'default' | 'none' | 'host';
  /** What the image is for. */
  readonly platform: Platform;
  /** What it is built on, where that is another. */
  readonly buildPlatform?: Platform;
  /** BuildKit: what `--build-context` names, by `contextName`. */
  readonly contexts?: PlannedContexts;
  /** Plan what build refuses as unsupported too, and mark it (`refused`); for showing a plan, never for a build. */
  readonly keepRefused?: boolean;
  /** BuildKit: leave to the build what only it refuses, and plan every stage where no target is named: as docker's checks do. */
  readonly checksOnly?: boolean;
  /**
   * The image of a FROM line, or undefined where there is none; `platform` is the stage's own, where it names one. Called
   * once for each needed reference.
   */
  readonly resolveBase: (reference: string, platform?: Platform) => BaseImage | undefined;
}
