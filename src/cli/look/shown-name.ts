import { harmlessText } from '../harmless-text.ts';

const PLAIN = /^[ -~]*$/;

/** A name or value from a data-root on one line of a drawing: nothing in it moves the cursor or ends the line. */
export function shownName(text: string): string {
  return PLAIN.test(text) ? text : harmlessText(text).replaceAll('\n', '^J').replaceAll('\t', '^I');
}
