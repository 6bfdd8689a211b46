import { LayerlabError } from '../errors/layerlab-error.ts';
import type { ContainerConfig } from '../formats/container-config.ts';
import { cleanPath } from '../parser/clean-path.ts';
import { expandWord, processWord, type WordRules } from '../parser/expand-word.ts';
import type {
  AddInstruction,
  ArgInstruction,
  CopyInstruction,
  FromInstruction,
  Instruction,
  OptionalKeyValue,
  RunInstruction,
} from '../parser/instruction.ts';
import { parseRunMount } from '../parser/parse-run-mount.ts';
import type { BuilderProfile } from '../profiles/builder-profile.ts';
import { applyCommand, applyConfig } from './apply-config.ts';
import { declaredArgs, proxyEnv, splitEnv } from './env-list.ts';
import { expanderFor, expandInstruction } from './expand-instruction.ts';
import { inlineDocument, runDocuments } from './inline-document.ts';
import { shellOf } from './instruction-texts.ts';
import type { PlanOptions } from './plan-options.ts';
import { checkChmod, refusalOf, refuseCopyFeatures, refuseRunFeatures } from './refuse-features.ts';
import { findSourceBuildkit, progressImageName, type StageGraph } from './stage-graph.ts';
import type { CopySource, Step, StepAction } from './step.ts';
import { joinPath, resolveDestination } from './unix-path.ts';

/** What every stage of a plan shares. */
export interface StageContext {
  readonly words: WordRules;
  readonly options: PlanOptions;
  readonly globals: ReadonlyMap<string, string>;
  readonly given: ReadonlyMap<string, string>;
  readonly profile: BuilderProfile;
  readonly graph: StageGraph;
}

/** What a stage hands on to the stages that stand on it. */
export interface StageState {
  readonly config: ContainerConfig;
  readonly author: string;
  /** The variables of RUN and of expansions, `ENV` and `ARG` alike, in the order they were last set. */
  readonly env: ReadonlyMap<string, string>;
  readonly declared: readonly OptionalKeyValue[];
}

type Planned = Pick<Step, 'action' | 'layer' | 'display' | 'refused' | 'mounted'> & {
  readonly createdBy: string | undefined;
};

const CONFIG: StepAction = Object.freeze({ kind: 'config' });

/** Plans the instructions of one stage for BuildKit (buildkit dockerfile2llb/convert.go dispatch functions). */
export class BuildkitStage {
  readonly steps: Step[] = [];
  /** Stages that COPY takes files from. */
  readonly sources = new Set<number>();
  config: ContainerConfig;
  author: string;
  readonly #context: StageContext;
  readonly #env: Map<string, string>;
  readonly #declared: OptionalKeyValue[];
  #cmdSet = false;

  constructor(context: StageContext, start: StageState) {
    this.#context = context;
    this.config = start.config;
    this.author = start.author;
    this.#env = new Map(start.env);
    this.#declared = context.profile.runArgsInherited ? [...start.declared] : [];
    for (const entry of start.config.env ?? []) this.#setEnv(...splitEnv(entry));
    const { workingDir } = start.config;
    if (workingDir !== '') this.config = { ...this.config, workingDir: joinWorkdir('', workingDir) };
  }

  state(): StageState {
    return { config: this.config, author: this.author, env: this.#env, declared: this.#declared };
  }

  /** A variable that is set again moves to the end, as it does in BuildKit's list. */
  #setEnv(key: string, value: string): void {
    this.#env.delete(key);
    this.#env.set(key, value);
  }

  /** Plans one instruction; `trigger` for one that an ONBUILD of the base brought. */
  add(instruction: Exclude<Instruction, FromInstruction>, trigger: boolean): void {
    const { words } = this.#context;
    const planned = this.#plan(
      expandInstruction(
        instruction,
        expanderFor(() => this.#env, words),
      ),
    );
    this.steps.push({
      instruction,
      trigger,
      ...planned,
      display: trigger && planned.layer ? `ONBUILD ${planned.display}` : planned.display,
      config: this.config,
      author: this.author,
      classic: undefined,
    });
  }

