import { LayerlabError } from '../errors/layerlab-error.ts';
import type { Instruction } from '../parser/instruction.ts';
import type { BuilderProfile } from '../profiles/builder-profile.ts';
import { exposedPorts } from './expose-ports.ts';
import { commandText, exposeText, healthcheckText, listText, pairsText } from './instruction-texts.ts';
import { checkStopSignal } from './signal-names.ts';
import type { StageConfig } from './stage-config.ts';

/** Instructions that do nothing but change the config, in the same way in both builders. */
export type PlainConfigInstruction = Extract<
  Instruction,
  { kind: 'ENV' | 'LABEL' | 'EXPOSE' | 'HEALTHCHECK' | 'STOPSIGNAL' | 'USER' | 'VOLUME' | 'SHELL' }
>;

function applyVolumes(config: StageConfig, volumes: readonly string[]): string {
  if (volumes.includes('')) throw new LayerlabError('LL_PARSE', 'VOLUME specified can not be an empty string');
  config.add('volumes', volumes);
  return listText('VOLUME', volumes);
}

/** Applies an expanded instruction, and gives the text of its history row. Throws LL_PARSE in the builder's words. */
export function applyConfig(config: StageConfig, instruction: PlainConfigInstruction, profile: BuilderProfile): string {
  switch (instruction.kind) {
    case 'ENV': {
      for (const { key, value } of instruction.pairs) config.setEnv(key, value);
      return pairsText('ENV', instruction.pairs);
    }
    case 'LABEL': {
      for (const { key, value } of instruction.pairs) config.setLabel(key, value);
      return pairsText('LABEL', instruction.pairs);
    }
    case 'EXPOSE': {
      const ports = exposedPorts(instruction.ports, profile);
      config.add('exposedPorts', ports);
      return exposeText(instruction.ports, ports, profile);
    }
    case 'HEALTHCHECK': {
      const { health } = instruction;
      config.set({ healthcheck: health });
      return healthcheckText(health, profile);
    }
    case 'STOPSIGNAL':
      checkStopSignal(instruction.signal, profile);
      config.set({ stopSignal: instruction.signal });
      return `STOPSIGNAL ${instruction.signal}`;
    case 'USER':
      config.set({ user: instruction.user });
      return `USER ${instruction.user}`;
    case 'VOLUME':
      return applyVolumes(config, instruction.volumes);
    case 'SHELL':
      config.set({ shell: instruction.shell });
      return listText('SHELL', instruction.shell);
  }
}

/** Applies CMD or ENTRYPOINT, and gives the text of its history row. An ENTRYPOINT drops a CMD that the stage did not set itself. */
export function applyCommand(
  config: StageConfig,
  kind: 'CMD' | 'ENTRYPOINT',
  words: readonly string[] | null,
  argsEscaped: boolean,
  keepCmd: boolean,
): string {
  if (kind === 'CMD') config.set({ cmd: words, argsEscaped });
  else config.set({ entrypoint: words, argsEscaped, ...(keepCmd ? {} : { cmd: null }) });
  return commandText(kind, words);
}
