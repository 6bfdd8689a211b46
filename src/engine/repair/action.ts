import type { ByteString } from '../../formats/bytestring.ts';
import type { DamageId } from '../check/damage-catalogue.ts';

/** One step of a repair. Each is done at once or not at all, and doing it again does no harm. Paths are relative to the data-root. */
export type Action = { readonly why: DamageId; readonly where: ByteString } & (
  | { readonly kind: 'write'; readonly text: string; readonly mode: number }
  | { readonly kind: 'link'; readonly target: ByteString }
  | { readonly kind: 'mkdir'; readonly mode: number }
  | { readonly kind: 'chmod'; readonly mode: number }
  | { readonly kind: 'remove' }
  | { readonly kind: 'quarantine' }
);
