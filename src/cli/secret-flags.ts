import { resolve } from 'node:path';
import type { BuildAgent, BuildSecret, Entitlement } from '../engine/build-options.ts';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { csvFields } from '../parser/csv-fields.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The values of `--secret`: `id=ID[,src=FILE|env=NAME][,type=file|env]` (docker/buildx build/secret.go). Throws LL_USAGE. */
export function readSecrets(given: readonly string[], env: Environment): readonly BuildSecret[] {
  return given.map((text) => readSecret(text, env));
}

function readSecret(text: string, env: Environment): BuildSecret {
  const problem = (why: string): LayerlabError =>
    new LayerlabError('LL_USAGE', `could not parse secrets: [${text}]: ${why}`, {
      hint: 'Use --secret id=ID,src=FILE or --secret id=ID,env=NAME.',
    });
  let [id, source, type, variable] = ['', '', '', ''];
  for (const field of csvFields(text) ?? []) {
    const at = field.indexOf('=');
    if (at < 0) throw problem(`invalid field '${field}' must be a key=value pair`);
    const [key, value] = [field.slice(0, at).toLowerCase(), field.slice(at + 1)];
    if (key === 'id') id = value;
    else if (key === 'src' || key === 'source') source = value;
    else if (key === 'env') variable = value;
    else if (key !== 'type') throw problem(`unexpected key '${key}' in '${field}'`);
    else if (value !== 'file' && value !== 'env') throw problem(`unsupported secret type "${value}"`);
    else type = value;
  }
  if (id === '') throw problem('secret missing ID');
  if (type === 'env' && variable === '') {
    variable = source;
    source = '';
  }
  // Without a place to take it from, the id is the name of a variable, or else of a file.
  if (source === '' && variable === '') {
    if (type !== 'file' && env[id] !== undefined) variable = id;
    else source = id;
  }
  return variable === '' ? { id, file: resolve(source) } : { id, value: env[variable] ?? '' };
}

/** The values of `--ssh`: `default`, or `ID=SOCKET|KEY[,KEY]` (docker/buildx build/ssh.go). Throws LL_USAGE. */
export function readAgents(given: readonly string[], env: Environment): readonly BuildAgent[] {
  return given.map((text) => {
    const at = text.indexOf('=');
    const id = (at < 0 ? text : text.slice(0, at)) || 'default';
    const paths = (at < 0 ? '' : text.slice(at + 1)).split(',').filter((path) => path !== '');
    if (paths.length > 0) return { id, paths: paths.map((path) => resolve(path)) };
    if (env.SSH_AUTH_SOCK) return { id, paths: [env.SSH_AUTH_SOCK] };
    throw new LayerlabError(
      'LL_USAGE',
      `could not parse ssh: [${text}]: invalid empty ssh agent socket, make sure SSH_AUTH_SOCK is set`,
    );
  });
}

/** The values of `--allow`. Throws LL_USAGE. */
export function readEntitlements(given: readonly string[]): readonly Entitlement[] {
  return given.map((text) => {
    if (text === 'network.host' || text === 'security.insecure') return text;
    throw new LayerlabError('LL_USAGE', `invalid entitlement: ${text}`, {
      hint: 'Entitlements are network.host and security.insecure.',
    });
  });
}
