import type { LayerlabError } from '../../errors/layerlab-error.ts';
import type { Instruction } from '../instruction.ts';

/** A platform in Go's names. */
export interface CheckPlatform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** What the checks have to know of a base image that is at hand. */
export interface CheckBase {
  /** Undefined for an image without layers, whose platform means nothing. */
  readonly platform: CheckPlatform | undefined;
  readonly env: ReadonlyMap<string, string>;
  readonly hasShell: boolean;
  /** Its ONBUILD triggers. */
  readonly triggers: readonly string[];
}

/** What a build would refuse though it can be read. */
export interface CheckFault {
  readonly error: LayerlabError;
  /** The instruction at which it does so; undefined: before the first one. */
  readonly at: Instruction | undefined;
}

/** What is around a Dockerfile when it is checked. */
export interface CheckInput {
  /** `--build-arg`. */
  readonly buildArgs: ReadonlyMap<string, string>;
  /** The arguments that exist without an ARG: TARGETPLATFORM and the like. */
  readonly predefined: ReadonlyMap<string, string>;
  readonly platform: CheckPlatform;
  /** The stage to check with all it needs; undefined: every stage. */
  readonly target: string | undefined;
  /** Whether the last stage is the target where none is named, as in a build; else all stages are checked then. */
  readonly reachedOnly?: boolean;
  /** Whether a path of the context is left out; undefined where there is no .dockerignore that could be asked. */
  readonly ignores: ((path: string) => boolean) | undefined;
  /** What a build of these stages would refuse first: it ends the checks, as docker's end there. Asked once. */
  readonly fault?: () => CheckFault | undefined;
  /** The image of a FROM, or undefined where it is not at hand: then its variables are unknown too. */
  readonly base: (reference: string) => CheckBase | undefined;
}
