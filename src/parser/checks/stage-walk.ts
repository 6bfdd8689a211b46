import { LayerlabError } from '../../errors/layerlab-error.ts';
import { goQuote } from '../../formats/go-quote.ts';
import { expandWord, processWords } from '../expand-word.ts';
import type { ArgInstruction, FromInstruction, Instruction } from '../instruction.ts';
import type { Dockerfile } from '../parse-dockerfile.ts';
import { locationOf } from '../parse-error.ts';
import type { CheckInput } from './check-input.ts';
import { CommandChecks } from './commands.ts';
import { checkCopySources } from './copy-sources.ts';
import { checkExposedPort } from './expose.ts';
import { checkKeyValueForm } from './key-values.ts';
import type { Reporter } from './report.ts';
import { checkSecretName } from './secrets.ts';
import { expandableWords, expandWords, setVariable, type Variables } from './variables.ts';

/** What a stage knows at its start and hands on to stages that stand on it. */
export interface StageState {
  readonly variables: Variables;
  /** False where the base is not at hand, so that a variable may well be set there. */
  readonly complete: boolean;
  readonly hasShell: boolean;
  readonly hasWorkdir: boolean;
}

type StageInstruction = Exclude<Instruction, FromInstruction>;

/** Arguments that never become variables. */
const NO_VARIABLES: ReadonlySet<string> = new Set(['BUILDKIT_SBOM_SCAN_CONTEXT', 'BUILDKIT_SBOM_SCAN_STAGE']);

/** Goes through the instructions of one stage with the variables that are set on the way. */
export class StageWalk {
  readonly #dockerfile: Dockerfile;
  readonly #input: CheckInput;
  readonly #globals: ReadonlyMap<string, string>;
  readonly #reporter: Reporter;
  readonly #commands: CommandChecks;
  #state: StageState;

  constructor(
    dockerfile: Dockerfile,
    input: CheckInput,
    globals: ReadonlyMap<string, string>,
    start: StageState,
    reporter: Reporter,
  ) {
    this.#dockerfile = dockerfile;
    this.#input = input;
    this.#globals = globals;
    this.#state = start;
    this.#reporter = reporter;
    this.#commands = new CommandChecks(reporter);
  }

  get state(): StageState {
    return this.#state;
  }

  /** Checks the next instruction. Throws LL_PARSE with the place where a word cannot be expanded. */
  check(instruction: StageInstruction): void {
    try {
      const texts = expandableWords(instruction).map((word) => {
        const { escapeToken } = this.#dockerfile.directives;
        const unset = new Set<string>();
        try {
          return expandWords(word, this.#state.variables.values, escapeToken, unset);
        } finally {
          this.#reportUnset(instruction, unset);
        }
      });
      this.#dispatch(instruction, texts);
    } catch (error) {
      if (!(error instanceof LayerlabError)) throw error;
      throw error.at(locationOf(this.#dockerfile, instruction.range));
    }
  }

  #dispatch(instruction: StageInstruction, texts: readonly string[]): void {
    const { variables } = this.#state;
    const { escapeToken } = this.#dockerfile.directives;
    switch (instruction.kind) {
      case 'ARG':
        this.#arg(instruction);
        return;
      case 'ENV':
        checkKeyValueForm(instruction, escapeToken, this.#reporter);
        for (let at = 0; at + 1 < texts.length; at += 2) {
          const [key = '', value = ''] = texts.slice(at, at + 2);
          checkSecretName('ENV', key, instruction.range, this.#reporter);
          setVariable(variables, key, value);
        }
        return;
      case 'LABEL':
        checkKeyValueForm(instruction, escapeToken, this.#reporter);
        return;
      case 'COPY':
      case 'ADD': {
        const first = instruction.kind === 'ADD' ? 3 : 2;
        const sources = texts.slice(first, first + instruction.sources.length);
        const { ignores } = this.#input;
        if (ignores !== undefined) checkCopySources(instruction, sources, ignores, this.#reporter);
        return;
      }
      case 'EXPOSE':
        for (const port of instruction.ports) {
          for (const word of processWords(port, variables.values, { escapeToken })) {
            checkExposedPort(word, instruction, this.#reporter);
          }
        }
        return;
      case 'VOLUME':
        if (!texts.includes('')) return;
        throw new LayerlabError('LL_PARSE', 'VOLUME specified can not be an empty string');
      case 'WORKDIR':
        this.#workdir(texts[0] ?? '', instruction);
        return;
      case 'SHELL':
        this.#state = { ...this.#state, hasShell: instruction.shell.length > 0 };
        return;
      case 'CMD':
      case 'ENTRYPOINT':
      case 'HEALTHCHECK':
        this.#commands.check(instruction, this.#state.hasShell);
        return;
      default:
        return;
    }
  }

  /** Only the first WORKDIR depends on the base image: an absolute one there settles those behind it. */
  #workdir(path: string, instruction: StageInstruction): void {
    if (!this.#state.hasWorkdir && !path.startsWith('/')) {
      const message = `Relative workdir ${goQuote(path)} can have unexpected results if the base image changes`;
      this.#reporter.report('WorkdirRelativePath', instruction.range, message, path);
    }
    this.#state = { ...this.#state, hasWorkdir: true };
  }

  #arg(instruction: ArgInstruction): void {
    const { variables } = this.#state;
    for (const { key, value } of instruction.args) {
      checkSecretName('ARG', key, instruction.range, this.#reporter);
      let text = this.#input.buildArgs.get(key);
      if (text === undefined && value === undefined) text = this.#globals.get(key);
      if (text === undefined && value !== undefined) {
        const expanded = expandWord(value, variables.values, this.#dockerfile.directives);
        this.#reportUnset(instruction, expanded.unset);
        text = expanded.text;
      }
      if (text !== undefined && !NO_VARIABLES.has(key)) setVariable(variables, key, text);
      variables.declared.add(key);
    }
  }

  /** UndefinedVar. */
  #reportUnset(instruction: StageInstruction, unset: ReadonlySet<string>): void {
    const { variables, complete } = this.#state;
    if (!complete) return;
    for (const name of unset) {
      if (variables.declared.has(name) || NO_VARIABLES.has(name)) continue;
      const near = this.#reporter.suggest(name, variables.values.keys());
      const message = `Usage of undefined variable '$${name}'${near === '' ? '' : ` (did you mean $${near}?)`}`;
      this.#reporter.report('UndefinedVar', instruction.range, message, `$${name}`, `\${${name}}`, `{${name}`);
    }
  }
}
