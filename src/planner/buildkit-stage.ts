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
import type { BuilderProfile } from '../profiles/builder-profile.ts';
import type { DockerfileSyntax } from '../profiles/dockerfile-syntax.ts';
import { applyCommand, applyConfig } from './apply-config.ts';
import { sourcePlace } from './copy-filter.ts';
import { declaredArgs, proxyEnv, splitEnv } from './env-list.ts';
import { expanderFor, expandInstruction } from './expand-instruction.ts';
import { inlineDocument, runDocuments } from './inline-document.ts';
import { shellOf } from './instruction-texts.ts';
import { Journal, once } from './journal.ts';
import type { PlanOptions } from './plan-options.ts';
import { checkChmod, refusalOf, refuseCopyFeatures, refuseRunFeatures } from './refuse-features.ts';
import { NO_REMOTES, remoteSources } from './remote-sources.ts';
import { expandRunMounts, mountedStages, planRunMounts } from './run-mounts.ts';
import { StageConfig } from './stage-config.ts';
import { findSourceBuildkit, progressImageName, type StageGraph } from './stage-graph.ts';
import type { CopySource, Step, StepAction } from './step.ts';
import { joinPath, resolveDestination } from './unix-path.ts';

/** What every stage of a plan shares. */
export interface StageContext {
  readonly words: WordRules;
  readonly syntax: DockerfileSyntax;
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
  /** A text that grows with the stage is made when it is asked for. */
  readonly createdBy: string | undefined | (() => string);
};

const CONFIG: StepAction = Object.freeze({ kind: 'config' });

/** Plans the instructions of one stage for BuildKit (buildkit dockerfile2llb/convert.go dispatch functions). */
export class BuildkitStage {
  readonly steps: Step[] = [];
  /** Stages that COPY takes files from and RUN mounts. */
  readonly sources = new Set<number>();
  author: string;
  readonly #config: StageConfig;
  readonly #context: StageContext;
  readonly #env: Map<string, string>;
  /** How `#env` came to be: each RUN has the variables of its own place. */
  readonly #settings: Journal<readonly [string, string], Map<string, string>>;
  readonly #declared: OptionalKeyValue[];
  #cmdSet = false;

  constructor(context: StageContext, start: StageState) {
    this.#context = context;
    this.author = start.author;
    // Of a chain of thousands of stages each has all variables of those below it: no copy is kept that can be made again.
    const inherited = (): Map<string, string> => {
      const env = new Map(start.env);
      for (const entry of start.config.env ?? []) putLast(env, ...splitEnv(entry));
      return env;
    };
    this.#env = inherited();
    this.#settings = new Journal(inherited, (env, [key, value]) => putLast(env, key, value));
    this.#declared = context.profile.runArgsInherited ? [...start.declared] : [];
    const { workingDir } = start.config;
    const absolute = workingDir === '' ? '' : joinWorkdir('', workingDir);
    this.#config = new StageConfig(absolute === workingDir ? start.config : { ...start.config, workingDir: absolute });
  }

  get config(): ContainerConfig {
    return this.#config.now;
  }

