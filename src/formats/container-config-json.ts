import type { ContainerConfig, HealthConfig } from './container-config.ts';
import { type GoStruct, type GoStructField, type GoValue, goStruct } from './go-json-encode.ts';
import type { JsonFields } from './json-fields.ts';

/** The config in the order of moby's container.Config, as classic images and containers store it (api/types/container/config.go). */
export function classicConfigJson(config: ContainerConfig): GoStruct {
  return goStruct([
    ['Hostname', config.hostname],
    ['Domainname', config.domainname],
    ['User', config.user],
    ['AttachStdin', config.attachStdin],
    ['AttachStdout', config.attachStdout],
    ['AttachStderr', config.attachStderr],
    ['ExposedPorts', keySet(config.exposedPorts), true],
    ['Tty', config.tty],
    ['OpenStdin', config.openStdin],
    ['StdinOnce', config.stdinOnce],
    ['Env', config.env],
    ['Cmd', config.cmd],
    healthcheckField(config.healthcheck),
    ['ArgsEscaped', config.argsEscaped, true],
    ['Image', config.image],
    ['Volumes', keySet(config.volumes)],
    ['WorkingDir', config.workingDir],
    ['Entrypoint', config.entrypoint],
    ['NetworkDisabled', config.networkDisabled, true],
    ['MacAddress', config.macAddress, true],
    ['OnBuild', config.onBuild],
    ['Labels', config.labels],
    ['StopSignal', config.stopSignal, true],
    ['StopTimeout', config.stopTimeout ?? undefined],
    ['Shell', config.shell, true],
  ]);
}

/**
 * The config in the order of BuildKit's image config, empty fields left out (moby/docker-image-spec, image-spec ImageConfig).
 * `early` is the layout up to BuildKit 0.12 (frontend/dockerfile/dockerfile2llb/image.go).
 */
export function buildkitConfigJson(config: ContainerConfig, early: boolean): GoStruct {
  const argsEscaped: GoStructField = ['ArgsEscaped', config.argsEscaped, true];
  const healthcheck = healthcheckField(config.healthcheck);
  return goStruct([
    ['User', config.user, true],
    ['ExposedPorts', keySet(config.exposedPorts), true],
    ['Env', config.env, true],
    ['Entrypoint', config.entrypoint, true],
    ['Cmd', config.cmd, true],
    ['Volumes', keySet(config.volumes), true],
    ['WorkingDir', config.workingDir, true],
    ['Labels', config.labels, true],
    ['StopSignal', config.stopSignal, true],
    ...(early ? [healthcheck, argsEscaped] : [argsEscaped, healthcheck]),
    ['OnBuild', config.onBuild, !early],
    ['StopTimeout', early ? (config.stopTimeout ?? undefined) : undefined],
    ['Shell', config.shell, true],
  ]);
}

/** Reads the config of an image or container in either layout. Throws LL_JSON for fields of a wrong type. */
export function parseContainerConfig(fields: JsonFields): ContainerConfig {
  const stopTimeout = fields.integer('StopTimeout');
  return {
    hostname: fields.text('Hostname'),
    domainname: fields.text('Domainname'),
    user: fields.text('User'),
    attachStdin: fields.flag('AttachStdin'),
    attachStdout: fields.flag('AttachStdout'),
    attachStderr: fields.flag('AttachStderr'),
    exposedPorts: fields.keys('ExposedPorts'),
    tty: fields.flag('Tty'),
    openStdin: fields.flag('OpenStdin'),
    stdinOnce: fields.flag('StdinOnce'),
    env: fields.texts('Env'),
    cmd: fields.texts('Cmd'),
    healthcheck: parseHealthcheck(fields.object('Healthcheck')),
    argsEscaped: fields.flag('ArgsEscaped'),
    image: fields.text('Image'),
    volumes: fields.keys('Volumes'),
    workingDir: fields.text('WorkingDir'),
    entrypoint: fields.texts('Entrypoint'),
    networkDisabled: fields.flag('NetworkDisabled'),
    macAddress: fields.text('MacAddress'),
    onBuild: fields.texts('OnBuild'),
    labels: fields.textMap('Labels'),
    stopSignal: fields.text('StopSignal'),
    stopTimeout: stopTimeout === undefined ? null : Number(stopTimeout),
    shell: fields.texts('Shell'),
  };
}

function healthcheckField(health: HealthConfig | null): GoStructField {
  if (health === null) return ['Healthcheck', undefined];
  return [
    'Healthcheck',
    goStruct([
      ['Test', health.test, true],
      ['Interval', health.interval, true],
      ['Timeout', health.timeout, true],
      ['StartPeriod', health.startPeriod, true],
      ['StartInterval', health.startInterval, true],
      ['Retries', health.retries, true],
    ]),
  ];
}

function parseHealthcheck(fields: JsonFields | undefined): HealthConfig | null {
  if (fields === undefined) return null;
  const test = fields.texts('Test');
  const retries = fields.integer('Retries');
  const durations: Record<string, bigint> = {};
  for (const [key, name] of [
    ['interval', 'Interval'],
    ['timeout', 'Timeout'],
    ['startPeriod', 'StartPeriod'],
    ['startInterval', 'StartInterval'],
  ] as const) {
    const value = fields.integer(name);
    if (value !== undefined) durations[key] = value;
  }
  return {
    ...(test === null ? {} : { test }),
    ...durations,
    ...(retries === undefined ? {} : { retries: Number(retries) }),
  };
}

// A Go map[string]struct{}: every value is an empty object.
function keySet(keys: ReadonlySet<string> | null): GoValue {
  return keys === null ? null : new Map([...keys].map((key) => [key, goStruct([])]));
}
