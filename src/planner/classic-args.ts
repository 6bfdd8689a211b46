import { envMap } from './env-list.ts';
import { Journal } from './journal.ts';

/** A build argument that a RUN has in its environment. */
export interface EffectiveArg {
  readonly key: string;
  readonly value: string;
  /** Whether the history shows it. */
  readonly shown: boolean;
}

/**
 * The build arguments as the classic builder keeps them (moby builder/dockerfile/buildargs.go): an ARG allows a key, the
 * command line gives its value, and a variable of the image hides it.
 */
export class ClassicArgs {
  readonly #given: ReadonlyMap<string, string | undefined>;
  readonly #proxies: ReadonlySet<string>;
  readonly #global: Map<string, string | undefined>;
  readonly #allowed = new Map<string, string | undefined>();
  readonly #declarations = new Journal<readonly [string, string | undefined], Map<string, string | undefined>>(
    () => new Map(),
    (declared, [key, value]) => declared.set(key, value),
  );
  readonly #referenced: Set<string>;

  /** @param proxies arguments that need no ARG, see `proxyArgs` */
  constructor(given: ReadonlyMap<string, string | undefined>, proxies: ReadonlySet<string>, outer?: ClassicArgs) {
    this.#given = given;
    this.#proxies = proxies;
    this.#global = outer === undefined ? new Map() : outer.#global;
    this.#referenced = outer === undefined ? new Set() : outer.#referenced;
  }

  /** The arguments of a new stage: it sees the global ones, but has to declare them again. */
  forStage(): ClassicArgs {
    return new ClassicArgs(this.#given, this.#proxies, this);
  }

  declareGlobal(key: string, value: string | undefined): void {
    this.declare(key, value);
    this.#global.set(key, value);
  }

  declare(key: string, value: string | undefined): void {
    this.#allowed.set(key, value);
    this.#declarations.append([key, value]);
    this.#referenced.add(key);
  }

  /** Values of the global arguments, for FROM lines. */
  globals(): ReadonlyMap<string, string> {
    return this.#values(this.#global);
  }

  /** Values of the declared and the built-in arguments. */
  allowed(): ReadonlyMap<string, string> {
    return this.#values(this.#allowed);
  }

  /** The value of a declared or built-in argument. */
  value(key: string): string | undefined {
    return this.#allowed.has(key) || this.#proxies.has(key) ? this.#valueIn(this.#allowed, key) : undefined;
  }

  /**
   * What gives, whenever it is asked, those of the arguments declared by now that no variable of the image hides, sorted by
   * key. Proxies show in the history of RUN only where they are declared.
   */
  effectiveLater(): (env: readonly string[] | null) => readonly EffectiveArg[] {
    const { length } = this.#declarations;
    return (env) => {
      const hidden = envMap(env);
      const declared = this.#declarations.at(length);
      return [...this.#values(declared)]
        .filter(([key]) => !hidden.has(key))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]) => ({ key, value, shown: declared.has(key) || !this.#proxies.has(key) }));
    };
  }

  /** Keys given on the command line that nothing declared, sorted. */
  unused(): readonly string[] {
    return [...this.#given.keys()].filter((key) => !this.#proxies.has(key) && !this.#referenced.has(key)).sort();
  }

  #values(declared: ReadonlyMap<string, string | undefined>): ReadonlyMap<string, string> {
    const values = new Map<string, string>();
    for (const key of [...declared.keys(), ...this.#proxies]) {
      const value = this.#valueIn(declared, key);
      if (value !== undefined) values.set(key, value);
    }
    return values;
  }

  #valueIn(declared: ReadonlyMap<string, string | undefined>, key: string): string | undefined {
    return this.#given.get(key) ?? declared.get(key) ?? this.#global.get(key);
  }
}
