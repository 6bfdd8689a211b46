import { readFileSync } from 'node:fs';
import type { ContainerConfig } from '../../src/formats/container-config.ts';
import {
  buildkitConfigJson,
  classicConfigJson,
  parseContainerConfig,
} from '../../src/formats/container-config-json.ts';
import { encodeGoJson, parseGoJson } from '../../src/formats/go-json.ts';
import { jsonFields } from '../../src/formats/json-fields.ts';
import { parseDockerfile } from '../../src/parser/parse-dockerfile.ts';
import { planBuild } from '../../src/planner/plan-build.ts';
import type { BaseImage, PlanOptions } from '../../src/planner/plan-options.ts';
import type { Plan } from '../../src/planner/step.ts';

type Json = Readonly<Record<string, unknown>>;

interface FixtureOptions {
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly target?: string;
}

interface Fixture {
  readonly name: string;
  readonly dockerfile: string;
  readonly builder: 'buildkit' | 'classic';
  readonly options: FixtureOptions;
}

/** What a Docker 28.5 with BuildKit made of a Dockerfile: the last stage's config and history, and the progress names. */
export interface BuildkitFixture extends Fixture {
  readonly config: Json;
  readonly author: string;
  readonly history: readonly { readonly created_by: string; readonly empty: boolean }[];
  readonly vertices: readonly string[];
}

/** What a Docker 28.5 with the classic builder made of it: every image on the way, but for ids and host names. */
export interface ClassicFixture extends Fixture {
  readonly display: readonly string[];
  readonly warnings: readonly string[];
  readonly executing: readonly string[];
  readonly steps: readonly {
    readonly created_by: string;
    readonly config: Json;
    readonly container_config: Json;
    /** Null where it cannot be told. */
    readonly viaContainer: boolean | null;
    readonly author: string;
    readonly historyAuthor: string;
  }[];
}

function read(name: string): string {
  return readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8');
}

export const buildkitFixtures = JSON.parse(read('buildkit')) as readonly BuildkitFixture[];
export const classicFixtures = JSON.parse(read('classic')) as readonly ClassicFixture[];
const bases = parseGoJson(read('bases'));

/** The base images that the fixtures were built on. */
export function fixtureBase(reference: string): BaseImage | undefined {
  const fields = jsonFields(bases, '').object(reference.replace(/:latest$/, ''));
  const config = fields?.object('config');
  if (fields === undefined || config === undefined) return undefined;
  return { config: parseContainerConfig(config), author: fields.text('author') };
}

export const defaultOptions: PlanOptions = {
  builder: 'buildkit',
  buildArgs: new Map(),
  labels: new Map(),
  network: 'none',
  platform: { os: 'linux', architecture: 'amd64' },
  // All of them are for this platform.
  resolveBase: (reference, platform) =>
    platform === undefined || platform.architecture === 'amd64' ? fixtureBase(reference) : undefined,
};

/** Plans a Dockerfile text for a builder; the options are those of the fixtures. */
export function plan(text: string, options: Partial<PlanOptions> = {}): Plan {
  return planBuild(parseDockerfile(text), { ...defaultOptions, ...options });
}

/** Plans a fixture. */
export function planFixture({ dockerfile, builder, options }: Fixture): Plan {
  return plan(dockerfile, {
    builder,
    buildArgs: new Map(Object.entries(options.buildArgs ?? {})),
    labels: new Map(Object.entries(options.labels ?? {})),
    ...(options.target === undefined ? {} : { target: options.target }),
  });
}

/** A config as BuildKit would print it. */
export function buildkitJson(config: ContainerConfig): unknown {
  return JSON.parse(encodeGoJson(buildkitConfigJson(config, false)));
}

/** A config as the classic builder would print it, but for ids and host names. */
export function classicJson(config: ContainerConfig): unknown {
  const json: unknown = JSON.parse(encodeGoJson(classicConfigJson(config)));
  const { Hostname: _hostname, Image: _image, ...rest } = json as Json;
  return rest;
}
