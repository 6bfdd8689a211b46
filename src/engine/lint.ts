import { join } from 'node:path';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { toByteString } from '../formats/bytestring.ts';
import { emptyContainerConfig } from '../formats/container-config.ts';
import { checkDockerfile } from '../parser/checks/check-dockerfile.ts';
import type { CheckBase } from '../parser/checks/check-input.ts';
import type { CheckFinding } from '../parser/checks/report.ts';
import type { IgnoreMatcher } from '../parser/dockerignore.ts';
import { parseDockerfile } from '../parser/parse-dockerfile.ts';
import { envMap } from '../planner/env-list.ts';
import { contextName } from '../planner/named-context.ts';
import { findPlanFault } from '../planner/plan-buildkit.ts';
import type { PlanOptions, Platform } from '../planner/plan-options.ts';
import { platformArgs } from '../planner/platforms.ts';

import { builderProfile } from '../profiles/builder-profile.ts';
import type { Store } from '../store/store.ts';

import { buildPlatforms } from './build/build-platforms.ts';
import { frontendChoice } from './build/frontend-choice.ts';
import { type BuildInput, readBuildInput } from './build/read-input.ts';
import type { BuildOptions } from './build-options.ts';
import { openForReading } from './open-for-reading.ts';
import { openBaseFacts } from './plan/base-facts.ts';
import { findImage } from './resolve-image.ts';

/** What to check: the part of the options of a build that matters for it. */
export type LintOptions = Pick<
  BuildOptions,
  'dataRoot' | 'context' | 'file' | 'dockerfileText' | 'target' | 'buildArgs' | 'buildContexts' | 'platform'
>;

/** A part of one line: 1-based, the columns 0-based, the end column exclusive. */
export interface LintPlace {
  readonly line: number;
  readonly startColumn: number;
  readonly endColumn: number;
}

/** Something that a build check found. */
export interface LintFinding {
  /** Docker's name of the rule, such as `UndefinedVar`. */
  readonly rule: string;
  /** Docker's page about it; empty where there is none. */
  readonly url: string;
  /** Docker's message. */
  readonly message: string;
  /** The lines of the instruction, 1-based, both included. */
  readonly startLine: number;
  readonly endLine: number;
  /** The word that is meant; undefined where it is the whole instruction. */
  readonly place: LintPlace | undefined;
}

export interface LintResult {
  /** The Dockerfile as it is called in messages, and where it is. */
  readonly file: string;
  readonly path: string;
  readonly source: string;
  /** In the order of the file. */
  readonly findings: readonly LintFinding[];
  /** What ended the checks before their end, or LL_CHECK where the Dockerfile makes findings an error. */
  readonly error: LayerlabError | undefined;
}

/**
 * Runs docker's build checks on a Dockerfile, as the BuildKit frontend does them, and builds nothing. Base images are
 * looked up in the data-root; where one is not there, what needs its config is not reported.
 *
 * @throws LL_PARSE for a Dockerfile or check options that cannot be read, LL_CONTEXT, LL_USAGE for a platform that is none
 */
export function lint(options: LintOptions): LintResult {
  const input = readBuildInput(options);
  return lintInput(options, { ...input, path: pathOf(options, input.fileName) });
}

/**
 * As `lint`, of a Dockerfile that was read. `path`: where it is; `ignore`: what .dockerignore says, where it counts.
 *
 * @param reachedOnly whether only what a build reaches is looked at, where no target is named
 */
export function lintInput(
  options: LintOptions,
  input: Pick<BuildInput, 'fileName' | 'text' | 'ignore'> & { readonly path: string },
  reachedOnly = false,
): LintResult {
  const dockerfile = parseDockerfile(input.text, {
    fileName: input.fileName,
    ...frontendChoice(builderProfile('buildkit'), options.buildArgs),
  });
  const { target: platform, host } = buildPlatforms({ ...options, builder: 'buildkit' });
  const targetStage = options.target || dockerfile.stages.at(-1)?.name || 'default';
  let store: Store | undefined;
  try {
    const { findings, error } = checkDockerfile(dockerfile, {
      buildArgs: new Map(Object.entries(options.buildArgs ?? {})),
      predefined: platformArgs(platform, targetStage, host),
      platform,
      target: options.target,
      reachedOnly,
      ignores: ignoresOf(input.ignore),
      // A build plans for itself.
      ...(reachedOnly ? {} : { fault: () => findPlanFault(dockerfile, planOptions(options, platform, host)) }),
      base: (reference) => {
        store ??= openForReading(options.dataRoot);
        return baseOf(store, reference);
      },
    });
    return {
      file: input.fileName,
      path: input.path,
      source: dockerfile.source,
      findings: findings.map(plainFinding),
      error,
    };
  } finally {
    store?.close();
  }
}

/** What a plan needs to know to be refused as a build's is; bases that are not at hand are taken as images without a config. */
function planOptions(
  { dataRoot, target, buildArgs, buildContexts }: LintOptions,
  platform: Platform,
  host: Platform,
): PlanOptions {
  const names = Object.keys(buildContexts ?? {}).flatMap((name) => contextName(name) ?? []);
  const bases = openBaseFacts(dataRoot);
  return {
    builder: 'buildkit',
    ...(target === undefined ? {} : { target }),
    checksOnly: true,
    buildArgs: new Map(Object.entries(buildArgs ?? {})),
    labels: new Map(),
    network: 'default',
    platform,
    buildPlatform: host,
    contexts: new Map(names.map((name) => [name, { kind: 'folder' }])),
    keepRefused: true,
    resolveBase: (reference) => bases.find(reference)?.image ?? { config: emptyContainerConfig, author: '' },
  };
}

function pathOf({ context, file, dockerfileText }: LintOptions, fileName: string): string {
  return context === undefined || file !== undefined || dockerfileText !== undefined
    ? fileName
    : join(context, fileName);
}

/** As docker: with a `!` in it, a .dockerignore does not tell about a path without a look at what is below it. */
function ignoresOf(matcher: IgnoreMatcher | undefined): ((path: string) => boolean) | undefined {
  if (matcher === undefined || matcher.patterns.some((pattern) => pattern.startsWith('!'))) return undefined;
  return (path) => matcher.ignores(toByteString(path), false);
}

function baseOf(store: Store, reference: string): CheckBase | undefined {
  let image: ReturnType<Store['images']['config']>;
  try {
    const id = findImage(store, reference);
    image = id === undefined ? undefined : store.images.config(id);
  } catch (error) {
    if (error instanceof LayerlabError && error.code === 'LL_REFERENCE') {
      throw new LayerlabError('LL_PARSE', `failed to parse stage name "${reference}": ${error.message}`);
    }
    throw error;
  }
  if (image === undefined) return undefined;
  const { os, architecture, variant, config, diffIds } = image;
  return {
    platform: diffIds.length === 0 ? undefined : { os, architecture, ...(variant ? { variant } : {}) },
    env: envMap(config?.env ?? null),
    hasShell: (config?.shell ?? []).length > 0,
    triggers: config?.onBuild ?? [],
  };
}

function plainFinding({ rule, url, message, range, place }: CheckFinding): LintFinding {
  return {
    rule,
    url,
    message,
    startLine: range.startLine,
    endLine: range.endLine,
    place:
      place === undefined
        ? undefined
        : { line: place.startLine, startColumn: place.startColumn, endColumn: place.endColumn },
  };
}
