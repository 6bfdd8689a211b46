import { type ContainerConfig, joinHealth } from '../formats/container-config.ts';

/**
 * What creating a container from an image, or from nothing, makes of the container's config: what it leaves open is taken
 * from the image, and the entrypoint `[""]` means none
 * (moby daemon/commit.go merge, daemon/create.go mergeAndVerifyConfig).
 */
export function mergeConfig(config: ContainerConfig, image: ContainerConfig | undefined): ContainerConfig {
  const merged = image === undefined ? config : mergeImage(config, image);
  const { entrypoint } = merged;
  return entrypoint?.length === 1 && entrypoint[0] === '' ? { ...merged, entrypoint: null } : merged;
}

function mergeImage(config: ContainerConfig, image: ContainerConfig): ContainerConfig {
  const hasEntrypoint = (config.entrypoint ?? []).length > 0;
  const takesCmd = !hasEntrypoint && (config.cmd ?? []).length === 0;
  return {
    ...config,
    user: config.user === '' ? image.user : config.user,
    exposedPorts: joinSets(config.exposedPorts, image.exposedPorts),
    env: joinEnv(config.env, image.env),
    labels: new Map([...(image.labels ?? []), ...(config.labels ?? [])]),
    cmd: takesCmd ? image.cmd : config.cmd,
    entrypoint: config.entrypoint ?? image.entrypoint,
    healthcheck: joinHealth(config.healthcheck, image.healthcheck),
    workingDir: config.workingDir === '' ? image.workingDir : config.workingDir,
    volumes: joinSets(config.volumes, image.volumes),
    stopSignal: config.stopSignal === '' ? image.stopSignal : config.stopSignal,
  };
}

function joinSets(own: ReadonlySet<string> | null, image: ReadonlySet<string> | null): ReadonlySet<string> | null {
  if (own === null || own.size === 0) return image;
  return image === null ? own : new Set([...own, ...image]);
}

function joinEnv(own: readonly string[] | null, image: readonly string[] | null): readonly string[] | null {
  if (own === null || own.length === 0) return image;
  const nameOf = (entry: string): string => entry.split('=', 1)[0] ?? '';
  const names = new Set(own.map(nameOf));
  return [...own, ...(image ?? []).filter((entry) => !names.has(nameOf(entry)))];
}
