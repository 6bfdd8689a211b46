import type { ConformanceCase } from '../harness/case.ts';
import { file } from '../harness/case.ts';

/** Builds that must not come to an end: the same words, and no image. */
export const failures: readonly ConformanceCase[] = [
  {
    name: 'fail-run',
    dockerfile: 'FROM conf/base\nRUN echo before\nRUN exit 42\n',
    expectFailure: {
      buildkit: 'process "/bin/sh -c exit 42" did not complete successfully: exit code: 42',
      classic: "The command '/bin/sh -c exit 42' returned a non-zero code: 42",
    },
    failsOn2010: {
      buildkit: 'executor failed running [/bin/sh -c exit 42]: exit code: 42',
      classic: "The command '/bin/sh -c exit 42' returned a non-zero code: 42",
    },
  },
  {
    name: 'fail-missing-source',
    dockerfile: 'FROM conf/base\nCOPY missing /x\n',
    context: [file('a')],
    expectFailure: { buildkit: '"/missing": not found', classic: 'stat missing: file does not exist' },
    failsOn2010: { buildkit: '"/missing" not found: not found', classic: 'stat missing: file does not exist' },
  },
  {
    name: 'fail-outside-context',
    builders: ['classic'],
    dockerfile: 'FROM conf/base\nCOPY ../a /x\n',
    context: [file('a')],
    expectFailure: 'forbidden path outside the build context: ../a ()',
  },
  {
    name: 'fail-ignored-source',
    dockerfile: 'FROM conf/base\nCOPY a /x\n',
    context: [file('a'), file('.dockerignore', 'a\n')],
    expectFailure: { buildkit: '"/a": not found', classic: 'excluded by .dockerignore' },
    failsOn2010: { buildkit: '"/a" not found: not found', classic: 'excluded by .dockerignore' },
  },
  {
    name: 'fail-unknown-instruction',
    dockerfile: 'FROM conf/base\nRUNN true\n',
    expectFailure: 'unknown instruction: RUNN',
  },
  { name: 'fail-no-from', dockerfile: 'ENV a=b\n', expectFailure: 'no build stage in current context' },
  { name: 'fail-empty', dockerfile: '# nothing\n', expectFailure: 'file with no instructions' },
  {
    name: 'fail-many-sources-no-slash',
    builders: ['classic'],
    dockerfile: 'FROM conf/base\nCOPY a b /x\n',
    context: [file('a'), file('b')],
    expectFailure:
      'When using COPY with more than one source file, the destination must be a directory and end with a /',
  },
  {
    name: 'fail-target',
    dockerfile: 'FROM conf/base AS one\nENV a=b\n',
    target: 'two',
    expectFailure: 'target stage "two" could not be found',
  },
  {
    name: 'fail-target-number',
    dockerfile: 'FROM conf/base\nENV a=b\n',
    target: '0',
    expectFailure: 'target stage "0" could not be found',
  },
  {
    name: 'fail-stage-in-capitals',
    builders: ['buildkit'],
    dockerfile: 'FROM conf/base AS two\nENV a=b\nFROM Two\nENV c=d\n',
    expectFailure: 'repository name (library/Two) must be lowercase',
  },
  {
    name: 'fail-chown-group-alone',
    builders: ['classic'],
    dockerfile: 'FROM conf/base\nCOPY --chown=:staff a /a\n',
    context: [file('a')],
    expectFailure: "can't find uid for user : no such user:",
  },
  {
    name: 'fail-chown-name',
    builders: ['classic'],
    dockerfile: 'FROM conf/base\nCOPY --chown=nobody-here a /a\n',
    context: [file('a')],
    expectFailure: 'nobody-here',
  },
  {
    name: 'fail-user',
    dockerfile: 'FROM conf/base\nUSER nobody-here\nRUN true\n',
    expectFailure: {
      buildkit: 'unable to find user nobody-here',
      classic: 'unable to find user nobody-here: no matching entries in passwd file',
    },
  },
  {
    name: 'fail-json',
    dockerfile: 'FROM conf/base\nCMD [1]\n',
    expectFailure: 'arrays must be comprised of strings only',
  },
  {
    name: 'fail-flag',
    dockerfile: 'FROM conf/base\nCOPY --colour=red a /a\n',
    context: [file('a')],
    expectFailure: 'unknown flag: ',
  },
  { name: 'fail-expansion', dockerfile: `FROM conf/base\nENV A=\${B:?wanted}\n`, expectFailure: 'wanted' },
  {
    name: 'fail-onbuild-chain',
    dockerfile: 'FROM conf/base\nONBUILD ONBUILD ENV a=b\n',
    expectFailure: "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed",
  },
  { name: 'fail-command-not-found', dockerfile: 'FROM conf/base\nRUN no-such-command\n', expectFailure: '127' },
  {
    name: 'fail-scratch-alone',
    builders: ['classic'],
    dockerfile: 'FROM scratch\n',
    expectFailure: 'No image was generated. Is your Dockerfile empty?',
  },
  {
    name: 'fail-chmod-classic',
    builders: ['classic'],
    dockerfile: 'FROM conf/base\nCOPY --chmod=644 a /a\n',
    context: [file('a')],
    expectFailure: 'the --chmod option requires BuildKit',
  },
  {
    name: 'fail-dir-onto-file',
    dockerfile: 'FROM conf/base\nCOPY d /etc/motd\n',
    context: [file('d/a')],
    expectFailure: '/etc/motd',
  },
];
