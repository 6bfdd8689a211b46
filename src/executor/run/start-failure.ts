import { runs28 } from '../../profiles/run-format.ts';
import type { RunResult, RunSpec } from './run-spec.ts';

/** A command that cannot start, for a reason that lies in the image. */
export class StartFailure extends Error {
  /** Whether the text comes from the runtime, which for BuildKit is output of the step and no reason of its own. */
  readonly fromRuntime: boolean;
  readonly exitCode: number;

  constructor(message: string, fromRuntime: boolean, exitCode: number) {
    super(message);
    this.fromRuntime = fromRuntime;
    this.exitCode = exitCode;
  }
}

const RUNC = 'unable to start container process: error during container init: ';

/**
 * How a builder reports a command that did not start, in the words of the Docker version. What the runtime says is output of the
 * step for BuildKit, whose exit code is then the runtime's own 1; classic has it as the error.
 */
export function startFailureResult(spec: RunSpec, failure: StartFailure): Omit<RunResult, 'opaques'> {
  if (!failure.fromRuntime) return { exitCode: failure.exitCode, startError: failure.message };
  if (spec.builder === 'buildkit') {
    spec.onOutput(2, Buffer.from(`runc run failed: ${RUNC}${failure.message}\n`));
    return { exitCode: 1 };
  }
  // containerd's shim looks at such an error once more and adds what it makes of it.
  const [before, behind] = spec.startFailure ?? runs28.startFailure;
  const shim = failure.message.endsWith(': is a directory') ? ': permission denied' : '';
  return { exitCode: failure.exitCode, startError: `${before}${failure.message}${shim}${behind}` };
}
