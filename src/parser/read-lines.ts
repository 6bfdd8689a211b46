import type { Heredoc, SourceRange } from './instruction.ts';
import type { CommandParts } from './split-command.ts';

/** An instruction as the line reader finds it: one logical line taken apart, not yet understood. */
export interface RawInstruction {
  /** The joined line. */
  readonly line: string;
  readonly parts: CommandParts;
  readonly range: SourceRange;
  readonly heredocs: readonly Heredoc[];
}

/** Longest line in bytes, line end not counted (Go's bufio.MaxScanTokenSize - 1). */
export const MAX_LINE = 65535;

/** Hands out the physical lines of a file, line ends included, and counts them. */
export class LineReader {
  readonly #text: string;
  #offset = 0;
  /** Lines handed out so far: the 1-based number of the last one. */
  line = 0;
  /** Set when a line over the limit stopped the reading, as it stops Go's scanner. */
  tooLong = false;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next line, or undefined at the end. */
  next(): string | undefined {
    if (this.tooLong || this.#offset >= this.#text.length) return undefined;
    const feed = this.#text.indexOf('\n', this.#offset);
    const end = feed < 0 ? this.#text.length : feed + 1;
    const line = this.#text.slice(this.#offset, end);
    if (line.length * 3 > MAX_LINE && Buffer.byteLength(line) - (feed < 0 ? 0 : 1) > MAX_LINE) {
      this.tooLong = true;
      return undefined;
    }
    this.#offset = end;
    this.line++;
    return line;
  }
}

/** A line without its line end. */
export function trimNewline(line: string): string {
  let end = line.length;
  while (end > 0 && (line[end - 1] === '\n' || line[end - 1] === '\r')) end--;
  return line.slice(0, end);
}
