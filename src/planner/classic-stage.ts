import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ContainerConfig, joinHealth } from '../formats/container-config.ts';
import { cleanPath } from '../parser/clean-path.ts';
import type { Variables, WordRules } from '../parser/expand-word.ts';
import type {
  AddInstruction,
  CopyInstruction,
  FromInstruction,
  Instruction,
  KeyValue,
  RunInstruction,
} from '../parser/instruction.ts';
import type { BuilderProfile } from '../profiles/builder-profile.ts';
import type { DockerfileSyntax } from '../profiles/dockerfile-syntax.ts';
import { applyCommand, applyConfig } from './apply-config.ts';
import type { ClassicArgs } from './classic-args.ts';
import { envMap } from './env-list.ts';
import { type Expander, expanderFor, expandInstruction } from './expand-instruction.ts';
import { shellOf } from './instruction-texts.ts';
import { once } from './journal.ts';
import { refusalOf, refuseCopyFeatures, refuseRunFeatures } from './refuse-features.ts';
import { NO_REMOTES, remoteSources } from './remote-sources.ts';
import { expandRunMounts } from './run-mounts.ts';
import { StageConfig } from './stage-config.ts';
import { findSourceClassic, type StageGraph } from './stage-graph.ts';
import type { ClassicStep, CopySource, RunAction, Step, StepAction } from './step.ts';
import { joinPath, resolveDestination } from './unix-path.ts';

/** What every stage of a classic plan shares. */
export interface ClassicContext {
  readonly words: WordRules;
  readonly syntax: DockerfileSyntax;
  readonly network: RunAction['network'];
  readonly profile: BuilderProfile;
  readonly graph: StageGraph;
  readonly keepRefused: boolean;
}

interface Planned {
  readonly action: StepAction;
  readonly layer: boolean;
  readonly classic: ClassicStep;
  readonly refused?: LayerlabError;
}

const CONFIG: StepAction = Object.freeze({ kind: 'config' });

/** Plans the instructions of one stage for the classic builder (moby builder/dockerfile/dispatchers.go). */
export class ClassicStage {
  readonly steps: Step[] = [];
  /** Stages that COPY takes files from. */
  readonly sources = new Set<number>();
  author = '';
  readonly #config: StageConfig;
  /** The variables of the image, kept beside the config: lines ask for single ones of them. */
  readonly #env: Map<string, string>;
  readonly #context: ClassicContext;
  readonly #args: ClassicArgs;
  readonly #index: number;
  #cmdSet = false;

  constructor(context: ClassicContext, index: number, config: ContainerConfig, args: ClassicArgs) {
    this.#context = context;
    this.#index = index;
    this.#args = args;
    this.#config = new StageConfig(config);
    this.#env = envMap(config.env);
  }

  get config(): ContainerConfig {
    return this.#config.now;
  }