  state(): StageState {
    return { config: this.config, author: this.author, env: this.#env, declared: this.#declared };
  }

  #setEnv(key: string, value: string): void {
    putLast(this.#env, key, value);
    this.#settings.append([key, value]);
  }

  /** Plans one instruction; `trigger` for one that an ONBUILD of the base brought. */
  add(instruction: Exclude<Instruction, FromInstruction>, trigger: boolean): void {
    const { words } = this.#context;
    const { createdBy, ...planned } = this.#plan(
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
      get createdBy() {
        return typeof createdBy === 'function' ? createdBy() : createdBy;
      },
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
        const text = applyCommand(this.#config, kind, args, escaped, keepCmd);
        if (kind === 'CMD') this.#cmdSet = true;
        return row(instruction, text);
      }
      case 'MAINTAINER':
        this.author = instruction.maintainer;
        return row(instruction, `MAINTAINER ${instruction.maintainer}`);
      case 'ONBUILD':
        this.#config.addTrigger(instruction.expression);
        return row(instruction, undefined);
      default: {
        const text = applyConfig(this.#config, instruction, this.#context.profile);
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
    if (args.length === 0 && this.#context.options.checksOnly !== true) {
      throw new LayerlabError('LL_PARSE', 'failed to marshal LLB definition: arguments are required');
    }
    const { options, profile, graph, given, syntax, words: rules } = this.#context;
    const { word } = expanderFor(() => this.#env, rules);
    const mounts = planRunMounts(expandRunMounts(run, word, syntax), {
      graph,
      workingDir: this.config.workingDir || '/',
      cacheNamespace: given.get('BUILDKIT_CACHE_MOUNT_NS') ?? '',
      checksOnly: options.checksOnly === true,
    });
    const masked = mounts.flatMap((mount) => (mount.kind === 'secret' && mount.env ? [mount.env] : []));
    const mounted = new Set(mountedStages(run, graph));
    for (const index of mounted) this.sources.add(index);
    const [settings, declarations] = [this.#settings.length, this.#declared.length];
    const text = (): string => {
      const env = this.#settings.at(settings);
      const declared = declaredArgs(this.#declared.slice(0, declarations), env, profile.runArgsOnce);
      const count = declared.length === 0 ? [] : [`|${declared.length}`];
      return `RUN ${[...count, ...declared, ...args].join(' ')} # buildkit`;
    };
    const env = once(() => [
      ...[...this.#settings.at(settings)].map(([key, value]) => `${key}=${value}`),
      ...proxyEnv(options.buildArgs, profile.proxies),
    ]);
    return {
      layer: true,
      display: this.#display(run.source + summary, true, masked),
      ...(refused === undefined ? {} : { refused }),
      ...(mounted.size === 0 ? {} : { mounted }),
      createdBy: once(text),
      action: {
        kind: 'run',
        args,
        get env() {
          return env();
        },
        user: this.config.user,
        workingDir: cleanPath(this.config.workingDir || '/'),
        network: run.network === 'default' ? options.network : run.network,
        ...(run.security === 'insecure' ? { insecure: true } : {}),
        volumes: [],
        ...(this.config.workingDir.includes('/..') ? { writtenDir: this.config.workingDir } : {}),
        ...(script === undefined ? {} : { script }),
        ...(mounts.length === 0 ? {} : { mounts }),
      },
    };
  }

  #copy(copy: CopyInstruction | AddInstruction): Planned {
    const { keepRefused, checksOnly } = this.#context.options;
    const { profile } = this.#context;
    const refused = refusalOf(keepRefused, () => refuseCopyFeatures(copy, copy.sources, profile));
    if (copy.chmod !== '') checkChmod(copy.chmod, profile);
    const parents = copy.kind === 'COPY' && copy.parents;
    if (checksOnly !== true) for (const word of copy.sources) sourcePlace({ parents, excludes: copy.excludes }, word);
    const remotes = copy.kind === 'ADD' ? remoteSources(copy, profile) : NO_REMOTES;
    const { copyRowFlags } = profile;
    const words = [
      copy.kind,
      ...(parents && copyRowFlags ? ['--parents'] : []),
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
        remotes,
        unpack: copy.kind === 'ADD' ? copy.unpack : undefined,
        documents: checksOnly === true ? [] : copy.inlineFiles.map(({ name, data }) => inlineDocument(name, data)),
        destination: resolveDestination(this.config.workingDir, copy.destination, true),
        destinationText: copy.destination,
        chown: copy.chown || undefined,
        chmod: copy.chmod || undefined,
        excludes: copy.excludes,
        parents,
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
    this.#config.set({ workingDir });
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
  #display(source: string, raw: boolean, masked: readonly string[] = []): string {
    const { words } = this.#context;
    // As BuildKit: the variables of secrets show as stars.
    const env =
      masked.length === 0 ? this.#env : new Map([...this.#env, ...masked.map((key) => [key, '****'] as const)]);
    let name = source;
    try {
      name = expandWord(source, env, { ...words, ...(raw ? { rawQuotes: true, keepUnset: true } : {}) }).text;
    } catch (error) {
      if (!(error instanceof LayerlabError)) throw error;
    }
    const space = name.indexOf(' ');
    return space < 0 ? name.toUpperCase() : name.slice(0, space).toUpperCase() + name.slice(space);
  }
}

/** A variable that is set again moves to the end, as it does in BuildKit's list. */
function putLast(env: Map<string, string>, key: string, value: string): void {
  env.delete(key);
  env.set(key, value);
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
