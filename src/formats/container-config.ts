/** A health check as stored: durations in nanoseconds (bigint: Go's int64). Zero or absent means "inherit". */
export interface HealthConfig {
  readonly test?: readonly string[];
  readonly interval?: bigint;
  readonly timeout?: bigint;
  readonly startPeriod?: bigint;
  readonly startInterval?: bigint;
  readonly retries?: number;
}

/**
 * What an image says of the containers made from it, as moby's `container.Config` holds it
 * (moby api/types/container/config.go). `null` is Go's nil: it prints as `null` in a classic config and is left out of a
 * BuildKit one; an empty list or map is kept apart from it.
 */
export interface ContainerConfig {
  readonly hostname: string;
  readonly domainname: string;
  readonly user: string;
  readonly attachStdin: boolean;
  readonly attachStdout: boolean;
  readonly attachStderr: boolean;
  readonly exposedPorts: ReadonlySet<string> | null;
  readonly tty: boolean;
  readonly openStdin: boolean;
  readonly stdinOnce: boolean;
  readonly env: readonly string[] | null;
  readonly cmd: readonly string[] | null;
  readonly healthcheck: HealthConfig | null;
  readonly argsEscaped: boolean;
  readonly image: string;
  readonly volumes: ReadonlySet<string> | null;
  readonly workingDir: string;
  readonly entrypoint: readonly string[] | null;
  readonly networkDisabled: boolean;
  readonly macAddress: string;
  readonly onBuild: readonly string[] | null;
  readonly labels: ReadonlyMap<string, string> | null;
  readonly stopSignal: string;
  readonly stopTimeout: number | null;
  readonly shell: readonly string[] | null;
}

/** Go's zero value of the struct: what FROM scratch starts from. */
export const emptyContainerConfig: ContainerConfig = Object.freeze({
  hostname: '',
  domainname: '',
  user: '',
  attachStdin: false,
  attachStdout: false,
  attachStderr: false,
  exposedPorts: null,
  tty: false,
  openStdin: false,
  stdinOnce: false,
  env: null,
  cmd: null,
  healthcheck: null,
  argsEscaped: false,
  image: '',
  volumes: null,
  workingDir: '',
  entrypoint: null,
  networkDisabled: false,
  macAddress: '',
  onBuild: null,
  labels: null,
  stopSignal: '',
  stopTimeout: null,
  shell: null,
});

/**
 * A health check with what it leaves open (no test, no or zero numbers) taken from the one below it, as making a container
 * does (moby daemon/commit.go merge).
 */
export function joinHealth(own: HealthConfig | null, below: HealthConfig | null): HealthConfig | null {
  if (own === null || below === null) return own ?? below;
  return {
    test: own.test ?? below.test ?? [],
    interval: own.interval || below.interval || 0n,
    timeout: own.timeout || below.timeout || 0n,
    startPeriod: own.startPeriod || below.startPeriod || 0n,
    startInterval: own.startInterval || below.startInterval || 0n,
    retries: own.retries || below.retries || 0,
  };
}
