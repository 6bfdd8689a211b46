import type { DockerfileSyntax } from '../profiles/dockerfile-syntax.ts';
import { trimGoSpace } from './go-text.ts';
import type { RawArguments } from './parse-arguments.ts';
import type { RawInstruction } from './read-lines.ts';

/** A raw instruction with its words, and the language of the file that it is in. */
export type InstructionRequest = RawInstruction & { readonly args: RawArguments; readonly syntax: DockerfileSyntax };

/** The fields that every instruction has. */
export function commonFields(request: InstructionRequest): {
  readonly keyword: string;
  readonly source: string;
  readonly range: RawInstruction['range'];
  readonly heredocs: RawInstruction['heredocs'];
} {
  return {
    keyword: request.parts.keyword,
    source: trimGoSpace(request.line),
    range: request.range,
    heredocs: request.heredocs,
  };
}
