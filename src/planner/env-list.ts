import type { OptionalKeyValue } from '../parser/instruction.ts';

/** Splits `K=V`; a text without `=` is a key with an empty value. */
export function splitEnv(entry: string): readonly [string, string] {
  const at = entry.indexOf('=');
  return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
}

/** The variables of an Env list; of a key that is there twice the last one counts. */
export function envMap(env: readonly string[] | null): Map<string, string> {
  return new Map((env ?? []).map(splitEnv));
}

/** The list with a PATH at its end where it has none. */
export function withDefaultPath(env: readonly string[] | null, path: string): readonly string[] {
  const isThere = env?.some((entry) => entry === 'PATH' || entry.startsWith('PATH=')) === true;
  return isThere ? env : [...(env ?? []), `PATH=${path}`];
}

/** Declared build arguments as `K=V` words, in the order of their declaration. */
export function declaredArgs(
  declared: readonly OptionalKeyValue[],
  env: ReadonlyMap<string, string>,
  once: boolean,
): readonly string[] {
  const words: string[] = [];
  const places = new Map<string, number>();
  for (const { key, value } of declared) {
    const word = `${key}=${env.get(key) ?? value ?? ''}`;
    const place = once ? places.get(key) : undefined;
    if (place !== undefined) {
      words[place] = word;
      continue;
    }
    places.set(key, words.length);
    words.push(word);
  }
  return words;
}

/** Arguments that need no ARG and leave no trace in an image, in both spellings. */
export function proxyArgs(proxies: readonly string[]): ReadonlySet<string> {
  return new Set(proxies.flatMap((name) => [name, name.toLowerCase()]));
}

/** What BuildKit adds to the environment of RUN for proxy arguments: both spellings of each. */
export function proxyEnv(
  buildArgs: ReadonlyMap<string, string | undefined>,
  proxies: readonly string[],
): readonly string[] {
  const values = new Map<string, string>();
  for (const [key, value] of buildArgs) {
    if (value !== undefined && value !== '') values.set(key.toUpperCase(), value);
  }
  return proxies.flatMap((name) => {
    const value = values.get(name);
    return value === undefined ? [] : [`${name}=${value}`, `${name.toLowerCase()}=${value}`];
  });
}