  /** Plans one instruction; `trigger` for one that an ONBUILD of the base brought. */
  add(instruction: Exclude<Instruction, FromInstruction>, trigger: boolean): void {
    const scope: Variables = { get: (name) => this.#env.get(name) ?? this.#args.value(name) };
    const expander = expanderFor(() => scope, this.#context.words);
    const planned = this.#plan(expandInstruction(instruction, expander), expander);
    this.steps.push({
      instruction,
      trigger,
      ...planned,
      config: this.config,
      author: this.author,
      display: instruction.source,
      createdBy: undefined,
    });
  }

  #plan(instruction: Exclude<Instruction, FromInstruction>, expander: Expander): Planned {
    switch (instruction.kind) {
      case 'RUN':
        expandRunMounts(instruction, expander.word, this.#context.syntax);
        return this.#run(instruction);
      case 'COPY':
      case 'ADD':
        return this.#copy(instruction);
      case 'WORKDIR':
        return this.#workdir(instruction.path);
      case 'ARG': {
        const texts = instruction.args.map((arg) => {
          const key = expander.word(arg.key);
          const value = arg.value === undefined ? undefined : expander.word(arg.value);
          return { key, value };
        });
        for (const { key, value } of texts) this.#args.declare(key, value);
        const words = texts.map(({ key, value }) => (value === undefined ? key : `${key}=${value}`));
        return this.#comment(`ARG ${words.join(' ')}`);
      }
      case 'CMD':
      case 'ENTRYPOINT':
        return this.#command(instruction.kind, instruction.words, instruction.shellForm);
      case 'MAINTAINER':
        this.author = instruction.maintainer;
        return this.#comment(`MAINTAINER ${instruction.maintainer}`);
      case 'ONBUILD':
        this.#config.addTrigger(instruction.expression);
        return this.#comment(`ONBUILD ${instruction.expression}`);
      default: {
        const before = this.config.healthcheck;
        if (instruction.kind === 'ENV') checkNames(instruction.pairs);
        const text = applyConfig(this.#config, instruction, this.#context.profile);
        if (instruction.kind === 'ENV') for (const { key, value } of instruction.pairs) this.#env.set(key, value);
        const planned = this.#comment(text);
        if (instruction.kind === 'HEALTHCHECK') {
          // The container of the step fills what is left open, and the builder goes on with the filled one: both share it.
          this.#config.set({ healthcheck: joinHealth(instruction.health, before) });
        }
        return planned;
      }
    }
  }

  /** A step that does nothing: two words behind the shell, so that two spaces show between them. */
  #comment(text: string): Planned {
    const cmd = [...shellOf(this.config), '#(nop) ', text];
    return { action: CONFIG, layer: false, classic: this.#classic(cmd, true) };
  }

  #classic(cmd: readonly string[], viaContainer: boolean): ClassicStep {
    return { cmd, viaContainer, probe: this.#config.with({ cmd }) };
  }

  #command(kind: 'CMD' | 'ENTRYPOINT', words: readonly string[], shellForm: boolean): Planned {
    const none = kind === 'ENTRYPOINT' && words.length === 0;
    const args = none ? null : [...(shellForm ? shellOf(this.config) : []), ...words];
    const keepCmd = kind === 'CMD' || this.#cmdSet;
    const text = applyCommand(this.#config, kind, args, false, keepCmd);
    if (kind === 'CMD' && words.length > 0) this.#cmdSet = true;
    return this.#comment(text);
  }

  #run(run: RunInstruction): Planned {
    const refused = refusalOf(this.#context.keepRefused, () => refuseRunFeatures(run, true));
    const args = [...(run.shellForm ? shellOf(this.config) : []), ...run.words];
    if (args.length === 0) throw new LayerlabError('LL_PARSE', this.#context.profile.noCommand);
    const { config } = this;
    const effective = this.#args.effectiveLater();
    const given = once(() => effective(config.env));
    const env = once(() => [...(config.env ?? []), ...given().map(({ key, value }) => `${key}=${value}`)]);
    const cmd = once(() => {
      if (given().length === 0) return args;
      const shown = given().filter(({ shown }) => shown);
      return [`|${shown.length}`, ...shown.map(({ key, value }) => `${key}=${value}`).sort(), ...args];
    });
    const ran = this.#config.with({ argsEscaped: false, entrypoint: null });
    const probe = once(() => ({ ...ran, cmd: cmd() }));
    return {
      layer: true,
      classic: {
        get cmd() {
          return cmd();
        },
        viaContainer: false,
        get probe() {
          return probe();
        },
      },
      ...(refused === undefined ? {} : { refused }),
      action: {
        kind: 'run',
        args,
        get env() {
          return env();
        },
        user: this.config.user,
        workingDir: cleanPath(this.config.workingDir || '/'),
        network: this.#context.network,
        get volumes() {
          return [...(config.volumes ?? [])].sort();
        },
      },
    };
  }

  #copy(copy: CopyInstruction | AddInstruction): Planned {
    const refused = refusalOf(this.#context.keepRefused, () =>
      refuseCopyFeatures(copy, copy.sources, this.#context.profile),
    );
    const chown = copy.chown === '' ? '' : `--chown=${copy.chown}${this.#context.profile.chownGap}`;
    const comment = `#(nop) ${copy.kind} ${chown}$\{HASH} in ${copy.destination} `;
    return {
      layer: true,
      classic: this.#classic([...shellOf(this.config), comment], false),
      ...(refused === undefined ? {} : { refused }),
      action: {
        kind: copy.kind === 'COPY' ? 'copy' : 'add',
        from: this.#from(copy),
        sources: copy.sources,
        remotes: copy.kind === 'ADD' ? remoteSources(copy, this.#context.profile) : NO_REMOTES,
        unpack: undefined,
        documents: [],
        destination: resolveDestination(this.config.workingDir, copy.destination, false),
        destinationText: copy.destination,
        chown: copy.chown || undefined,
        chmod: undefined,
        excludes: [],
        parents: false,
      },
    };
  }

  #from(copy: CopyInstruction | AddInstruction): CopySource {
    if (copy.kind === 'ADD' || copy.from === '') return { kind: 'context' };
    const source = findSourceClassic(copy.from, this.#context.graph, this.#index);
    if (source.kind === 'stage') this.sources.add(source.index);
    return source;
  }

  #workdir(path: string): Planned {
    if (path === '') throw new LayerlabError('LL_PARSE', 'cannot normalize nothing');
    const absolute = path.startsWith('/');
    const joined = joinPath('/', absolute ? '' : this.config.workingDir, path);
    const workingDir = absolute && !this.#context.profile.workdirCleaned ? path : joined;
    this.#config.set({ workingDir });
    const cmd = [...shellOf(this.config), `#(nop) WORKDIR ${workingDir}`];
    return {
      action: { kind: 'workdir', path: joined, user: '' },
      layer: true,
      classic: this.#classic(cmd, true),
    };
  }
}

/** A name that expands to nothing fails when the container of the step is made. */
function checkNames(pairs: readonly KeyValue[]): void {
  const nameless = pairs.find(({ key }) => key === '');
  if (nameless === undefined) return;
  throw new LayerlabError('LL_PARSE', `invalid environment variable: =${nameless.value}`);
}
