import type { HealthConfig } from '../formats/container-config.ts';

/** Where an instruction stands: 1-based lines (the last one included), 0-based columns, the end column exclusive. */
export interface SourceRange {
  readonly startLine: number;
  readonly endLine: number;
  readonly startColumn: number;
  readonly endColumn: number;
}

/** A builder flag as written: `--name=value`; `value` is undefined for a bare `--name`. */
export interface InstructionFlag {
  readonly name: string;
  readonly value: string | undefined;
}

/** An inline document. `data` holds the lines as written, line ends included; leading tabs of `<<-` are still there. */
export interface Heredoc {
  readonly name: string;
  readonly fileDescriptor: number;
  /** Whether variables in it are expanded (the delimiter was not quoted); only COPY and ADD do. */
  readonly expand: boolean;
  /** Whether leading tabs are dropped (`<<-`). */
  readonly chomp: boolean;
  readonly data: string;
}

/** An inline document that COPY or ADD writes as a file of that name. */
export interface InlineFile {
  readonly name: string;
  readonly data: string;
  readonly expand: boolean;
}

export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

export interface OptionalKeyValue {
  readonly key: string;
  /** Undefined where the word has no `=`. */
  readonly value: string | undefined;
}

interface InstructionBase {
  /** The keyword as written, e.g. `run`. */
  readonly keyword: string;
  /** The text docker shows in `Step i/N : `: continuation lines joined, outer white space trimmed, no inline documents. */
  readonly source: string;
  readonly range: SourceRange;
  readonly flags: readonly InstructionFlag[];
  readonly heredocs: readonly Heredoc[];
}

export interface FromInstruction extends InstructionBase {
  readonly kind: 'FROM';
  readonly base: string;
  /** The AS name, lower-cased. */
  readonly name: string | undefined;
  readonly platform: string | undefined;
}

export interface RunInstruction extends InstructionBase {
  readonly kind: 'RUN';
  readonly words: readonly string[];
  /** True where the shell is put in front of the words (not the JSON form). */
  readonly shellForm: boolean;
  /** Texts of `--mount`, in order; see parse-run-mount.ts. */
  readonly mounts: readonly string[];
  readonly network: 'default' | 'none' | 'host';
  readonly security: 'sandbox' | 'insecure';
  readonly devices: readonly string[];
}

export interface CopyInstruction extends InstructionBase {
  readonly kind: 'COPY';
  readonly sources: readonly string[];
  readonly inlineFiles: readonly InlineFile[];
  readonly destination: string;
  readonly chown: string;
  readonly chmod: string;
  readonly from: string;
  readonly link: boolean;
  readonly parents: boolean;
  readonly excludes: readonly string[];
}

export interface AddInstruction extends InstructionBase {
  readonly kind: 'ADD';
  readonly sources: readonly string[];
  readonly inlineFiles: readonly InlineFile[];
  readonly destination: string;
  readonly chown: string;
  readonly chmod: string;
  readonly link: boolean;
  readonly excludes: readonly string[];
  readonly keepGitDir: boolean;
  readonly checksum: string;
  readonly unpack: boolean | undefined;
}

export interface CmdInstruction extends InstructionBase {
  readonly kind: 'CMD';
  readonly words: readonly string[];
  readonly shellForm: boolean;
}

export interface EntrypointInstruction extends InstructionBase {
  readonly kind: 'ENTRYPOINT';
  readonly words: readonly string[];
  readonly shellForm: boolean;
}

export interface EnvInstruction extends InstructionBase {
  readonly kind: 'ENV';
  readonly pairs: readonly KeyValue[];
}

export interface LabelInstruction extends InstructionBase {
  readonly kind: 'LABEL';
  readonly pairs: readonly KeyValue[];
  /** True for a label of the command line, which is taken as it is. */
  readonly literal: boolean;
}

export interface ArgInstruction extends InstructionBase {
  readonly kind: 'ARG';
  readonly args: readonly OptionalKeyValue[];
}

export interface ExposeInstruction extends InstructionBase {
  readonly kind: 'EXPOSE';
  /** The words, sorted bytewise as docker's parser does. */
  readonly ports: readonly string[];
}

export interface HealthcheckInstruction extends InstructionBase {
  readonly kind: 'HEALTHCHECK';
  readonly health: HealthConfig;
}

export interface MaintainerInstruction extends InstructionBase {
  readonly kind: 'MAINTAINER';
  readonly maintainer: string;
}

export interface OnbuildInstruction extends InstructionBase {
  readonly kind: 'ONBUILD';
  /** The trigger as it is stored, inline documents included. */
  readonly expression: string;
}

export interface ShellInstruction extends InstructionBase {
  readonly kind: 'SHELL';
  readonly shell: readonly string[];
}

export interface StopsignalInstruction extends InstructionBase {
  readonly kind: 'STOPSIGNAL';
  readonly signal: string;
}

export interface UserInstruction extends InstructionBase {
  readonly kind: 'USER';
  readonly user: string;
}

export interface VolumeInstruction extends InstructionBase {
  readonly kind: 'VOLUME';
  readonly volumes: readonly string[];
}

export interface WorkdirInstruction extends InstructionBase {
  readonly kind: 'WORKDIR';
  readonly path: string;
}

/** One of the 18 instructions, as written: nothing in it is expanded yet. */
export type Instruction =
  | AddInstruction
  | ArgInstruction
  | CmdInstruction
  | CopyInstruction
  | EntrypointInstruction
  | EnvInstruction
  | ExposeInstruction
  | FromInstruction
  | HealthcheckInstruction
  | LabelInstruction
  | MaintainerInstruction
  | OnbuildInstruction
  | RunInstruction
  | ShellInstruction
  | StopsignalInstruction
  | UserInstruction
  | VolumeInstruction
  | WorkdirInstruction;

export type InstructionKind = Instruction['kind'];

/** The keywords, upper case. */
export const instructionKinds = Object.freeze([
  'ADD',
  'ARG',
  'CMD',
  'COPY',
  'ENTRYPOINT',
  'ENV',
  'EXPOSE',
  'FROM',
  'HEALTHCHECK',
  'LABEL',
  'MAINTAINER',
  'ONBUILD',
  'RUN',
  'SHELL',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
] as const satisfies readonly InstructionKind[]);
