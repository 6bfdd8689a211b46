import type { ContainerConfig } from '../../formats/container-config.ts';
import { encodeGoJson } from '../../formats/go-json.ts';
import type { ImageConfig } from '../../formats/image-config.ts';

/** What an image's config says, one text a key: `Env.PATH`, `Labels.version`, `User`. What is empty is left out. */
export function imageValues(image: ImageConfig, ignoreTimes: boolean): ReadonlyMap<string, string> {
  const values = new Map(image.config === undefined ? [] : configValues(image.config, image.author));
  set(values, 'Architecture', image.architecture);
  set(values, 'Os', image.os);
  set(values, 'Variant', image.variant ?? '');
  if (!ignoreTimes) set(values, 'Created', image.created ?? '');
  return values;
}

/** The part of it that a Dockerfile decides. */
export function configValues(config: ContainerConfig, author: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const pair of config.env ?? []) {
    const at = pair.indexOf('=');
    values.set(`Env.${at < 0 ? pair : pair.slice(0, at)}`, at < 0 ? '' : pair.slice(at + 1));
  }
  for (const [key, value] of config.labels ?? []) values.set(`Labels.${key}`, value);
  for (const port of config.exposedPorts ?? []) values.set(`ExposedPorts.${port}`, 'exposed');
  for (const path of config.volumes ?? []) values.set(`Volumes.${path}`, 'volume');
  list(values, 'Cmd', config.cmd);
  list(values, 'Entrypoint', config.entrypoint);
  list(values, 'Shell', config.shell);
  list(values, 'OnBuild', config.onBuild);
  set(values, 'User', config.user);
  set(values, 'WorkingDir', config.workingDir);
  set(values, 'StopSignal', config.stopSignal);
  set(values, 'Author', author);
  const { healthcheck } = config;
  if (healthcheck !== null) {
    list(values, 'Healthcheck.Test', healthcheck.test ?? null);
    for (const key of ['interval', 'timeout', 'startPeriod', 'startInterval', 'retries'] as const) {
      const value = healthcheck[key];
      if (value !== undefined && Number(value) !== 0) {
        values.set(`Healthcheck.${key[0]?.toUpperCase()}${key.slice(1)}`, String(value));
      }
    }
  }
  return values;
}

function list(values: Map<string, string>, key: string, words: readonly string[] | null): void {
  if (words !== null && words.length > 0) values.set(key, encodeGoJson(words));
}

function set(values: Map<string, string>, key: string, value: string): void {
  if (value !== '') values.set(key, value);
}
