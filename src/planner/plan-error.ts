import { LayerlabError } from '../errors/layerlab-error.ts';
import type { SourceRange } from '../parser/instruction.ts';
import { locationOf, type SourceFile } from '../parser/parse-error.ts';

/** Runs a part of the planning; an error it throws gets the place of the instruction at hand. */
export function atInstruction<T>(file: SourceFile, range: SourceRange, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof LayerlabError) throw error.at(locationOf(file, range));
    throw error;
  }
}
