import { LayerlabError } from '../../errors/layerlab-error.ts';
import { expandWord } from '../expand-word.ts';
import type { AddInstruction, CopyInstruction, Instruction, RunInstruction } from '../instruction.ts';

/** Longest value that is kept: what checks ask is whether a variable is set, and only seldom what is in it. */
const MAX_VALUE = 4096;
/** Variables handed on from stage to stage in all. */
const MAX_COPIES = 2_000_000;

/** The variables of a stage, and the names that it declared by ARG. */
export interface Variables {
  readonly values: Map<string, string>;
  readonly declared: Set<string>;
}

/** Copies variables for a new stage, so many in one run and no more. */
export class VariableCopier {
  #copies = 0;

  /** Throws LL_LIMIT. */
  copy(from: { readonly values: ReadonlyMap<string, string>; readonly declared: ReadonlySet<string> }): Variables {
    this.#copies += from.values.size + from.declared.size;
    if (this.#copies > MAX_COPIES) {
      throw new LayerlabError('LL_LIMIT', `the stages hand on more than ${MAX_COPIES} variables to each other`);
    }
    return { values: new Map(from.values), declared: new Set(from.declared) };
  }
}

/** Sets a variable; it moves to the end, where suggestions look last. */
export function setVariable({ values }: Variables, key: string, value: string): void {
  values.delete(key);
  values.set(key, value.slice(0, MAX_VALUE));
}

/** A map that remembers which of its keys were asked for and there. */
export class RecordingMap extends Map<string, string> {
  readonly matched = new Set<string>();

  override get(key: string): string | undefined {
    const value = super.get(key);
    if (value !== undefined) this.matched.add(key);
    return value;
  }
}

/** Words of an instruction in which docker looks for variables, `kind` telling how each is read. */
export interface ExpandableWord {
  readonly text: string;
  /** The body of an inline document: quotes mean nothing in it. */
  readonly document: boolean;
}

function words(...texts: readonly string[]): readonly ExpandableWord[] {
  return texts.map((text) => ({ text, document: false }));
}

function copyWords(copy: CopyInstruction | AddInstruction): readonly ExpandableWord[] {
  const { chown, chmod, sources, destination } = copy;
  const checksum = copy.kind === 'ADD' ? [copy.checksum] : [];
  const documents = copy.inlineFiles.filter(({ expand }) => expand).map(({ data }) => ({ text: data, document: true }));
  return [...words(chown, chmod, ...checksum, ...sources, destination), ...documents];
}

function mountWords({ mounts }: RunInstruction): readonly ExpandableWord[] {
  return mounts.flatMap((mount) =>
    mount.split(',').flatMap((field) => {
      const at = field.indexOf('=');
      const key = field.slice(0, Math.max(at, 0)).toLowerCase();
      return at < 0 || key === 'from' || key === 'type' ? [] : words(field.slice(at + 1));
    }),
  );
}

/** The words of an instruction that docker checks for variables that are not set; ARG and EXPOSE are treated apart. */
export function expandableWords(instruction: Instruction): readonly ExpandableWord[] {
  switch (instruction.kind) {
    case 'ADD':
    case 'COPY':
      return copyWords(instruction);
    case 'RUN':
      return mountWords(instruction);
    case 'ENV':
      return words(...instruction.pairs.flatMap(({ key, value }) => [key, value]));
    case 'LABEL':
      return instruction.literal ? [] : words(...instruction.pairs.flatMap(({ key, value }) => [key, value]));
    case 'STOPSIGNAL':
      return words(instruction.signal);
    case 'USER':
      return words(instruction.user);
    case 'VOLUME':
      return words(...instruction.volumes);
    case 'WORKDIR':
      return words(instruction.path);
    default:
      return [];
  }
}

/** Expands one of them; names of unset variables are put into `unset`, also where it throws LL_PARSE or LL_LIMIT. */
export function expandWords(
  word: ExpandableWord,
  values: ReadonlyMap<string, string>,
  escapeToken: string,
  unset: Set<string>,
): string {
  return expandWord(word.text, values, { unset, ...(word.document ? { skipQuotes: true } : { escapeToken }) }).text;
}
