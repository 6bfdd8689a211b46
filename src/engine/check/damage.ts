import type { ByteString } from '../../formats/bytestring.ts';
import type { DamageId, Severity } from './damage-catalogue.ts';

/** A finding of one step, before it is known whom it concerns. */
export interface Finding {
  readonly id: DamageId;
  /** The file or folder, relative to the data-root. */
  readonly where: ByteString;
  /** What is wrong there, one line; may hold names from the data-root. */
  readonly detail: string;
  /** Names in `layerdb/sha256` (64 hex digits) of the layer it is about. */
  readonly layer?: string;
  /** Id of the image (64 hex digits). */
  readonly image?: string;
  readonly container?: string;
  /** What is right there, where that can be derived: the text of the file, the target of the link. */
  readonly expected?: string;
}

/** One thing that is wrong, for showing. */
export interface Damage {
  readonly id: DamageId;
  readonly severity: Severity;
  /** Relative to the data-root; bytes that are no UTF-8 show as U+FFFD. */
  readonly where: string;
  readonly detail: string;
  readonly means: string;
  readonly mend: string;
  /** Whether `layerlab repair` does something about it. */
  readonly repairable: boolean;
  /** Names, or short ids, of the images that it concerns. */
  readonly images: readonly string[];
  /** Names of the containers that it concerns. */
  readonly containers: readonly string[];
}

/** What could not be looked at. It may be sound. */
export interface Unreadable {
  readonly where: string;
  readonly why: string;
}

/** Takes the findings of a step. */
export type Report = (finding: Finding) => void;
