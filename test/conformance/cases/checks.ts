import type { ContextEntry } from '../harness/case.ts';
import { file } from '../harness/case.ts';

/** A Dockerfile that makes a rule speak, and one like it that does not. */
export interface CheckCase {
  readonly rule: string;
  readonly bad: string;
  readonly good: string;
  readonly context?: readonly ContextEntry[];
  readonly buildArgs?: Readonly<Record<string, string>>;
}

const BASE = 'FROM conf/base';
const EXPERIMENTAL = '# check=experimental=all\n';

/**
 * Every rule of docker's but two. An image for another platform (InvalidBaseImagePlatform) cannot come from anywhere here;
 * and dockerd knows no .dockerignore of a context that came as a tar, so it never tells of CopyIgnoredFile.
 */
export const checkCases: readonly CheckCase[] = [
  {
    rule: 'StageNameCasing',
    bad: `${BASE} AS Builder\n${BASE} AS tWo\nENV A=1\n`,
    good: `${BASE} AS builder-1\nENV A=1\n`,
  },
  {
    rule: 'FromAsCasing',
    bad: `${BASE} as one\nfrom conf/base AS two\nENV A=1\n`,
    good: `${BASE} AS one\nfrom conf/base as two\nFrom conf/base as three\nENV A=1\n`,
  },
  {
    rule: 'NoEmptyContinuation',
    bad: `${BASE}\nENV A=1 \\\n\n  B=2\nEXPOSE \\\n\n\n80\n`,
    good: `${BASE}\nENV A=1 \\\n  # a comment\n  B=2\n\nUSER 0\n`,
  },
  {
    rule: 'ConsistentInstructionCasing',
    bad: `${BASE}\nENV A=1\nenv B=2\nEnv C=3\nLABEL d=4\n`,
    good: 'from conf/base\nenv A=1\nlabel b=2\n',
  },
  {
    rule: 'DuplicateStageName',
    bad: `${BASE} AS a\nENV A=1\n${BASE} AS b\n${BASE} AS A\nENV B=2\n`,
    good: `${BASE} AS a\n${BASE} AS b\n${BASE}\nENV A=1\n`,
  },
  {
    rule: 'ReservedStageName',
    bad: `${BASE} AS scratch\n${BASE} AS context\nENV A=1\n`,
    good: `${BASE} AS scratchy\nENV A=1\n`,
  },
  {
    rule: 'JSONArgsRecommended',
    bad: `${BASE}\nCMD echo $HOME\nENTRYPOINT \\\n  exec top\n`,
    good: `${BASE}\nSHELL ["/bin/sh", "-ec"]\nCMD echo a\nFROM conf/base\nENTRYPOINT ["top"]\nHEALTHCHECK CMD true\n`,
  },
  {
    rule: 'MaintainerDeprecated',
    bad: `${BASE}\nMAINTAINER A Name <a@example.org>\n`,
    good: `${BASE}\nLABEL org.opencontainers.image.authors="A Name"\n`,
  },
  {
    rule: 'UndefinedArgInFrom',
    bad: `ARG VERSION=latest\nFROM conf/base:latest$VERSIO AS one\nFROM conf/base\${UNKNOWN}\nENV A=1\n`,
    good: `ARG VERSION=latest\nFROM conf/base:\${VERSION}\nENV A=1\n`,
  },
  {
    rule: 'WorkdirRelativePath',
    bad: `${BASE} AS a\nWORKDIR app/src\nWORKDIR deeper\n${BASE}\nWORKDIR ./x\nCOPY --from=a /opt /y\n`,
    good: `${BASE} AS a\nWORKDIR /app\nWORKDIR src\nFROM a\nWORKDIR deeper\n`,
  },
  {
    rule: 'UndefinedVar',
    bad: `${BASE}\nENV A=$NOPE B=\${PAHT}\nLABEL \\\n  x="$A $C"\nUSER \${WHO:-root}\nWORKDIR /a$D\n`,
    good: `ARG G=1\n${BASE}\nARG G\nENV A=$G:$PATH B='$NOPE' C=\\$NOPE\nCOPY a /srv/$A\nCMD ["$X"]\nRUN echo $Y\n`,
    context: [file('a')],
  },
  {
    rule: 'MultipleInstructionsDisallowed',
    bad: `${BASE}\nCMD ["a"]\nENTRYPOINT ["a"]\nCMD ["b"]\nHEALTHCHECK NONE\nHEALTHCHECK CMD true\nCMD ["c"]\nENTRYPOINT ["d"]\n`,
    good: `${BASE} AS a\nCMD ["a"]\nFROM a\nCMD ["b"]\nENTRYPOINT ["c"]\nHEALTHCHECK NONE\n`,
  },
  {
    rule: 'LegacyKeyValueFormat',
    bad: `${BASE}\nENV A one two\nLABEL b three\nENV C \\\n  four\n`,
    good: `${BASE}\nENV A="one two"\nLABEL b=three c='four five'\n`,
  },
  {
    rule: 'RedundantTargetPlatform',
    bad: `FROM --platform=$TARGETPLATFORM conf/base AS a\nFROM --platform=\${TARGETPLATFORM} a\nENV A=1\n`,
    good: 'FROM --platform=$BUILDPLATFORM conf/base\nENV A=1\n',
  },
  {
    rule: 'SecretsUsedInArgOrEnv',
    bad: `${BASE}\nARG AWS_SECRET_ACCESS_KEY\nARG A TOKEN=x\nENV apikey=1 API_KEY=2 B=3 db-password=4\nENV GIT_AUTH x\nARG credential_file\n`,
    good: `${BASE}\nARG PUBLIC_KEY MONKEY\nENV AUTHOR=me PASSAGE=1 TOKENS=2 KEYS=3\n`,
  },
  {
    rule: 'InvalidDefaultArgInFrom',
    bad: `ARG TAG\nARG IMAGE\nFROM conf/base:\${TAG}\nENV A=1\n`,
    good: `ARG TAG=latest\nARG MORE\nFROM conf/base\${MORE}:\${TAG:-x}\nENV A=1\n`,
    buildArgs: { TAG: 'latest' },
  },
  {
    rule: 'FromPlatformFlagConstDisallowed',
    bad: 'FROM --platform=linux/amd64 conf/base AS base\nENV A=1\n',
    good: 'FROM --platform=linux/amd64 conf/base AS base_amd64\nENV A=1\nFROM conf/base\nENV B=2\n',
  },
  {
    rule: 'InvalidDefinitionDescription',
    bad: `${EXPERIMENTAL}# the version\nARG VERSION=1\n# a base\nFROM conf/base AS base\n# both\nARG A B\nENV X=1\n`,
    good: `${EXPERIMENTAL}# VERSION is what it is\nARG VERSION=1\n# base for all\nFROM conf/base AS base\n\n# C comes last\n\nARG C\n# apart\n#\nARG D\nENV X=1\n`,
  },
  {
    rule: 'ExposeProtoCasing',
    bad: `${BASE}\nEXPOSE 80/TCP 81/Udp 82/tcp\nEXPOSE 83-84/SCTP\n`,
    good: `${BASE}\nEXPOSE 80 81/tcp 82/udp\n`,
  },
  {
    rule: 'ExposeInvalidFormat',
    bad: `${BASE}\nEXPOSE 127.0.0.1:80:80 90\nEXPOSE 81:82/udp\n`,
    good: `${BASE}\nEXPOSE 80 81-82/tcp\n`,
  },
];
