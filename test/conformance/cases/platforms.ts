import type { ConformanceCase } from '../harness/case.ts';
import { file } from '../harness/case.ts';

const ASKED = 'TARGETPLATFORM TARGETOS TARGETARCH TARGETVARIANT BUILDPLATFORM BUILDOS BUILDARCH BUILDVARIANT';
const SHOWN = ASKED.split(' ')
  .map((name) => `$${name}`)
  .join(',');

/** `--platform` of the build and of FROM, on a host of linux/amd64. The bases are for that. */
export const platforms: readonly ConformanceCase[] = [
  {
    name: 'platform-of-scratch',
    dockerfile: 'FROM scratch\nCOPY x /x\n',
    context: [file('x')],
    platform: 'linux/arm64',
  },
  { name: 'platform-arm', dockerfile: 'FROM scratch\nCOPY x /x\n', context: [file('x')], platform: 'linux/arm' },
  {
    name: 'platform-arm64-v8',
    dockerfile: 'FROM scratch\nCOPY x /x\n',
    context: [file('x')],
    platform: 'linux/arm64/v8',
  },
  { name: 'platform-alone', dockerfile: 'FROM scratch\nCOPY x /x\n', context: [file('x')], platform: 'arm64' },
  { name: 'platform-os-alone', dockerfile: 'FROM scratch\nCOPY x /x\n', context: [file('x')], platform: 'linux' },
  {
    name: 'platform-other-name',
    dockerfile: 'FROM scratch\nCOPY x /x\n',
    context: [file('x')],
    platform: 'linux/aarch64',
  },
  {
    name: 'platform-above',
    dockerfile: 'FROM conf/base\nCOPY x /x\n',
    context: [file('x')],
    platform: 'linux/amd64/v3',
  },
  {
    name: 'platform-of-from-scratch',
    dockerfile: 'FROM --platform=linux/arm64 scratch\nCOPY x /x\n',
    context: [file('x')],
  },
  {
    name: 'platform-of-from-above',
    dockerfile: 'FROM --platform=linux/amd64/v2 conf/base\nRUN echo hi > /x\n',
  },
  {
    name: 'platform-built-across',
    builders: ['buildkit'],
    dockerfile: `FROM --platform=$BUILDPLATFORM conf/base AS build
ARG ${ASKED}
RUN echo "${SHOWN}" > /out
FROM scratch
COPY --from=build /out /out
ARG TARGETARCH
ENV FOR=$TARGETARCH
`,
    platform: 'linux/arm/v6',
  },
  {
    name: 'platform-kept-on-own-base',
    builders: ['buildkit'],
    dockerfile: 'FROM --platform=linux/amd64 conf/base\nCOPY x /x\n',
    context: [file('x')],
    platform: 'linux/arm64',
  },
  {
    name: 'platform-arguments',
    builders: ['buildkit'],
    dockerfile: `FROM conf/base\nARG ${ASKED}\nENV ALL="${SHOWN}"\n`,
  },
  {
    name: 'platform-arguments-own',
    dockerfile: 'FROM conf/base\nARG TARGETARCH=mine\nARG BUILDPLATFORM\nENV A="$TARGETARCH [$BUILDPLATFORM]"\n',
    buildArgs: { BUILDPLATFORM: 'given' },
  },
  {
    name: 'platform-of-stage-on-stage',
    builders: ['buildkit'],
    dockerfile: 'FROM conf/base AS a\nENV A=1\nFROM --platform=linux/arm64 a\nCOPY x /x\n',
    context: [file('x')],
  },
  {
    name: 'platform-of-no-use-to-classic',
    builders: ['classic'],
    dockerfile: 'FROM --platform=linux/arm64 conf/base\nRUN echo hi > /x\n',
    platform: 'linux/s390x',
  },
  {
    name: 'platform-of-a-container',
    builders: ['classic'],
    dockerfile: 'FROM scratch\nENV A=platform\n',
    platform: 'linux/arm64',
  },
  {
    name: 'platform-of-copied-files',
    builders: ['classic'],
    dockerfile: 'FROM scratch\nCOPY x /x\nWORKDIR /y\nCOPY x /z\nENV A=1\n',
    context: [file('x')],
    platform: 'linux/arm/v6',
  },
  {
    name: 'fail-platform-of-stage',
    builders: ['classic'],
    dockerfile: 'FROM conf/base AS a\nENV A=1\nFROM --platform=linux/arm64 a\nENV B=1\n',
    expectFailure: 'was found but its platform (linux/amd64) does not match the specified platform (linux/arm64)',
  },
  {
    name: 'fail-platform-of-copied-stage',
    builders: ['classic'],
    dockerfile: 'FROM conf/base AS a\nENV A=1\nFROM scratch\nCOPY --from=a /etc/passwd /x\n',
    platform: 'linux/arm64',
    expectFailure: 'invalid from flag value a: image with reference sha256:',
  },
  {
    name: 'fail-platform-of-destination',
    builders: ['classic'],
    dockerfile: 'FROM scratch\nENV A=1\nCOPY x /x\n',
    context: [file('x')],
    platform: 'linux/arm64',
    expectFailure: 'failed to get destination image "sha256:',
  },
  {
    name: 'fail-platform-base',
    builders: ['buildkit'],
    dockerfile: 'FROM conf/base\nCOPY x /x\n',
    context: [file('x')],
    platform: 'linux/arm64',
    expectFailure: 'conf/base',
  },
  {
    name: 'fail-platform-source',
    builders: ['buildkit'],
    dockerfile: 'FROM scratch\nCOPY --from=conf/base /etc/passwd /x\n',
    platform: 'linux/arm64',
    expectFailure: 'conf/base',
  },
  {
    name: 'fail-platform-word',
    dockerfile: 'FROM --platform=bogus conf/base\nENV A=1\n',
    expectFailure:
      'failed to parse platform bogus: "bogus": unknown operating system or architecture: invalid argument',
  },
  {
    name: 'fail-platform-flag',
    dockerfile: 'FROM scratch\nENV A=1\n',
    platform: 'linux/x@y',
    expectFailure:
      '"x@y" is an invalid component of "linux/x@y": platform specifier component must match "^[A-Za-z0-9_.-]+$": invalid argument',
  },
  {
    name: 'fail-platform-parts',
    dockerfile: 'FROM scratch\nENV A=1\n',
    platform: 'a/b/c/d',
    expectFailure: '"a/b/c/d": cannot parse platform specifier: invalid argument',
  },
  {
    name: 'fail-platform-windows',
    builders: ['buildkit'],
    dockerfile: 'FROM scratch\nCOPY x /x\n',
    context: [file('x')],
    platform: 'windows/amd64',
    expectFailure: 'operating system is not supported',
  },
];
