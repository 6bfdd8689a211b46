import { LayerlabError } from '../errors/layerlab-error.ts';
import type { ContainerConfig } from '../formats/container-config.ts';
import type { Instruction } from '../parser/instruction.ts';
import type { BuilderProfile } from '../profiles/builder-profile.ts';
import { withEnv } from './env-list.ts';
import { exposedPorts } from './expose-ports.ts';
import { commandText, exposeText, healthcheckText, listText, pairsText } from './instruction-texts.ts';
import { checkStopSignal } from './signal-names.ts';

/** Instructions that do nothing but change the config, in the same way in both builders. */
export type PlainConfigInstruction = Extract<
  Instruction,
  { kind: 'ENV' | 'LABEL' | 'EXPOSE' | 'HEALTHCHECK' | 'STOPSIGNAL' | 'USER' | 'VOLUME' | 'SHELL' }
>;

/** The config after an instruction and the text of its history row. */
export interface AppliedConfig {
  readonly config: ContainerConfig;
  readonly text: string;
}

function merged(set: ReadonlySet<string> | null, values: readonly string[]): ReadonlySet<string> {
  return new Set([...(set ?? []), ...values]);
}

function applyVolumes(config: ContainerConfig, volumes: readonly string[]): AppliedConfig {
  if (volumes.includes('')) throw new LayerlabError('LL_PARSE', 'VOLUME specified can not be an empty string');
  return { config: { ...config, volumes: merged(config.volumes, volumes) }, text: listText('VOLUME', volumes) };
}

/** Applies an expanded instruction to the config before it. Throws LL_PARSE in the builder's words. */
export function applyConfig(
  config: ContainerConfig,
  instruction: PlainConfigInstruction,
  profile: BuilderProfile,
): AppliedConfig {
  switch (instruction.kind) {
    case 'ENV': {
      let env = config.env;
      for (const { key, value } of instruction.pairs) env = withEnv(env, key, value);
      return { config: { ...config, env }, text: pairsText('ENV', instruction.pairs) };
    }
    case 'LABEL': {
      const added = instruction.pairs.map(({ key, value }) => [key, value] as const);
      const labels = new Map([...(config.labels ?? []), ...added]);
      return { config: { ...config, labels }, text: pairsText('LABEL', instruction.pairs) };
    }
    case 'EXPOSE': {
      const ports = exposedPorts(instruction.ports, profile);
      const exposed = { ...config, exposedPorts: merged(config.exposedPorts, ports) };
      return { config: exposed, text: exposeText(instruction.ports, ports, profile) };
    }
    case 'HEALTHCHECK': {
      const { health } = instruction;
      return { config: { ...config, healthcheck: health }, text: healthcheckText(health, profile) };
    }
    case 'STOPSIGNAL':
      checkStopSignal(instruction.signal, profile);
      return { config: { ...config, stopSignal: instruction.signal }, text: `STOPSIGNAL ${instruction.signal}` };
    case 'USER':
      return { config: { ...config, user: instruction.user }, text: `USER ${instruction.user}` };
    case 'VOLUME':
      return applyVolumes(config, instruction.volumes);
    case 'SHELL':
      return { config: { ...config, shell: instruction.shell }, text: listText('SHELL', instruction.shell) };
  }
}

/** What CMD or ENTRYPOINT leaves in the config. An ENTRYPOINT drops a CMD that the stage did not set itself. */
export function applyCommand(
  config: ContainerConfig,
  kind: 'CMD' | 'ENTRYPOINT',
  words: readonly string[] | null,
  argsEscaped: boolean,
  keepCmd: boolean,
): AppliedConfig {
  const changed: ContainerConfig =
    kind === 'CMD'
      ? { ...config, cmd: words, argsEscaped }
      : { ...config, entrypoint: words, argsEscaped, cmd: keepCmd ? config.cmd : null };
  return { config: changed, text: commandText(kind, words) };
}
