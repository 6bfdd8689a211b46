/** How often a step may be taken: as it is written, at most so often, or as often as there is something to take. */
type Times = 'once' | 'atMostOnce' | 'any';

/** A step of a compiled pattern. */
type Part =
  | { readonly kind: 'one'; readonly test: (char: string) => boolean; readonly times: Times }
  /** `(.*` + `/)?`: nothing, or anything that ends with a slash. */
  | { readonly kind: 'folders' }
  /** `^` behind the start: never true. */
  | { readonly kind: 'never' };

const NOT_SLASH = (char: string): boolean => char !== '/';
const ANY = (char: string): boolean => char !== '\n';

/** Loops that a backtracking engine may hold without a bad worst case on paths of at most 4096 bytes. */
const SAFE_LOOPS = 2;

/** More steps than this are no pattern of a file's name. */
const MOST_PARTS = 20_000;
/** Go's limit for the numbers in braces. */
const MOST_TIMES = 1000;

/**
 * Compiles an expression of literals, `\x`, classes, `[^/]`, `X*`, `X{n,m}`, `.*`, `(.*` + `/)?` and `|` between them to a test whose
 * time grows with expression times path at worst. The whole stands between `^` and `$`, which hold for the first and for the last of several
 * alternatives alone. Throws an Error `syntax error in pattern` for what Go's regexp refuses.
 */
export function compileLinear(expression: string): (path: string) => boolean {
  const alternatives = splitAlternatives(expression);
  if (alternatives.length > 1) {
    const tests = alternatives.map((text, index) => compileOpen(text, index === 0, index === alternatives.length - 1));
    return (path) => tests.some((test) => test(path));
  }
  const parts = parse(expression, true);
  const loops = parts.filter((part) => part.kind === 'folders' || (part.kind === 'one' && part.times === 'any')).length;
  // Whatever stands in front of them, but an escape: the last letters of the expression are those of the path.
  const literalEnd = /(?:^|[^\\\w-])([\w-]+)$/.exec(expression)?.[1] ?? '';
  const matches =
    (loops <= SAFE_LOOPS ? backtracking(expression) : undefined) ??
    simulation(expression, () => parse(expression, true));
  return literalEnd === '' ? matches : (path) => path.endsWith(literalEnd) && matches(path);
}

/** One of several alternatives; what is not at an end of the expression may stand anywhere. */
function compileOpen(text: string, isFirst: boolean, isLast: boolean): (path: string) => boolean {
  const anything: Part = { kind: 'one', test: () => true, times: 'any' };
  return simulation(text, () => [
    ...(isFirst || text.startsWith('^') ? [] : [anything]),
    ...parse(text, isFirst),
    ...(isLast ? [] : [anything]),
  ]);
}

/**
 * Makes the steps at once, so that a mistake in them is told. More than the text is long are not kept, but made anew for each path:
 * a few letters may stand for thousands of steps, and there may be many such texts.
 */
function simulation(text: string, make: () => readonly Part[]): (path: string) => boolean {
  const parts = make();
  return parts.length <= text.length + 2 ? (path) => simulate(parts, path) : (path) => simulate(make(), path);
}

function splitAlternatives(expression: string): readonly string[] {
  const alternatives: string[] = [];
  let start = 0;
  for (let at = 0; at < expression.length; ) {
    const char = expression[at];
    if (char === '|') {
      alternatives.push(expression.slice(start, at));
      start = at + 1;
    }
    at = char === '[' ? endOfClass(expression, at) : at + (char === '\\' ? 2 : 1);
  }
  return [...alternatives, expression.slice(start)];
}

/** The engine of the platform, for expressions it reads as Go does; undefined for others. */
function backtracking(expression: string): ((path: string) => boolean) | undefined {
  if (/[\\[\]^{}]/.test(expression.replaceAll('[^/]', '').replace(/\\[.+()|{}$*?]/g, ''))) return undefined;
  const compiled = new RegExp(`^${expression.replaceAll('.*', '[^\\n]*')}$`, 'u');
  return (path) => compiled.test(path);
}

/** @param isFirst whether `^` stands in front of it */
function parse(expression: string, isFirst: boolean): readonly Part[] {
  const parts: Part[] = [];
  for (let at = 0; at < expression.length; ) {
    if (expression.startsWith('(.*/)?', at)) {
      parts.push({ kind: 'folders' });
      at = refuseRepeat(expression, at + 6);
      continue;
    }
    const char = String.fromCodePoint(expression.codePointAt(at) ?? 0);
    let test: (char: string) => boolean;
    let next = at + char.length;
    if (char === '.') test = ANY;
    else if (char === '[') {
      next = endOfClass(expression, at);
      test = classTest(expression.slice(at, next));
    } else if (char === '\\') {
      const escaped = String.fromCodePoint(expression.codePointAt(at + 1) ?? 0);
      next = at + 1 + escaped.length;
      test = escapeTest(escaped);
    } else if (char === '^') {
      if (at > 0) parts.push({ kind: 'never' });
      at = next;
      continue;
    } else if (char === '{' && at === 0 && repeatAt(expression, 0) !== undefined) {
      // There is `^` to repeat in front of the first alternative, and nothing in front of another.
      if (!isFirst) throw new Error('syntax error in pattern');
      at = refuseRepeat(expression, repeatAt(expression, 0)?.end ?? 0);
      continue;
    } else test = (other) => other === char;
    if (expression[next] === '*') {
      parts.push({ kind: 'one', test, times: 'any' });
      at = refuseRepeat(expression, next + 1);
      continue;
    }
    const repeat = repeatAt(expression, next) ?? { least: 1, most: 1, end: next };
    const { least, most, end } = repeat;
    const once: Part = { kind: 'one', test, times: 'once' };
    const atMostOnce: Part = { kind: 'one', test, times: 'atMostOnce' };
    for (let count = 0; count < least; count++) parts.push(once);
    if (most === undefined) parts.push({ kind: 'one', test, times: 'any' });
    else for (let count = least; count < most; count++) parts.push(atMostOnce);
    if (parts.length > MOST_PARTS) throw new Error('syntax error in pattern');
    at = end === next ? end : refuseRepeat(expression, end);
  }
  return parts;
}

