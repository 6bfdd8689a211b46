import { harmlessText } from '../harmless-text.ts';
import type { Output } from '../output.ts';

/** Writes a value as one indented JSON document. */
export function writeJson(value: unknown, output: Output): void {
  const text = `${JSON.stringify(value, undefined, 2)}\n`;
  output.write(output.isTTY ? harmlessText(text) : text);
}
