import type { ByteString } from '../formats/bytestring.ts';
import type { PlannedFile } from './plan/planned-rows.ts';

/** What may be compared: an image, or a Dockerfile as it would be built. */
export type CompareSubject =
  | { readonly kind: 'image'; readonly image: string; readonly shownAs?: string }
  | { readonly kind: 'dockerfile'; readonly file: Omit<PlannedFile, 'dataRoot'>; readonly shownAs: string };

export interface CompareRequest {
  readonly dataRoot: string;
  readonly a: CompareSubject;
  readonly b: CompareSubject;
  /** Times of files and of the build make no difference. */
  readonly ignoreTimes?: boolean;
}

/** An instruction of one side. */
export interface CompareRow {
  /** As a Dockerfile would have it. */
  readonly text: string;
  readonly layer: boolean;
  /** Whether the base image brought it. */
  readonly base: boolean;
  /** Line of the Dockerfile; undefined for an image. */
  readonly line: number | undefined;
  /** Bytes and digest of its layer, where there is one and it is known. */
  readonly size: number | undefined;
  readonly diffId: string | undefined;
}

export interface CompareSide {
  readonly kind: 'image' | 'dockerfile';
  readonly name: string;
  readonly imageId: string | undefined;
  /** Name of the base image, where it is known. */
  readonly base: string | undefined;
  readonly rows: readonly CompareRow[];
  /** Undefined where the base of a Dockerfile is not in the data-root. */
  readonly layers: number | undefined;
  readonly configSteps: number;
  /** Bytes of all layers; undefined for a Dockerfile. */
  readonly size: number | undefined;
}

/**
 * `same`; `rebuilt`: the same instruction made another layer; `changed`: another version of an instruction of the kind;
 * `removed`: in the first only; `added`: in the second only.
 */
export type RowStatus = 'same' | 'rebuilt' | 'changed' | 'removed' | 'added';

export interface ComparedRow {
  readonly status: RowStatus;
  readonly a: CompareRow | undefined;
  readonly b: CompareRow | undefined;
}

export interface ConfigDifference {
  /** As `Env.PATH` or `User`. */
  readonly key: string;
  /** Undefined where the side does not have it. */
  readonly a: string | undefined;
  readonly b: string | undefined;
}

/** What of a file differs. */
export type FileAspect = 'kind' | 'content' | 'mode' | 'owner' | 'time' | 'target' | 'device' | 'xattrs';

export interface FileDifference {
  readonly path: ByteString;
  readonly change: 'added' | 'removed' | 'changed';
  /** Empty for what is on one side only. */
  readonly aspects: readonly FileAspect[];
  /** Bytes of content; undefined where the side does not have it. */
  readonly sizeA: number | undefined;
  readonly sizeB: number | undefined;
}

export interface CompareResult {
  readonly a: CompareSide;
  readonly b: CompareSide;
  readonly same: boolean;
  readonly rows: readonly ComparedRow[];
  readonly config: readonly ConfigDifference[];
  /** By path; undefined where one side is a Dockerfile that was not built. */
  readonly files: readonly FileDifference[] | undefined;
}
