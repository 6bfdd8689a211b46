import { trimGoSpaceLeft } from './go-text.ts';
import { InstructionProblem } from './parse-error.ts';

/**
 * The words of a JSON array, or undefined where the text is no JSON array (it is shell form or a word list then).
 * A valid array with an element that is no string is an error, not a fallback (buildkit parser/line_parsers.go parseJSON).
 */
export function parseJsonForm(rest: string): readonly string[] | undefined {
  const text = trimGoSpaceLeft(rest);
  if (!text.startsWith('[')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(value)) return undefined;
  return value.map((element: unknown) => {
    if (typeof element !== 'string') {
      throw new InstructionProblem('when using JSON array syntax, arrays must be comprised of strings only');
    }
    // Go writes U+FFFD for half a surrogate pair.
    return element.replace(/\p{Surrogate}/gu, '\ufffd');
  });
}
