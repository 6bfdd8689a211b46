import type { Writable } from 'node:stream';
import type { Engine } from './engine.ts';
import type { Output } from './output.ts';

/** One flag. A `list` may be given several times; every other one once (the last counts). */
export interface OptionSpec {
  readonly type: 'boolean' | 'string' | 'list';
  readonly alias?: string;
  readonly describe: string;
  /** What stands for the value in the help. */
  readonly value?: string;
  readonly choices?: readonly string[];
  /** Only for booleans that are on unless switched off. */
  readonly on?: true;
}

export type OptionTable = Readonly<Record<string, OptionSpec>>;

/** The values of the flags of a table. */
export type OptionValues<T extends OptionTable> = {
  readonly [Name in keyof T]: T[Name]['type'] extends 'boolean'
    ? boolean
    : T[Name]['type'] extends 'list'
      ? readonly string[]
      : string | undefined;
};

/** What a command is given beside its arguments. */
export interface CommandContext {
  readonly engine: Engine;
  readonly stdout: Output;
  readonly stderr: Output;
  /** The stream behind `stdout`, for archives. */
  readonly stdoutStream: () => Writable;
  readonly stdinIsTTY: boolean;
  readonly readStdin: () => Promise<Buffer>;
  /** The same in pieces, for what may be large. */
  readonly stdinChunks?: () => AsyncIterable<Buffer>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly dataRoot: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From now on SIGINT and SIGTERM abort this signal; until then, and for commands that never ask, they end the process. */
  readonly catchSignals: () => AbortSignal;
}

/** A command: arguments in, one engine call, text out. */
export interface Command<T extends OptionTable = OptionTable> {
  readonly name: string;
  /** What stands behind the name in the usage line. */
  readonly usage: string;
  readonly describe: string;
  /** Fewest and most arguments. */
  readonly arguments: readonly [min: number, max: number];
  readonly options: T;
  /**
   * The command changes the data-root, always or with the flag of this name: one that layerlab did not make is refused without
   * --write.
   */
  readonly writes?: true | string;
  /** The exit code of every failure but an interruption, for a command whose exit code 1 is an answer. */
  readonly failsWith?: number;
  readonly examples: readonly (readonly [command: string, what: string])[];
  /** Gives the exit code; throws LayerlabError. */
  run(args: readonly string[], options: OptionValues<T>, context: CommandContext): Promise<number>;
}

/** A command with its flags' types known inside of `run` and forgotten outside. */
export function defineCommand<const T extends OptionTable>(command: Command<T>): Command {
  return {
    ...command,
    run: (args, options, context) => command.run(args, options as OptionValues<T>, context),
  };
}
