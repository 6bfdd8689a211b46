import { goQuote } from '../formats/go-quote.ts';
import { InstructionProblem } from './parse-error.ts';

/** A `RUN --mount`, its options as written. */
export interface RunMount {
  readonly type: 'bind' | 'cache' | 'tmpfs' | 'secret' | 'ssh';
  /** Lower-cased keys; undefined for a key that stands alone. */
  readonly options: ReadonlyMap<string, string | undefined>;
}

const FLAGS = new Set(['readonly', 'ro', 'readwrite', 'rw', 'required']);
const KEYS = new Set([
  ...['type', 'from', 'source', 'src', 'target', 'dst', 'destination', 'id', 'sharing', 'size'],
  ...['mode', 'uid', 'gid', 'env'],
]);
const TYPES = new Set<string>(['bind', 'cache', 'tmpfs', 'secret', 'ssh']);

function isType(text: string): text is RunMount['type'] {
  return TYPES.has(text);
}

/** The comma-separated fields of a line of CSV. Throws InstructionProblem for an open quote. */
function csvFields(text: string): readonly string[] {
  const fields: string[] = [];
  for (let at = 0; at <= text.length; ) {
    const quoted = /^"((?:[^"]|"")*)"(,|$)/.exec(text.slice(at));
    if (quoted === null && text.charAt(at) === '"') {
      throw new InstructionProblem('failed to parse csv mounts: parse error: extraneous or missing " in quoted-field');
    }
    const end = text.indexOf(',', at);
    const plain = text.slice(at, end < 0 ? text.length : end);
    fields.push(quoted === null ? plain : (quoted[1] ?? '').replaceAll('""', '"'));
    at += (quoted === null ? plain.length : quoted[0].length - (quoted[2] ?? '').length) + 1;
  }
  return fields;
}

/**
 * Reads the text of a `--mount` flag (buildkit instructions/commands_runmount.go). Throws InstructionProblem in docker's
 * words for unknown types and keys and for fields without a value.
 */
export function parseRunMount(text: string): RunMount {
  const options = new Map<string, string | undefined>();
  for (const field of csvFields(text)) {
    const at = field.indexOf('=');
    const key = (at < 0 ? field : field.slice(0, at)).toLowerCase();
    if (at < 0 && !FLAGS.has(key)) {
      throw new InstructionProblem(`invalid field '${field}' must be a key=value pair`);
    }
    if (!KEYS.has(key) && !FLAGS.has(key)) throw new InstructionProblem(`unexpected key '${key}' in '${field}'`);
    options.set(key, at < 0 ? undefined : field.slice(at + 1));
  }
  const type = (options.get('type') ?? 'bind').toLowerCase();
  if (!isType(type)) throw new InstructionProblem(`unsupported mount type ${goQuote(type)}`);
  return { type, options };
}
