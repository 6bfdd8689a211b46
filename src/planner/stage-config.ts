import { LayerlabError } from '../errors/layerlab-error.ts';
import type { ContainerConfig } from '../formats/container-config.ts';
import { splitEnv } from './env-list.ts';
import { Journal, once } from './journal.ts';

/** The fields that grow line by line. */
type Lists = Pick<ContainerConfig, 'env' | 'labels' | 'exposedPorts' | 'volumes' | 'onBuild'>;

/** Ports and volumes that the lines of a stage name, each time counted: the history repeats them. */
const MAX_ADDED = 2_000_000;

/** All others: an instruction sets them as a whole. */
export type PlainFields = Omit<ContainerConfig, keyof Lists>;

type Change =
  | { readonly kind: 'env'; readonly key: string; readonly value: string }
  | { readonly kind: 'label'; readonly key: string; readonly value: string }
  | { readonly kind: 'exposedPorts' | 'volumes'; readonly added: readonly string[] }
  | { readonly kind: 'onBuild'; readonly expression: string };

/** The lists at work, and where each variable stands in `env`. */
interface Working {
  env: string[] | null;
  readonly places: Map<string, number>;
  labels: Map<string, string> | null;
  exposedPorts: Set<string> | null;
  volumes: Set<string> | null;
  onBuild: string[] | null;
}

function working(start: Lists): Working {
  const places = new Map<string, number>();
  for (const [at, entry] of (start.env ?? []).entries()) note(places, entry, at);
  return {
    env: start.env === null ? null : [...start.env],
    places,
    labels: start.labels === null ? null : new Map(start.labels),
    exposedPorts: start.exposedPorts === null ? null : new Set(start.exposedPorts),
    volumes: start.volumes === null ? null : new Set(start.volumes),
    onBuild: start.onBuild === null ? null : [...start.onBuild],
  };
}

/** Of a variable that is there twice the first one is replaced. */
function note(places: Map<string, number>, entry: string, at: number): void {
  const [key] = splitEnv(entry);
  if (!places.has(key)) places.set(key, at);
}

function apply(lists: Working, change: Change): void {
  switch (change.kind) {
    case 'env': {
      const entry = `${change.key}=${change.value}`;
      lists.env ??= [];
      const at = lists.places.get(change.key);
      if (at !== undefined) lists.env[at] = entry;
      else note(lists.places, entry, lists.env.push(entry) - 1);
      return;
    }
    case 'label':
      lists.labels ??= new Map();
      lists.labels.set(change.key, change.value);
      return;
    case 'onBuild':
      lists.onBuild ??= [];
      lists.onBuild.push(change.expression);
      return;
    default: {
      const set = lists[change.kind] ?? new Set();
      for (const added of change.added) set.add(added);
      lists[change.kind] = set;
    }
  }
}

/**
 * The config of a stage while its instructions are planned. Each step gets a config of its own, immutable as any, whose
 * lists are made when somebody reads them.
 */
export class StageConfig {
  readonly #journal: Journal<Change, Working>;
  /** Its lists are those of the start, and read only through the journal. */
  #plain: ContainerConfig;
  #now: ContainerConfig | undefined;
  #added = 0;

  constructor(start: ContainerConfig) {
    this.#plain = start;
    this.#now = start;
    this.#journal = new Journal(() => working(start), apply);
  }

  /** The config as it is now. */
  get now(): ContainerConfig {
    this.#now ??= this.with({});
    return this.#now;
  }

  /** The config as it is now, with other values in some fields. */
  with(fields: Partial<PlainFields>): ContainerConfig {
    const { length } = this.#journal;
    const list = <K extends keyof Lists>(key: K, copy: (value: NonNullable<Working[K]>) => Lists[K]) =>
      once((): Lists[K] => {
        const value = this.#journal.at(length)[key];
        return value === null ? null : copy(value as NonNullable<Working[K]>);
      });
    const env = list('env', (value) => [...value]);
    const labels = list('labels', (value) => new Map(value));
    const exposedPorts = list('exposedPorts', (value) => new Set(value));
    const volumes = list('volumes', (value) => new Set(value));
    const onBuild = list('onBuild', (value) => [...value]);
    return {
      ...this.#plain,
      ...fields,
      get env() {
        return env();
      },
      get labels() {
        return labels();
      },
      get exposedPorts() {
        return exposedPorts();
      },
      get volumes() {
        return volumes();
      },
      get onBuild() {
        return onBuild();
      },
    };
  }

  set(fields: Partial<PlainFields>): void {
    this.#plain = { ...this.#plain, ...fields };
    this.#now = undefined;
  }

  setEnv(key: string, value: string): void {
    this.#append({ kind: 'env', key, value });
  }

  setLabel(key: string, value: string): void {
    this.#append({ kind: 'label', key, value });
  }

  /** Adds nothing but the field itself where the list is empty. */
  add(kind: 'exposedPorts' | 'volumes', added: readonly string[]): void {
    this.#added += added.length;
    if (this.#added > MAX_ADDED) {
      throw new LayerlabError('LL_LIMIT', 'a stage exposes more than 2,000,000 ports', {
        hint: 'Each port number is exposed once: name the range on one line.',
      });
    }
    this.#append({ kind, added });
  }

  addTrigger(expression: string): void {
    this.#append({ kind: 'onBuild', expression });
  }

  #append(change: Change): void {
    this.#journal.append(change);
    this.#now = undefined;
  }
}
