/**
 * What a build tells while it runs. Each builder has its own story, as docker's own clients show it: BuildKit speaks of
 * vertices (`#5 [2/7] RUN ...`), classic of steps (`Step 2/7 : RUN ...`). Whoever prints decides how.
 */
export type BuildEvent = VertexEvent | ClassicEvent | WarningEvent;

/** Times are milliseconds since the epoch, with fractions. `id` counts from 1 in the order of first appearance. */
export type VertexEvent =
  | { readonly kind: 'vertex-start'; readonly id: number; readonly name: string; readonly time: number }
  | {
      readonly kind: 'vertex-status';
      readonly id: number;
      /** E.g. `transferring context:` or `exporting layers`; the same name again updates the line. */
      readonly name: string;
      readonly current: number;
      /** 0 where it is not known. Bytes. */
      readonly total: number;
      readonly time: number;
      readonly done: boolean;
    }
  | {
      readonly kind: 'vertex-log';
      readonly id: number;
      readonly stream: 1 | 2;
      readonly data: Buffer;
      readonly time: number;
    }
  | {
      readonly kind: 'vertex-end';
      readonly id: number;
      readonly time: number;
      readonly outcome: 'done' | 'cached' | 'error' | 'cancelled';
      /** Only with outcome `error`: one sentence. */
      readonly error?: string;
    };

export type ClassicEvent =
  | { readonly kind: 'context-sent'; readonly bytes: number }
  /** Bytes so far and of how many, 0 where that is not known. */
  | { readonly kind: 'downloading'; readonly bytes: number; readonly total: number; readonly done: boolean }
  | { readonly kind: 'step'; readonly index: number; readonly total: number; readonly text: string }
  | { readonly kind: 'using-cache' }
  | { readonly kind: 'running'; readonly container: string }
  | { readonly kind: 'output'; readonly stream: 1 | 2; readonly data: Buffer }
  | { readonly kind: 'removed'; readonly container: string }
  | { readonly kind: 'image'; readonly id: string }
  | { readonly kind: 'built'; readonly id: string }
  | { readonly kind: 'tagged'; readonly name: string };

export interface WarningEvent {
  readonly kind: 'warning';
  readonly text: string;
}
