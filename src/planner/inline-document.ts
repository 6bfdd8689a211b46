import { LayerlabError } from '../errors/layerlab-error.ts';
import { cleanPath } from '../parser/clean-path.ts';
import { chompHeredoc, heredocOrNone } from '../parser/find-heredocs.ts';
import type { RunInstruction } from '../parser/instruction.ts';
import type { InlineDocument } from './step.ts';

/** Where a RUN finds the script that stands in the Dockerfile. */
const SCRIPT_FOLDER = '/dev/pipes';
const MAX_NAME = 255;

/**
 * The file that an inline document becomes. BuildKit writes it into an empty root folder, so only a delimiter that is a
 * single name there works. Throws LL_BUILD_FAILED in the words of the daemon.
 */
export function inlineDocument(delimiter: string, data: string): InlineDocument {
  const path = cleanPath(`/${delimiter}`);
  const name = path.slice(1);
  if (name === '') throw new LayerlabError('LL_BUILD_FAILED', 'open : is a directory');
  if (name.includes('\0')) throw new LayerlabError('LL_BUILD_FAILED', 'open : invalid argument');
  if (name.includes('/')) throw new LayerlabError('LL_BUILD_FAILED', `open ${path}: no such file or directory`);
  if (Buffer.byteLength(name) > MAX_NAME)
    throw new LayerlabError('LL_BUILD_FAILED', `lstat ${path}: file name too long`);
  return { name, data };
}

/** What the inline documents of a RUN make of it. */
export interface RunDocuments {
  /** What stands behind the shell. */
  readonly words: readonly string[];
  readonly script: InlineDocument | undefined;
  /** What progress shows of the text, with a space in front; may be empty. */
  readonly summary: string;
}

/**
 * A RUN that is one inline document and nothing else executes its text: by the shell's `-c`, or, where it begins with
 * `#!`, as a script of its own. In any other form the shell gets the documents as they are written (buildkit
 * dockerfile2llb/convert.go dispatchRun).
 */
export function runDocuments(run: RunInstruction): RunDocuments {
  const [document] = run.heredocs;
  if (document === undefined) return { words: run.words, script: undefined, summary: '' };
  const [command = ''] = run.words;
  if (heredocOrNone(command) === undefined) {
    const texts = run.heredocs.map(({ data, name }) => `\n${data}${name}`);
    return { words: [command + texts.join('')], script: undefined, summary: '' };
  }
  const text = document.chomp ? chompHeredoc(document.data) : document.data;
  const summary = ` (${firstLine(document.data)})`;
  if (!document.data.startsWith('#!')) return { words: [text], script: undefined, summary };
  const path = cleanPath(`${SCRIPT_FOLDER}/${document.name}`);
  return { words: [path], script: inlineDocument(document.name, text), summary };
}

function firstLine(text: string): string {
  const [first = '', ...more] = text.trim().replaceAll('\r\n', '\n').split('\n');
  return more.length > 0 ? `${first}...` : first;
}
