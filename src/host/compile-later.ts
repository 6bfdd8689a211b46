import { setFlagsFromString } from 'node:v8';

/**
 * How much a function of JavaScript has to do before V8 thinks of compiling it once more, for speed: bytes of its bytecode that were
 * run through, eight and sixteen times V8's own number.
 */
const [BUDGET, BUDGET_OF_MOMENTS] = [540_672, 1_081_344];
/** V8 tells of flags that it does not know on the user's terminal: this version knows both. */
const KNOWN = /^v20\./;

/**
 * What V8 begins with; the size is a consequence of the other two, which V8 draws itself. A compiled form of a program that is kept with
 * other flags is of no use to the next process.
 */
const AT_START = '--interrupt-budget=67584 --no-optimize-for-size --max-semi-space-size=0';

/**
 * Has V8 compile less of what runs, in this process and all its threads, from now on: work of less than a second is over before the second
 * compilation of its functions has paid, and several threads compile the same ones. To be called only where the process does nothing
 * else. When it ends, V8 is as it was, before the compiled form of the program is kept.
 *
 * @param isShort whether there is so little to do that V8 need not hold less memory either: to do so it collects all of it once, which
 *   takes 7 to 15 ms, when 2 MB have been added in place of 8
 */
export function compileLater(isShort = false): void {
  if (!KNOWN.test(process.version)) return;
  setFlagsFromString(`--interrupt-budget=${isShort ? BUDGET_OF_MOMENTS : BUDGET}`);
  if (!isShort) setFlagsFromString('--optimize-for-size');
  process.prependOnceListener('exit', () => setFlagsFromString(AT_START));
}