/** `{n}`, `{n,}` or `{n,m}` at a place; undefined where it is none, as Go reads it: then the brace stands for itself. */
function repeatAt(
  expression: string,
  at: number,
): { least: number; most: number | undefined; end: number } | undefined {
  if (expression[at] !== '{') return undefined;
  const match = /^\{(0|[1-9]\d*)(?:(,)(0|[1-9]\d*)?)?\}/.exec(expression.slice(at, at + 64));
  if (match === null) return undefined;
  const least = Number(match[1]);
  const most = match[2] === undefined ? least : match[3] === undefined ? undefined : Number(match[3]);
  if (least > MOST_TIMES || (most !== undefined && (most > MOST_TIMES || most < least))) {
    throw new Error('syntax error in pattern');
  }
  return { least, most, end: at + match[0].length };
}

/** What is repeated is not to be repeated again. */
function refuseRepeat(expression: string, at: number): number {
  if (expression[at] === '*' || repeatAt(expression, at) !== undefined) throw new Error('syntax error in pattern');
  return at;
}

/** Behind the bracket that closes a class; the first character in it closes none. */
function endOfClass(expression: string, open: number): number {
  let at = expression[open + 1] === '^' ? open + 2 : open + 1;
  for (let first = true; at < expression.length; first = false) {
    if (expression[at] === ']' && !first) return at + 1;
    at += expression[at] === '\\' ? 2 : 1;
  }
  throw new Error('syntax error in pattern');
}

const CLASSES: ReadonlyMap<string, RegExp> = new Map([
  ['d', /^[0-9]$/],
  ['D', /^[^0-9]$/u],
  ['w', /^[0-9A-Za-z_]$/],
  ['W', /^[^0-9A-Za-z_]$/u],
  ['s', /^[\t\n\f\r ]$/],
  ['S', /^[^\t\n\f\r ]$/u],
  ...(['a\x07', 'f\f', 'n\n', 'r\r', 't\t', 'v\v'] as const).map(
    ([letter, character]) => [letter, new RegExp(`^[${character}]$`)] as [string, RegExp],
  ),
]);

/** Go takes a pattern's escape over into the expression: letters are classes there, other characters themselves. */
function escapeTest(escaped: string): (char: string) => boolean {
  const known = CLASSES.get(escaped);
  if (known !== undefined) return (char) => known.test(char);
  if (/^[0-9A-Za-z]$/.test(escaped)) throw new Error('syntax error in pattern');
  return (char) => char === escaped;
}

function classTest(text: string): (char: string) => boolean {
  if (text === '[^/]') return NOT_SLASH;
  // The platform's class knows the same ranges; what else stands in one is quoted.
  const negated = text.startsWith('[^');
  const body = text.slice(negated ? 2 : 1, -1).replace(/\\?([\s\S])/gu, (whole, char: string) => {
    if (char === '-' && whole === '-') return '-';
    return /[\w-]/.test(char) && whole !== '\\-' ? (whole.startsWith('\\') ? char : whole) : quoteInClass(char);
  });
  try {
    const compiled = new RegExp(`^[${negated ? '^' : ''}${body}]$`, 'u');
    return (char) => compiled.test(char);
  } catch {
    throw new Error('syntax error in pattern');
  }
}

function quoteInClass(char: string): string {
  return /[\\\]^$.*+?()[{}|/-]/.test(char) ? `\\${char}` : char;
}

const HERE = 1;
/** In front of the slash of a `folders` part: still eating. */
const EATING = 2;

/** Runs all states side by side. */
function simulate(parts: readonly Part[], path: string): boolean {
  const accept = parts.length;
  let states = new Uint8Array(accept + 1);
  let next = new Uint8Array(accept + 1);
  states[0] = HERE;
  let low = 0;
  let high = skipOptional(parts, states, 0);
  for (const char of path) {
    next.fill(0);
    let [nextLow, nextHigh] = [accept + 1, -1];
    const reach = (at: number, mark: number): void => {
      next[at] = (next[at] ?? 0) | mark;
      if (at < nextLow) nextLow = at;
      if (at > nextHigh) nextHigh = at;
    };
    for (let at = low; at <= high; at++) {
      const state = states[at] ?? 0;
      const part = parts[at];
      if (state === 0 || part === undefined) continue;
      if (part.kind === 'folders') {
        reach(at, EATING);
        if (char === '/') reach(at + 1, HERE);
      } else if (part.kind === 'one' && part.test(char)) reach(part.times === 'any' ? at : at + 1, HERE);
    }
    if (nextHigh < 0) return false;
    [states, next] = [next, states];
    low = nextLow;
    high = skipOptional(parts, states, nextHigh);
  }
  return ((states[accept] ?? 0) & HERE) !== 0;
}

/** Marks what can be reached without a character; returns the highest state that is marked. */
function skipOptional(parts: readonly Part[], states: Uint8Array, high: number): number {
  let highest = high;
  for (let at = 0; at <= highest && at < parts.length; at++) {
    if (((states[at] ?? 0) & HERE) === 0) continue;
    const part = parts[at];
    if (part?.kind !== 'folders' && !(part?.kind === 'one' && part.times !== 'once')) continue;
    states[at + 1] = (states[at + 1] ?? 0) | HERE;
    if (at + 1 > highest) highest = at + 1;
  }
  return highest;
}
