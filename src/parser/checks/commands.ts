import type { CmdInstruction, EntrypointInstruction, HealthcheckInstruction, SourceRange } from '../instruction.ts';
import type { Reporter } from './report.ts';

type Command = CmdInstruction | EntrypointInstruction | HealthcheckInstruction;

/** JSONArgsRecommended and MultipleInstructionsDisallowed, over the commands of one stage. */
export class CommandChecks {
  readonly #last = new Map<Command['kind'], SourceRange>();
  readonly #reporter: Reporter;

  constructor(reporter: Reporter) {
    this.#reporter = reporter;
  }

  /** Takes the next command; `hasShell`: a SHELL was named, so shell form is what somebody wanted. */
  check(command: Command, hasShell: boolean): void {
    const { kind, keyword, range } = command;
    const before = this.#last.get(kind);
    if (before !== undefined) {
      const why = 'should not be used in the same stage because only the last one will be used';
      // The earlier one is the one without effect.
      this.#reporter.report('MultipleInstructionsDisallowed', before, `Multiple ${keyword} instructions ${why}`);
    }
    this.#last.set(kind, range);
    if (kind === 'HEALTHCHECK' || !command.shellForm || hasShell) return;
    const why = 'to prevent unintended behavior related to OS signals';
    this.#reporter.report('JSONArgsRecommended', range, `JSON arguments recommended for ${keyword} ${why}`, keyword);
  }
}
