import { isPlainWord, processWord, processWords, type Variables, type WordRules } from '../parser/expand-word.ts';
import type { InlineFile, Instruction, KeyValue } from '../parser/instruction.ts';

/** Expands single words in the environment before an instruction. */
export interface Expander {
  word(text: string): string;
  words(text: string): readonly string[];
  /** The body of an inline document: quotes mean nothing in it, and `\\` escapes whatever the file's escape is. */
  document(text: string): string;
}

/** An expander by the rules of a file; the environment is asked for only when a word needs it. */
export function expanderFor(env: () => Variables, rules: WordRules): Expander {
  let known: Variables | undefined;
  const lookup = (): Variables => {
    known ??= env();
    return known;
  };
  return {
    word: (text) => (isPlainWord(text) ? text : processWord(text, lookup(), rules)),
    words: (text) => processWords(text, lookup(), rules),
    document: (text) => processWord(text, lookup(), { skipQuotes: true }),
  };
}

function pairs(values: readonly KeyValue[], expander: Expander): readonly KeyValue[] {
  return values.map(({ key, value }) => ({ key: expander.word(key), value: expander.word(value) }));
}

function documents(files: readonly InlineFile[], expander: Expander): readonly InlineFile[] {
  return files.map((file) => (file.expand ? { ...file, data: expander.document(file.data) } : file));
}

/**
 * The instruction with its variables expanded, where its kind does that (buildkit instructions/commands.go `Expand`).
 * ARG is left alone: the builders differ there. Throws LL_PARSE in docker's words.
 */
export function expandInstruction<T extends Instruction>(instruction: T, expander: Expander): T;
export function expandInstruction(instruction: Instruction, expander: Expander): Instruction {
  switch (instruction.kind) {
    case 'ADD':
    case 'COPY':
      return {
        ...instruction,
        chown: expander.word(instruction.chown),
        chmod: expander.word(instruction.chmod),
        destination: expander.word(instruction.destination),
        sources: instruction.sources.map((source) => expander.word(source)),
        inlineFiles: documents(instruction.inlineFiles, expander),
        ...(instruction.kind === 'ADD' ? { checksum: expander.word(instruction.checksum) } : {}),
      };
    case 'ENV':
      return { ...instruction, pairs: pairs(instruction.pairs, expander) };
    case 'LABEL':
      return instruction.literal ? instruction : { ...instruction, pairs: pairs(instruction.pairs, expander) };
    case 'EXPOSE':
      return { ...instruction, ports: instruction.ports.flatMap((port) => expander.words(port)) };
    case 'STOPSIGNAL':
      return { ...instruction, signal: expander.word(instruction.signal) };
    case 'USER':
      return { ...instruction, user: expander.word(instruction.user) };
    case 'VOLUME':
      return { ...instruction, volumes: instruction.volumes.map((volume) => expander.word(volume)) };
    case 'WORKDIR':
      return { ...instruction, path: expander.word(instruction.path) };
    default:
      return instruction;
  }
}
