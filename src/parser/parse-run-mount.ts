import { goQuote } from '../formats/go-quote.ts';
import { type DockerfileSyntax, syntax28 } from '../profiles/dockerfile-syntax.ts';
import { csvFields } from './csv-fields.ts';
import { parseByteSize } from './parse-byte-size.ts';
import { InstructionProblem } from './parse-error.ts';
import { didYouMean } from './suggest.ts';

export type RunMountType = 'bind' | 'cache' | 'tmpfs' | 'secret' | 'ssh';
export type CacheSharing = 'shared' | 'private' | 'locked';

/** A `RUN --mount` with its options expanded; what is not given is empty or undefined. */
export interface RunMount {
  readonly type: RunMountType;
  readonly from: string;
  readonly source: string;
  readonly target: string;
  readonly readonly: boolean;
  readonly required: boolean;
  /** Of a tmpfs, in bytes; 0 is no limit. */
  readonly size: number;
  readonly id: string;
  readonly sharing: CacheSharing | undefined;
  readonly mode: number | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  /** The variable of a secret; may be empty. */
  readonly env: string | undefined;
}

type Draft = { -readonly [Key in keyof RunMount]: RunMount[Key] } & { accessGiven: boolean };

const KEYS = [
  ...['type', 'from', 'source', 'target', 'readonly', 'id', 'sharing', 'required', 'size', 'mode', 'uid', 'gid'],
  ...['src', 'dst', 'destination', 'ro', 'rw', 'readwrite', 'env'],
];
const TYPES: ReadonlySet<string> = new Set(['bind', 'cache', 'tmpfs', 'secret', 'ssh']);
type MountWords = Pick<DockerfileSyntax, 'mounts' | 'suggestions'>;

const SHARING: ReadonlySet<string> = new Set(['shared', 'private', 'locked']);
const WITH_OWNER: ReadonlySet<RunMountType> = new Set(['secret', 'ssh', 'cache']);
const MAX_UINT32 = 0xffffffff;

function isType(text: string): text is RunMountType {
  return TYPES.has(text);
}

function isSharing(text: string): text is CacheSharing {
  return SHARING.has(text);
}

function fieldsOf(text: string): readonly string[] {
  const fields = csvFields(text);
  if (fields === undefined) {
    throw new InstructionProblem('failed to parse csv mounts: parse error: extraneous or missing " in quoted-field');
  }
  if (fields.length === 0) throw new InstructionProblem('failed to parse csv mounts: EOF');
  return fields;
}

function splitField(field: string): readonly [key: string, value: string | undefined] {
  const at = field.indexOf('=');
  return [(at < 0 ? field : field.slice(0, at)).toLowerCase(), at < 0 ? undefined : field.slice(at + 1)];
}

/**
 * What of a `--mount` counts before its stage is planned (buildkit instructions/commands_runmount.go without an expander):
 * the source it names by `from`, empty without one. Throws InstructionProblem for a broken line of CSV and for a variable in
 * `from`.
 */
export function runMountFrom(text: string): string {
  let from = '';
  for (const field of fieldsOf(text)) {
    const [key, value] = splitField(field);
    if (key !== 'from' || value === undefined) continue;
    if (/\$./.test(value)) {
      throw new InstructionProblem(`'from' doesn't support variable expansion, define alias stage instead`);
    }
    from = value;
  }
  return from;
}

/** The target of a `--mount` as written; empty without one. */
export function runMountTarget(text: string): string {
  const keys = new Set(['target', 'dst', 'destination']);
  return (
    fieldsOf(text)
      .map(splitField)
      .findLast(([key]) => keys.has(key))?.[1] ?? ''
  );
}

/**
 * Reads the text of a `--mount` flag (buildkit instructions/commands_runmount.go), each value through `expand`. The order
 * of the fields counts: `required` is known only behind `type=secret`. Throws InstructionProblem in docker's words.
 */
export function parseRunMount(text: string, expand: (word: string) => string, syntax: MountWords = syntax28): RunMount {
  const mount: Draft = {
    ...{ type: 'bind', from: '', source: '', target: '', readonly: false, required: false, size: 0, id: '' },
    ...{ sharing: undefined, mode: undefined, uid: undefined, gid: undefined, env: undefined, accessGiven: false },
  };
  for (const field of fieldsOf(text)) {
    const [key, value] = splitField(field);
    if (value === undefined) setFlag(mount, key, field);
    else if (syntax.mounts.unknownKeys.has(key)) throw unknownKey(key, field, syntax);
    else setValue(mount, key, expand(value), field, syntax);
  }
  checkTogether(mount);
  const { accessGiven, ...rest } = mount;
  return accessGiven ? rest : { ...rest, readonly: mount.type !== 'cache' && mount.type !== 'tmpfs' };
}

