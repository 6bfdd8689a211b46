import { LayerlabError, type SourceLocation } from '../errors/layerlab-error.ts';
import { problemPlace } from './problem-place.ts';

interface Position {
  readonly line: number;
  readonly character: number;
}

interface Range {
  readonly start: Position;
  readonly end: Position;
}

interface Candidate {
  readonly text: string;
  readonly range: Range;
}

/**
 * The same error, its columns narrowed to the word that the message is about. Reads the ranges of `dockerfile-ast`,
 * which is loaded only here, where the
 * message and the instruction's text do not tell enough; an error without a place, or whose word is not found, comes back as it is.
 */
export async function sharpenLocation(error: LayerlabError): Promise<LayerlabError> {
  const { location } = error;
  if (location === undefined) return error;
  const narrowed = namedPart(location, error.message) ?? (await narrow(location, error.message));
  if (narrowed === undefined) return error;
  return new LayerlabError(error.code, error.message, {
    location: { ...location, ...narrowed },
    exitCode: error.exitCode,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.cause === undefined ? {} : { cause: error.cause }),
  });
}

/** What the message itself tells of the place; the instruction's text is enough for that. */
function namedPart(location: SourceLocation, message: string): Partial<SourceLocation> | undefined {
  const lines = location.source.split('\n').slice(location.startLine - 1, location.endLine);
  const text = lines.join('\n').slice(location.startColumn);
  const found = problemPlace(message, text);
  if (found === undefined || found.end === found.start) return undefined;
  const [from, to] = [positionIn(text, found.start), positionIn(text, found.end)];
  const column = (at: Position): number => at.character + (at.line === 0 ? (location.startColumn ?? 0) : 0);
  return {
    startLine: location.startLine + from.line,
    endLine: location.startLine + to.line,
    startColumn: column(from),
    endColumn: column(to),
  };
}

function positionIn(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length - 1, character: offset - (before.lastIndexOf('\n') + 1) };
}

/** Above this an instruction is not read a second time for the sake of a column, characters. */
const MAX_INSTRUCTION = 64 * 1024;

const ESCAPE = /^#[ \t]*escape[ \t]*=[ \t]*([`\\])/im;

async function narrow(location: SourceLocation, message: string): Promise<Partial<SourceLocation> | undefined> {
  const { DockerfileParser, ModifiableInstruction } = await import('dockerfile-ast');
  // The instruction alone, on the second line of a text whose first one says which escape the file has.
  const lines = location.source.split('\n').slice(location.startLine - 1, location.endLine);
  const text = lines.join('\n');
  if (text.length > MAX_INSTRUCTION) return undefined;
  const escapeToken = ESCAPE.exec(location.source.slice(0, 1000))?.[1] ?? '\\';
  const instruction = DockerfileParser.parse(`# escape=${escapeToken}\n${text}`)
    .getInstructions()
    .find((candidate) => candidate.getRange().start.line === 1);
  if (instruction === undefined) return undefined;
  const words: Candidate[] = [
    ...(instruction instanceof ModifiableInstruction
      ? instruction.getFlags().map((flag) => ({ text: `--${flag.getName()}`, range: flag.getRange() }))
      : []),
    ...instruction.getArguments().map((word) => ({ text: word.getValue(), range: word.getRange() })),
    { text: instruction.getInstruction(), range: instruction.getInstructionRange() },
  ];
  const named = words.filter(({ text }) => text !== '' && mentions(message, text));
  const best = named.sort((a, b) => b.text.length - a.text.length)[0];
  if (best === undefined) return undefined;
  const { start, end } = best.range;
  return {
    startLine: location.startLine + start.line - 1,
    endLine: location.startLine + end.line - 1,
    startColumn: start.character,
    endColumn: end.character,
  };
}

/** Whether a message names a word, as it is or as the name of a flag, and not as a part of a longer word. */
function mentions(message: string, text: string): boolean {
  const word = text.startsWith('--') ? text.replace(/=.*$/s, '') : text;
  for (let at = message.indexOf(word); at >= 0; at = message.indexOf(word, at + 1)) {
    const before = message.charAt(at - 1);
    const after = message.charAt(at + word.length);
    if (!/[\w-]/.test(before) && !/[\w-]/.test(after)) return true;
  }
  return false;
}
