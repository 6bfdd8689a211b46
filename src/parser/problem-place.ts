/** A part of a text: first offset, and the one behind the last. */
export interface TextPart {
  readonly start: number;
  readonly end: number;
}

type Find = (text: string, match: RegExpExecArray) => TextPart | undefined;

function part(start: number, length: number): TextPart | undefined {
  return start < 0 ? undefined : { start, end: start + length };
}

function matched(text: string, pattern: RegExp): TextPart | undefined {
  const found = pattern.exec(text);
  return found === null ? undefined : part(found.index, found[0].length);
}

/** The flag word of a name: `--name` with its value. */
function flag(text: string, name: string, last = false): TextPart | undefined {
  const found = [...text.matchAll(/(?<=\s)--([\w-]+)(?:=\S*)?/g)].filter((word) => word[1] === name);
  const word = found[last ? found.length - 1 : 0];
  return word === undefined ? undefined : part(word.index, word[0].length);
}

/** The word with a value in it, be it the value of a flag. */
function wordWith(text: string, piece: string): TextPart | undefined {
  const words = [...text.matchAll(/\S+/g)].slice(1);
  const word =
    words.find(([all]) => all === piece || all.endsWith(`=${piece}`)) ?? words.find(([all]) => all.includes(piece));
  return word === undefined ? undefined : part(word.index, word[0].length);
}

/** All behind the keyword, up to the end of the line. */
function argumentsOf(text: string): TextPart | undefined {
  return matched(text, /(?<=^\s*\S+[ \t]+)\S.*?(?=\s*(?:\\?\n|$))/);
}

/** The last argument of the line. */
function lastWord(text: string): TextPart | undefined {
  return matched(text, /(?<=\s)\S+(?=\s*(?:\n|$))/);
}

function unquote(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted.slice(1, -1);
  }
}

const piece: Find = (text, match) => wordWith(text, match[1] ?? '');

/** What a message says, and where in its instruction that is. */
const RULES: readonly (readonly [RegExp, Find])[] = [
  [
    /^failed to process ("(?:[^"\\]|\\[\s\S])*")/,
    (text, match) => {
      const word = unquote(match[1] ?? '');
      return word === '' ? undefined : part(text.indexOf(word), word.length);
    },
  ],
  [
    /unknown instruction|requires (?:either|exactly|at least)|^no build stage in current/,
    (text) => matched(text, /^\s*\S+/),
  ],
  [/duplicate flag specified: --([\w-]+)/, (text, match) => flag(text, match[1] ?? '', true)],
  [/names can not be blank/, (text) => matched(text, /(?<=\s)=\S*/)],
  [/JSON array syntax, arrays must/, (text) => matched(text, /\[[^\n]*?(?=\s*(?:\n|$))/)],
  [/cannot accept a heredoc as a destination/, lastWord],
  [/^unterminated heredoc/, (text) => matched(text, /\d*<<-?\s*["']?[^\s"']+["']?/)],
  [/source can't be a URL/, (text) => matched(text, /(?<=[\s"])https?:\/\/[^\s"]*/)],
  [/source can't be a git ref/, (text) => matched(text, /(?<=[\s"])(?:git@|git:|ssh:|https?:)[^\s"]*/)],
  [/container and host Ports: (\S+) and (\S+)/, (text, match) => wordWith(text, `${match[2]}:${match[1]}`)],
  [/(?:hostPort|containerPort|ip address|proto): (\S+)/i, piece],
  [/Interval "([\w-]+)" cannot/, (text, match) => flag(text, match[1] ?? '')],
  [/duration "([^"]*)"/, piece],
  [/ParseInt: parsing "([^"]*)"/, (text) => flag(text, 'retries')],
  [/invalid chmod parameter|^invalid syntax$/, (text) => flag(text, 'chmod')],
  [/excludepatterns/, (text, match) => flag(text, 'exclude', !match.input.includes('illegal exclusion'))],
  [/stage index|from flag value|circular dependency/, (text) => flag(text, 'from') ?? argumentsOf(text)],
  [/cannot copy from stage/, (text) => flag(text, 'from')],
  [
    /failed to parse stage name "([^"]*)"/,
    (text, match) => flag(text, 'from') ?? wordWith(text, match[1] ?? '') ?? argumentsOf(text),
  ],
  [/platform/, (text) => flag(text, 'platform')],
  [/invalid network mode/, (text) => flag(text, 'network')],
  [/^checksum /, (text) => flag(text, 'checksum')],
  [/isn't allowed(?: as an ONBUILD trigger)?$/, (text) => matched(text, /(?<=^\s*\S+\s+)\S+/)],
  [/Unknown type "[^"]*" in HEALTHCHECK/, (text) => matched(text, /(?<=\s)(?!--)\S+/)],
  [/HEALTHCHECK NONE takes no arguments/, (text) => matched(text, /(?<=\sNONE\s+)\S.*?(?=\s*$)/is)],
  [/Missing command after HEALTHCHECK/, (text) => matched(text, /(?<=\s)CMD\b/i)],
  [/VOLUME specified can not be an empty string/, (text) => matched(text, /""|''/) ?? argumentsOf(text)],
  [/must have two arguments|in JSON form|^invalid signal/, argumentsOf],
  [/(?:mount type|field|key|mount) ['"]/, (text, match) => mountOf(text, match.input)],
];

/** The mount that the message names a word of, or the only one. */
function mountOf(text: string, message: string): TextPart | undefined {
  const mounts = [...text.matchAll(/(?<=\s)--mount(?:=\S*)?/g)];
  const named = /['"]([^'"]+)['"]/.exec(message)?.[1];
  const mount = mounts.find(([word]) => named !== undefined && word.includes(named)) ?? mounts[0];
  return mount === undefined ? undefined : part(mount.index, mount[0].length);
}

/** Nobody reads a column in lines above this, characters. */
const MAX_INSTRUCTION = 4096;

/**
 * The part of an instruction that a message of docker's is about; undefined for messages that name nothing, or a word
 * that is not there.
 *
 * @param text the instruction as it stands in the file, from its keyword to its end
 */
export function problemPlace(message: string, text: string): TextPart | undefined {
  if (message.length > MAX_INSTRUCTION) return undefined;
  if (text.length > MAX_INSTRUCTION) {
    // Documents are long: the lines above them are looked at, where there are whole ones.
    const end = text.lastIndexOf('\n', MAX_INSTRUCTION);
    return end < 0 ? undefined : problemPlace(message, text.slice(0, end));
  }
  for (const [pattern, find] of RULES) {
    const match = pattern.exec(message);
    if (match !== null) return find(text, match);
  }
  return undefined;
}