function setFlag(mount: Draft, key: string, field: string): void {
  if (key === 'required') {
    requireSecret(mount, key);
    mount.required = true;
    return;
  }
  const access = accessOf(key);
  if (access === undefined) throw new InstructionProblem(`invalid field '${field}' must be a key=value pair`);
  mount.readonly = access === 'ro';
  mount.accessGiven = true;
}

function accessOf(key: string): 'ro' | 'rw' | undefined {
  if (key === 'readonly' || key === 'ro') return 'ro';
  return key === 'readwrite' || key === 'rw' ? 'rw' : undefined;
}

function setValue(mount: Draft, key: string, value: string, field: string, syntax: MountWords): void {
  const access = accessOf(key);
  if (access !== undefined) {
    mount.readonly = boolOf(key, value) === (access === 'ro');
    mount.accessGiven = true;
    return;
  }
  switch (key) {
    case 'type': {
      const type = value.toLowerCase();
      if (!isType(type)) throw new InstructionProblem(`unsupported mount type ${goQuote(type)}`);
      mount.type = type;
      return;
    }
    case 'sharing': {
      const sharing = value.toLowerCase();
      if (!isSharing(sharing)) throw new InstructionProblem(`unsupported sharing value ${goQuote(sharing)}`);
      mount.sharing = sharing;
      return;
    }
    case 'size': {
      if (mount.type !== 'tmpfs') throw unexpected(key, mount.type);
      const size = parseByteSize(value);
      if (size === undefined) throw new InstructionProblem(`invalid value for ${key}: ${value}`);
      mount.size = size;
      return;
    }
    case 'required':
      requireSecret(mount, key);
      mount.required = boolOf(key, value);
      return;
    case 'mode':
      mount.mode = numberOf(key, value, 8);
      return;
    case 'uid':
    case 'gid':
      mount[key] = numberOf(key, value, 10);
      return;
    case 'from':
    case 'id':
    case 'env':
    case 'source':
    case 'target':
      mount[key] = value;
      return;
    case 'src':
      mount.source = value;
      return;
    case 'dst':
    case 'destination':
      mount.target = value;
      return;
    default:
      throw unknownKey(key, field, syntax);
  }
}

function unknownKey(key: string, field: string, { suggestions }: MountWords): InstructionProblem {
  return new InstructionProblem(
    `unexpected key '${key}' in '${field}'${suggestions ? didYouMean(key, KEYS, true) : ''}`,
  );
}

function requireSecret(mount: Draft, key: string): void {
  if (mount.type !== 'secret' && mount.type !== 'ssh') throw unexpected(key, mount.type);
}

function unexpected(key: string, type: RunMountType): InstructionProblem {
  return new InstructionProblem(`unexpected key '${key}' for mount type '${type}'`);
}

/** As Go's strconv.ParseBool. */
function boolOf(key: string, value: string): boolean {
  if (/^(?:1|t|T|true|TRUE|True)$/.test(value)) return true;
  if (/^(?:0|f|F|false|FALSE|False)$/.test(value)) return false;
  throw new InstructionProblem(`invalid value for ${key}: ${value}`);
}

function numberOf(key: string, value: string, base: 8 | 10): number {
  const number = (base === 8 ? /^[0-7]+$/ : /^\d+$/).test(value) ? Number.parseInt(value, base) : Number.NaN;
  if (number <= MAX_UINT32) return number;
  throw new InstructionProblem(`invalid value ${value} for ${key}`);
}

function checkTogether(mount: Draft): void {
  const { type, from, source, target, id, sharing } = mount;
  if (!WITH_OWNER.has(type)) {
    for (const key of ['mode', 'uid', 'gid'] as const) {
      if (mount[key] !== undefined) throw new InstructionProblem(`${key} not allowed for ${goQuote(type)} type mounts`);
    }
  }
  if (type === 'secret') {
    if (from !== '') throw new InstructionProblem('secret mount should not have a from');
    if (sharing !== undefined) throw new InstructionProblem('secret mount should not define sharing');
    if (source === '' && target === '' && id === '') {
      throw new InstructionProblem('invalid secret mount. one of source, target required');
    }
    if (source !== '' && id !== '') throw new InstructionProblem("both source and id can't be set");
  }
  if (sharing !== undefined && type !== 'cache') {
    throw new InstructionProblem(`invalid cache sharing set for ${type} mount`);
  }
  if (type === 'ssh' && source !== '') throw new InstructionProblem('ssh does not support source');
}
