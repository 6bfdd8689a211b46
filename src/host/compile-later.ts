import { setFlagsFromString } from 'node:v8';

/**
 * How much a function of JavaScript has to do before V8 thinks of compiling it once more, for speed: bytes of its bytecode that were
 * run through, eight times V8's own number.
 */
const BUDGET = 540_672;
/** V8 tells of flags that it does not know on the user's terminal: this version knows both. */
const KNOWN = /^v20\./;

/**
 * Has V8 compile less of what runs, and hold less memory for it, in this process and all its threads, from now on: work of less than
 * a second is over before the second compilation of its functions has paid, and several threads compile the same ones. To be
 * called only where the process does nothing else.
 */
export function compileLater(): void {
  if (KNOWN.test(process.version)) setFlagsFromString(`--interrupt-budget=${BUDGET} --optimize-for-size`);
}
