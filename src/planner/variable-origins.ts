import { isPlainWord, processWord } from '../parser/expand-word.ts';
import type { ArgInstruction } from '../parser/instruction.ts';
import type { Dockerfile } from '../parser/parse-dockerfile.ts';
import { builderProfile } from '../profiles/builder-profile.ts';
import { envMap } from './env-list.ts';
import { givenArgs } from './global-args.ts';
import { atInstruction } from './plan-error.ts';
import type { PlanOptions } from './plan-options.ts';
import { platformArgs } from './platforms.ts';
import type { Plan, PlannedStage, Step } from './step.ts';

/** Who gave a variable its value. `unset`: an ARG that nobody gave one. */
export type Origin = 'env' | 'arg-default' | 'build-arg' | 'global-arg' | 'predefined' | 'base-image' | 'unset';

/** A variable as an ENV or ARG line leaves it. */
export interface VariableOrigin {
  readonly name: string;
  /** Undefined where it is unset. */
  readonly value: string | undefined;
  readonly origin: Origin;
  /** The line that holds the value; undefined where no line of the file does. */
  readonly line: number | undefined;
}

export interface VariableOrigins {
  readonly globals: ReadonlyMap<ArgInstruction, readonly VariableOrigin[]>;
  readonly steps: ReadonlyMap<Step, readonly VariableOrigin[]>;
}

/** The variables that are set, and their values alone: words are expanded far more often than origins are asked for. */
class Scope {
  readonly #origins = new Map<string, VariableOrigin>();
  readonly values = new Map<string, string>();

  constructor(variables: Iterable<VariableOrigin> = []) {
    for (const variable of variables) this.set(variable);
  }

  get(name: string): VariableOrigin | undefined {
    return this.#origins.get(name);
  }

  set(variable: VariableOrigin): void {
    if (variable.value === undefined) return;
    this.#origins.set(variable.name, variable);
    this.values.set(variable.name, variable.value);
  }

  all(): Iterable<VariableOrigin> {
    return this.#origins.values();
  }
}

/**
 * Where the variables of ENV and ARG lines got their values: of the lines before the first FROM, and of every planned
 * step. Follows the scoping of the plan's builder: BuildKit's ARG and ENV replace each other and are inherited by stages,
 * classic's ENV hides an ARG of that name and ARGs end with their stage.
 */
export function variableOrigins(dockerfile: Dockerfile, plan: Plan, options: PlanOptions): VariableOrigins {
  const walk = new Walk(dockerfile, plan, options);
  const globals = new Map(dockerfile.metaArgs.map((meta) => [meta, walk.globalArg(meta)] as const));
  for (const index of plan.order) walk.stage(plan.stages[index] as PlannedStage);
  return { globals, steps: walk.steps };
}

class Walk {
  readonly steps = new Map<Step, readonly VariableOrigin[]>();
  readonly #dockerfile: Dockerfile;
  readonly #classic: boolean;
  readonly #given: ReadonlyMap<string, string>;
  readonly #globals = new Scope();
  /** The scope at the end of each stage. */
  readonly #ends = new Map<number, Scope>();

  constructor(dockerfile: Dockerfile, plan: Plan, options: PlanOptions) {
    this.#dockerfile = dockerfile;
    this.#classic = plan.builder === 'classic';
    this.#given = givenArgs(options);
    if (this.#classic) return;
    const { targetStageArg } = builderProfile('buildkit', options.compat);
    const targetStage = targetStageArg ? options.target || dockerfile.stages.at(-1)?.name || 'default' : undefined;
    for (const [name, value] of platformArgs(options.platform, targetStage, options.buildPlatform)) {
      this.#globals.set(this.#fromCommandLine(name) ?? { name, value, origin: 'predefined', line: undefined });
    }
  }

  globalArg(meta: ArgInstruction): readonly VariableOrigin[] {
    return meta.args.map(({ key, value }) => {
      const name = this.#classic ? this.#expand(key, this.#globals) : key;
      const own: VariableOrigin | undefined =
        value === undefined
          ? undefined
          : atInstruction(this.#dockerfile, meta.range, () => ({
              name,
              value: this.#expand(value, this.#globals),
              origin: 'arg-default',
              line: meta.range.startLine,
            }));
      const found = this.#fromCommandLine(name) ?? own ?? this.#globals.get(name) ?? unset(name);
      this.#globals.set(found);
      return found;
    });
  }

  stage(stage: PlannedStage): void {
    const inherited = stage.base.kind === 'stage' ? this.#ends.get(stage.base.index) : undefined;
    // Classic hands on what is in the image, which ENV alone is.
    const scope = new Scope([...(inherited?.all() ?? [])].filter(({ origin }) => !this.#classic || isOfImage(origin)));
    for (const [name, value] of envMap(stage.baseConfig.env)) {
      if (scope.get(name) === undefined) scope.set({ name, value, origin: 'base-image', line: undefined });
    }
    for (const step of stage.steps) {
      const line = step.trigger ? stage.from.range.startLine : step.instruction.range.startLine;
      const set = this.#variablesOf(step, scope, line);
      if (set.length > 0) this.steps.set(step, set);
    }
    this.#ends.set(stage.index, scope);
  }

  #variablesOf({ instruction }: Step, scope: Scope, line: number): readonly VariableOrigin[] {
    if (instruction.kind === 'ENV') {
      const set = instruction.pairs.map(({ key, value }): VariableOrigin => {
        return { name: this.#expand(key, scope), value: this.#expand(value, scope), origin: 'env', line };
      });
      for (const variable of set) scope.set(variable);
      return set;
    }
    if (instruction.kind !== 'ARG') return [];
    const set: VariableOrigin[] = [];
    for (const { key, value } of instruction.args) {
      const found = this.#arg(this.#classic ? this.#expand(key, scope) : key, value, scope, line);
      set.push(found);
      // In BuildKit an argument knows those before it on its line; in classic only those of lines before.
      if (!this.#classic) scope.set(found);
    }
    for (const variable of set) scope.set(variable);
    return set;
  }

  #arg(name: string, value: string | undefined, scope: Scope, line: number): VariableOrigin {
    const before = scope.get(name);
    if (this.#classic && before !== undefined && isOfImage(before.origin)) return before;
    const given = this.#fromCommandLine(name);
    if (given !== undefined) return given;
    if (value !== undefined) return { name, value: this.#expand(value, scope), origin: 'arg-default', line };
    const global = this.#globals.get(name);
    if (global === undefined) return before ?? unset(name);
    return global.origin === 'arg-default' ? { ...global, origin: 'global-arg' } : global;
  }

  #fromCommandLine(name: string): VariableOrigin | undefined {
    const value = this.#given.get(name);
    return value === undefined ? undefined : { name, value, origin: 'build-arg', line: undefined };
  }

  #expand(word: string, scope: Scope): string {
    if (isPlainWord(word)) return word;
    return processWord(word, scope.values, this.#dockerfile.words);
  }
}

function isOfImage(origin: Origin): boolean {
  return origin === 'env' || origin === 'base-image';
}

function unset(name: string): VariableOrigin {
  return { name, value: undefined, origin: 'unset', line: undefined };
}
