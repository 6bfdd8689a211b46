import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { Instruction } from '../../parser/instruction.ts';

/** The Dockerfile as it was read, so that an error can show the place. */
export interface SourceText {
  readonly fileName: string;
  readonly source: string;
}

/** Runs some work for an instruction; an error that has no place yet gets the instruction's. */
export async function atInstruction<T>(
  text: SourceText,
  instruction: Instruction,
  work: () => Promise<T> | T,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof LayerlabError)) throw error;
    throw error.at({ file: text.fileName, source: text.source, ...instruction.range });
  }
}