  #plan(instruction: Exclude<Instruction, FromInstruction>): Planned {
    switch (instruction.kind) {
      case 'RUN':
        return this.#run(instruction);
      case 'COPY':
      case 'ADD':
        return this.#copy(instruction);
      case 'WORKDIR':
        return this.#workdir(instruction.path, instruction.source);
      case 'ARG':
        return row(instruction, this.#arg(instruction));
      case 'CMD':
      case 'ENTRYPOINT': {
        const { kind, words, shellForm } = instruction;
        const args = shellForm ? this.#withShell(words) : words;
        const keepCmd = kind === 'CMD' || this.#cmdSet;
        const escaped = kind === 'CMD' ? this.#context.profile.argsEscapedByCmd : this.config.argsEscaped;
        const { config, text } = applyCommand(this.config, kind, args, escaped, keepCmd);
        this.config = config;
        if (kind === 'CMD') this.#cmdSet = true;
        return row(instruction, text);
      }
      case 'MAINTAINER':
        this.author = instruction.maintainer;
        return row(instruction, `MAINTAINER ${instruction.maintainer}`);
      case 'ONBUILD':
        this.config = { ...this.config, onBuild: [...(this.config.onBuild ?? []), instruction.expression] };
        return row(instruction, undefined);
      default: {
        const { config, text } = applyConfig(this.config, instruction, this.#context.profile);
        this.config = config;
        if (instruction.kind === 'ENV') for (const { key, value } of instruction.pairs) this.#setEnv(key, value);
        return row(instruction, text);
      }
    }
  }

  #withShell(words: readonly string[]): readonly string[] {
    return [...shellOf(this.config), words.join(' ')];
  }

