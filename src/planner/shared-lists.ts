import type { ContainerConfig } from '../formats/container-config.ts';

/** A list that several stages share: it is as the config has it that was last made with it. */
interface Shared {
  last: ContainerConfig;
}

type SharedByStage = Readonly<Record<'labels' | 'exposedPorts' | 'volumes', Shared>>;

/**
 * Labels, ports and volumes as BuildKit's stages have them: a stage that stands on another shares the lists that are there,
 * so what it adds turns up in that one and in all that stand on it later (buildkit dockerfile2llb copies the config and not
 * its maps; seen in 20.10 and 28.5). Where there is no list, each stage makes one of its own.
 */
export class SharedLists {
  readonly #stages = new Map<number, SharedByStage>();

  /** The config that a stage begins with, its lists as they are by now; `base`: the number of the stage that it stands on. */
  begin(index: number, base: number | undefined, config: ContainerConfig): ContainerConfig {
    const below = base === undefined ? undefined : this.#stages.get(base);
    const join = (kind: keyof SharedByStage): Shared => {
      const shared = below?.[kind];
      return shared === undefined || shared.last[kind] === null ? { last: config } : shared;
    };
    const stage = { labels: join('labels'), exposedPorts: join('exposedPorts'), volumes: join('volumes') };
    this.#stages.set(index, stage);
    if (below === undefined) return config;
    const { labels, exposedPorts, volumes } = stage;
    return {
      ...config,
      labels: labels.last.labels,
      exposedPorts: exposedPorts.last.exposedPorts,
      volumes: volumes.last.volumes,
    };
  }

  /** Takes what a stage made of its lists; stages are planned one after the other. */
  end(index: number, config: ContainerConfig): void {
    const stage = this.#stages.get(index);
    if (stage !== undefined) for (const shared of Object.values(stage)) shared.last = config;
  }
}
