import type { VariableOrigin } from '../planner/variable-origins.ts';
import type { BuilderName, CompatName } from './build-options.ts';

export interface PlanRequest {
  /** Asked for base images only, and never written; it need not be there. */
  readonly dataRoot: string;
  /** As for `build`. */
  readonly context: string | undefined;
  readonly file?: string;
  readonly dockerfileText?: string;
  /** How the file is called in the result, where not as the build calls it. */
  readonly shownAs?: string;
  readonly builder?: BuilderName;
  readonly compat?: CompatName;
  readonly target?: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  /** Files that are thought to have changed, relative to the context or absolute; they need not be there. */
  readonly changed?: readonly string[];
}

/** `layer`: makes a layer (for the classic builder: unless it changes nothing). `config`: describes the image only. */
export type StepKind = 'layer' | 'config';

/** Why build does not do a line. */
export interface PlanRefusal {
  readonly message: string;
  readonly hint: string | undefined;
}

/** What a step loses where a file changes: `source`: it takes the file; `behind`: what it stands on or copies changes. */
export type CacheLoss = 'source' | 'behind';

/** A variable that an ENV or ARG line sets. */
export type PlanVariable = VariableOrigin;

export interface PlanStep {
  readonly kind: StepKind;
  /** First line in the Dockerfile; that of FROM for a trigger. */
  readonly line: number;
  /** As written, lines joined. */
  readonly text: string;
  /** Whether an ONBUILD of the base image brought it. */
  readonly trigger: boolean;
  /** The stage that COPY --from takes from, or that a RUN mounts first. */
  readonly fromStage: number | undefined;
  /** The image that COPY --from takes from, or that a RUN mounts first. */
  readonly fromImage: string | undefined;
  /** What an ENV or ARG line sets, and where the values came from. */
  readonly variables: readonly PlanVariable[];
  readonly refused: PlanRefusal | undefined;
  readonly cacheLoss: CacheLoss | undefined;
}

export interface LayerCount {
  /** Layers of the image below; undefined where that image is not in the data-root. */
  readonly base: number | undefined;
  /** Layers that the steps add, those of the stages it stands on included. */
  readonly added: number;
  /** Both together; undefined where the base's are not known. */
  readonly total: number | undefined;
}

export interface PlanStage {
  readonly index: number;
  readonly name: string | undefined;
  readonly line: number;
  /** The FROM line as written. */
  readonly text: string;
  readonly base:
    | { readonly kind: 'scratch' }
    | { readonly kind: 'stage'; readonly index: number }
    | { readonly kind: 'image'; readonly reference: string; readonly known: boolean }
    /** Classic does not read the FROM lines behind the target. */
    | { readonly kind: 'unread' };
  /** Whether the target stands on it or copies from it. */
  readonly needed: boolean;
  /** Whether build builds it: BuildKit what is needed, classic every stage up to the target. */
  readonly built: boolean;
  /** Undefined for a stage that is not read. */
  readonly layers: LayerCount | undefined;
  readonly refused: PlanRefusal | undefined;
  /** Of a stage that is not built: the lines as they stand, nothing expanded. */
  readonly steps: readonly PlanStep[];
}

export interface PlanGlobal {
  readonly line: number;
  readonly text: string;
  readonly variables: readonly PlanVariable[];
}

export interface PlanChange {
  /** As it was asked for. */
  readonly file: string;
  /** `ignored` by .dockerignore, `outside` of the context (so neither is ever copied), or in it. */
  readonly place: 'context' | 'ignored' | 'outside';
  /** The COPY and ADD lines of built stages that take it. */
  readonly lines: readonly number[];
}

/** What a build of a Dockerfile would do. */
export interface PlanResult {
  readonly file: string;
  readonly builder: BuilderName;
  /** Index of the stage that the image is made of. */
  readonly target: number;
  readonly globals: readonly PlanGlobal[];
  readonly stages: readonly PlanStage[];
  /** Of the stages that are built. */
  readonly layerSteps: number;
  readonly configSteps: number;
  readonly changes: readonly PlanChange[];
  readonly warnings: readonly string[];
}
