import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { LayerStack } from '../../executor/build-env.ts';
import type { StepOutcome } from '../../executor/steps/copy-step.ts';
import type { CopyAction } from '../../planner/step.ts';
import type { InputOptions } from './read-input.ts';

/** What a copying thread is told once: enough to open the same data-root and the same contexts. All of it can be cloned. */
export interface CopySetup {
  readonly dataRoot: string;
  readonly input: InputOptions;
  /** The time of the context's root folder, nanoseconds, so that all threads give it the same. */
  readonly openedAt: bigint;
  /** Folders of named contexts. */
  readonly folders: ReadonlyMap<string, string>;
  readonly timestamp: bigint | undefined;
  /** One number; not 0 once the build is to stop. */
  readonly stop: Int32Array;
}

/** One COPY or ADD to do. */
export interface CopyJob {
  readonly id: number;
  readonly stack: LayerStack;
  readonly action: CopyAction;
  readonly from: LayerStack | undefined;
  readonly noCache: boolean;
  readonly scratch: string;
}

export type CopyMessage =
  | { readonly kind: 'status'; readonly id: number; readonly status: readonly [string, number, number, boolean] }
  | { readonly kind: 'done'; readonly id: number; readonly outcome: StepOutcome }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: CopyFailure };

/** An error as it goes from thread to thread. */
export interface CopyFailure {
  readonly name: string;
  readonly message: string;
  readonly code: LayerlabError['code'] | undefined;
  readonly hint: string | undefined;
}

export function toFailure(error: unknown): CopyFailure {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const known = error instanceof LayerlabError ? error : undefined;
  return { name, message, code: known?.code, hint: known?.hint };
}

export function toError({ name, message, code, hint }: CopyFailure): Error {
  if (code !== undefined) return new LayerlabError(code, message, hint === undefined ? {} : { hint });
  return Object.assign(new Error(message), { name });
}
