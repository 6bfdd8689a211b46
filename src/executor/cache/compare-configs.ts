import type { ContainerConfig, HealthConfig } from '../../formats/container-config.ts';

/**
 * Whether two container configs stand for the same step to the classic cache (moby image/cache/compare.go): all that shapes
 * the result, less Image, Hostname, Domainname and MacAddress. null, {} and [] are one.
 */
export function sameStep(a: ContainerConfig, b: ContainerConfig): boolean {
  return (
    a.attachStdin === b.attachStdin &&
    a.attachStdout === b.attachStdout &&
    a.attachStderr === b.attachStderr &&
    a.networkDisabled === b.networkDisabled &&
    a.tty === b.tty &&
    a.openStdin === b.openStdin &&
    a.stdinOnce === b.stdinOnce &&
    a.argsEscaped === b.argsEscaped &&
    a.user === b.user &&
    a.workingDir === b.workingDir &&
    a.stopSignal === b.stopSignal &&
    a.stopTimeout === b.stopTimeout &&
    sameList(a.env, b.env) &&
    sameList(a.cmd, b.cmd) &&
    sameList(a.entrypoint, b.entrypoint) &&
    sameList(a.shell, b.shell) &&
    sameList(a.onBuild, b.onBuild) &&
    sameSet(a.exposedPorts, b.exposedPorts) &&
    sameSet(a.volumes, b.volumes) &&
    sameMap(a.labels, b.labels) &&
    sameHealth(a.healthcheck, b.healthcheck)
  );
}

function sameList(a: readonly string[] | null, b: readonly string[] | null): boolean {
  const [x, y] = [a ?? [], b ?? []];
  return x.length === y.length && x.every((value, index) => value === y[index]);
}

function sameSet(a: ReadonlySet<string> | null, b: ReadonlySet<string> | null): boolean {
  const [x, y] = [a ?? new Set<string>(), b ?? new Set<string>()];
  return x.size === y.size && [...x].every((value) => y.has(value));
}

function sameMap(a: ReadonlyMap<string, string> | null, b: ReadonlyMap<string, string> | null): boolean {
  const [x, y] = [a ?? new Map<string, string>(), b ?? new Map<string, string>()];
  return x.size === y.size && [...x].every(([key, value]) => y.get(key) === value);
}

function sameHealth(a: HealthConfig | null, b: HealthConfig | null): boolean {
  if (a === null || b === null) return a === b;
  return (
    sameList(a.test ?? null, b.test ?? null) &&
    (a.interval ?? 0n) === (b.interval ?? 0n) &&
    (a.timeout ?? 0n) === (b.timeout ?? 0n) &&
    (a.startPeriod ?? 0n) === (b.startPeriod ?? 0n) &&
    (a.startInterval ?? 0n) === (b.startInterval ?? 0n) &&
    (a.retries ?? 0) === (b.retries ?? 0)
  );
}