  #run(run: RunInstruction): Planned {
    const refused = refusalOf(this.#context.options.keepRefused, () => refuseRunFeatures(run, false));
    const { words, script, summary } = runDocuments(run);
    const args = run.shellForm ? this.#withShell(words) : words;
    if (args.length === 0) {
      throw new LayerlabError('LL_PARSE', 'failed to marshal LLB definition: arguments are required');
    }
    const { options, profile } = this.#context;
    const declared = declaredArgs(this.#declared, this.#env, profile.runArgsOnce);
    const count = declared.length === 0 ? [] : [`|${declared.length}`];
    return {
      layer: true,
      display: this.#display(run.source + summary, true),
      ...(refused === undefined ? {} : { refused, mounted: this.#mounted(run) }),
      createdBy: `RUN ${[...count, ...declared, ...args].join(' ')} # buildkit`,
      action: {
        kind: 'run',
        args,
        env: [
          ...[...this.#env].map(([key, value]) => `${key}=${value}`),
          ...proxyEnv(options.buildArgs, profile.proxies),
        ],
        user: this.config.user,
        workingDir: cleanPath(this.config.workingDir || '/'),
        network: run.network === 'default' ? options.network : run.network,
        volumes: [],
        ...(this.config.workingDir.includes('/..') ? { writtenDir: this.config.workingDir } : {}),
        ...(script === undefined ? {} : { script }),
      },
    };
  }

  /** A stage that a RUN mounts is needed as one that is copied from. */
  #mounted(run: RunInstruction): ReadonlySet<number> {
    const stages = new Set<number>();
    for (const mount of run.mounts) {
      const from = parseRunMount(mount).options.get('from');
      const source = from ? findSourceBuildkit(from, this.#context.graph) : undefined;
      if (source?.kind === 'stage') stages.add(source.index);
    }
    for (const index of stages) this.sources.add(index);
    return stages;
  }

  #copy(copy: CopyInstruction | AddInstruction): Planned {
    const { keepRefused } = this.#context.options;
    const refused = refusalOf(keepRefused, () => refuseCopyFeatures(copy, copy.sources, this.#context.profile));
    if (copy.chmod !== '') checkChmod(copy.chmod, this.#context.profile);
    const { copyRowFlags } = this.#context.profile;
    const words = [
      copy.kind,
      ...(copy.chown === '' || !copyRowFlags ? [] : [`--chown=${copy.chown}`]),
      ...(copy.chmod === '' || !copyRowFlags ? [] : [`--chmod=${copy.chmod}`]),
      ...copy.sources,
      ...copy.inlineFiles.map(({ name }) => `<<${name}`),
      copy.destination,
    ];
    return {
      layer: true,
      display: this.#display(copy.source, false),
      createdBy: `${words.join(' ')} # buildkit`,
      ...(refused === undefined ? {} : { refused }),
      action: {
        kind: copy.kind === 'COPY' ? 'copy' : 'add',
        from: this.#from(copy),
        sources: copy.sources,
        documents: copy.inlineFiles.map(({ name, data }) => inlineDocument(name, data)),
        destination: resolveDestination(this.config.workingDir, copy.destination, true),
        destinationText: copy.destination,
        chown: copy.chown || undefined,
        chmod: copy.chmod || undefined,
      },
    };
  }

  #from(copy: CopyInstruction | AddInstruction): CopySource {
    if (copy.kind === 'ADD' || copy.from === '') return { kind: 'context' };
    const source = findSourceBuildkit(copy.from, this.#context.graph);
    if (source.kind === 'stage') this.sources.add(source.index);
    if (source.kind === 'image') progressImageName(source.reference, this.#context.profile);
    return source;
  }

  #workdir(path: string, source: string): Planned {
    const workingDir = joinWorkdir(this.config.workingDir, path);
    this.config = { ...this.config, workingDir };
    const layer = workingDir !== '/';
    return {
      layer,
      display: this.#display(source, false),
      createdBy: `WORKDIR ${workingDir}`,
      action: layer ? { kind: 'workdir', path: cleanPath(workingDir), user: this.config.user } : CONFIG,
    };
  }

  #arg(instruction: ArgInstruction): string {
    const { given, globals, words, profile } = this.#context;
    const texts = instruction.args.map((arg) => {
      const ownDefault =
        arg.value === undefined || (given.has(arg.key) && profile.argRowHasValue)
          ? undefined
          : processWord(arg.value, this.#env, words);
      const value = given.get(arg.key) ?? (arg.value === undefined ? globals.get(arg.key) : ownDefault);
      if (value !== undefined && !profile.argsWithoutEnv.has(arg.key)) this.#setEnv(arg.key, value);
      this.#declared.push({ key: arg.key, value });
      const shown = profile.argRowHasValue ? value : ownDefault;
      return shown === undefined ? arg.key : `${arg.key}=${shown}`;
    });
    return `ARG ${texts.join(' ')}`;
  }

  /** The name of the vertex: the instruction with its variables expanded, as written where that fails. */
  #display(source: string, raw: boolean): string {
    const { words } = this.#context;
    let name = source;
    try {
      name = expandWord(source, this.#env, { ...words, ...(raw ? { rawQuotes: true, keepUnset: true } : {}) }).text;
    } catch (error) {
      if (!(error instanceof LayerlabError)) throw error;
    }
    const space = name.indexOf(' ');
    return space < 0 ? name.toUpperCase() : name.slice(0, space).toUpperCase() + name.slice(space);
  }
}

function row(instruction: Instruction, text: string | undefined): Planned {
  return { action: CONFIG, layer: false, display: instruction.source, createdBy: text };
}

/** An absolute WORKDIR is kept as written; a relative one is joined and cleaned (buildkit util/system NormalizeWorkdir). */
function joinWorkdir(current: string, path: string): string {
  const parent = current.startsWith('/') ? current : joinPath('/', current);
  if (path === '') return parent;
  return path.startsWith('/') ? path : joinPath(parent, path);
}
