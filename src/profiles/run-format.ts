/** How a Docker version runs commands. */
export interface RunFormat {
  /** What BuildKit takes away of the stubs it mounted files on: folders too, restoring times, or the files alone. */
  readonly stubCleaning: 'recursive' | 'files';
  /** Whether a step is another one where a cache mount is shared in another way (`sharing=`). */
  readonly sharingKeyed: boolean;
  /** Whether the user's own group is one of the supplementary groups too. */
  readonly ownGroup: boolean;
  /** How BuildKit says that a command failed: `{}` is its words (`quoted`: as a Go string); the reason follows. */
  readonly failure: string;
  readonly failureQuoted: boolean;
  /** How BuildKit says that a secret was not given, and that what is to be mounted is not there; `{}` is its id, its path in quotes. */
  readonly missingSecret: string;
  readonly missingMount: string;
  /** How BuildKit says that a mount which is looked for late is not there: `{}` is its path. */
  readonly lateMount: string;
  /** What classic puts before and behind the runtime's reason for not starting a command. */
  readonly startFailure: readonly [before: string, behind: string];
}

const CREATE_FAILED = 'failed to create shim task: OCI runtime create failed: runc create failed: ';
const START_FAILED = 'unable to start container process: ';

export const runs28: RunFormat = Object.freeze({
  stubCleaning: 'recursive',
  sharingKeyed: false,
  ownGroup: true,
  failure: 'process {} did not complete successfully',
  failureQuoted: true,
  missingSecret: 'secret {}: not found',
  missingMount: 'failed to compute cache key: {}: not found',
  lateMount: 'open {}: no such file or directory',
  startFailure: Object.freeze([
    `failed to create task for container: ${CREATE_FAILED}${START_FAILED}error during container init: `,
    '',
  ] as const),
});

export const runs2010: RunFormat = Object.freeze({
  stubCleaning: 'files',
  sharingKeyed: true,
  ownGroup: false,
  failure: 'executor failed running [{}]',
  failureQuoted: false,
  missingSecret: 'secret {} not found: not found',
  missingMount: 'failed to compute cache key: {} not found: not found',
  lateMount: 'exit code: 1',
  startFailure: Object.freeze([`${CREATE_FAILED}${START_FAILED}`, ': unknown'] as const),
});
