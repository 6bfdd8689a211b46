import { describe, expect, it } from '@jest/globals';
import type { CheckInput } from '../../../src/parser/checks/check-input.ts';
import { checkRules } from '../../../src/parser/checks/rules.ts';
import { check, found, plainBase } from './check.ts';

interface Row {
  readonly rule: string;
  readonly bad: string;
  /** Line and message. */
  readonly findings: readonly string[];
  readonly good: string;
  readonly input?: Partial<CheckInput>;
}

const ALL = '# check=experimental=all\n';
const ignored = { ignores: (path: string) => path === 'secret.txt' || path.startsWith('tmp/') };
const armBase = { base: () => ({ ...plainBase, platform: { os: 'linux', architecture: 'arm64' } }) };
const once = 'should not be used in the same stage because only the last one will be used';
const signals = 'to prevent unintended behavior related to OS signals';

/** Written from the texts of the rules, and asked of a daemon 28.5. */
const rows: readonly Row[] = [
  {
    rule: 'StageNameCasing',
    bad: 'FROM alpine AS BuilderBase',
    findings: ["1 Stage name 'BuilderBase' should be lowercase"],
    good: 'FROM alpine AS builder-base',
  },
  {
    rule: 'FromAsCasing',
    bad: 'FROM debian as builder\nfrom debian AS other',
    findings: ["1 'as' and 'FROM' keywords' casing do not match", "2 'AS' and 'from' keywords' casing do not match"],
    good: 'FROM debian AS deb-builder\nfrom debian as two\nFrom debian as three',
  },
  {
    rule: 'NoEmptyContinuation',
    bad: 'FROM alpine\nEXPOSE \\\n\n80',
    findings: ['4 Empty continuation line'],
    good: 'FROM alpine\nEXPOSE \\\n# a comment\n80\n\nUSER a',
  },
  {
    rule: 'ConsistentInstructionCasing',
    bad: 'From alpine\nRUN a\nRUN b\nrun c',
    findings: [
      "1 Command 'From' should match the case of the command majority (uppercase)",
      "4 Command 'run' should match the case of the command majority (uppercase)",
    ],
    good: 'from alpine\nrun echo hello\nentrypoint ["/bin/true"]',
  },
  {
    rule: 'ConsistentInstructionCasing',
    bad: 'from alpine\nrun a\nUSER b',
    findings: ["3 Command 'USER' should match the case of the command majority (lowercase)"],
    good: 'FROM alpine\nRUN a',
  },
  {
    rule: 'DuplicateStageName',
    bad: 'FROM debian AS builder\nFROM golang AS builder',
    findings: ['2 Duplicate stage name "builder", stage names should be unique'],
    good: 'FROM debian AS one\nFROM golang AS two\nFROM golang',
  },
  {
    rule: 'ReservedStageName',
    bad: 'FROM alpine AS scratch\nFROM alpine AS context',
    findings: [
      '1 Stage name should not use the same name as reserved stage "scratch"',
      '2 Stage name should not use the same name as reserved stage "context"',
    ],
    good: 'FROM alpine AS builder',
  },
  {
    rule: 'JSONArgsRecommended',
    bad: 'FROM alpine\nENTRYPOINT my-program start',
    findings: [`2 JSON arguments recommended for ENTRYPOINT ${signals}`],
    good: 'FROM alpine\nSHELL ["/bin/bash", "-c"]\nENTRYPOINT echo\nFROM alpine\nCMD ["a"]\nHEALTHCHECK CMD a\nRUN a',
  },
  {
    rule: 'MaintainerDeprecated',
    bad: 'FROM busybox\nMAINTAINER moby@example.com',
    findings: ['2 Maintainer instruction is deprecated in favor of using label'],
    good: 'FROM busybox\nLABEL org.opencontainers.image.authors="moby@example.com"',
  },
  {
    rule: 'UndefinedArgInFrom',
    bad: `ARG VERSION=1\nFROM node:22\${VARIANT} AS jsbuilder\nFROM node:$VERSIO`,
    findings: [
      "2 FROM argument 'VARIANT' is not declared",
      "3 FROM argument 'VERSIO' is not declared (did you mean VERSION?)",
    ],
    good: `ARG VARIANT\nFROM node:22\${VARIANT}x AS jsbuilder\nFROM --platform=$BUILDPLATFORM node`,
  },
  {
    rule: 'WorkdirRelativePath',
    bad: 'FROM nginx AS web\nWORKDIR usr/share\nWORKDIR nginx',
    findings: ['2 Relative workdir "usr/share" can have unexpected results if the base image changes'],
    good: 'FROM nginx AS web\nWORKDIR /usr/share\nWORKDIR nginx\nFROM web\nWORKDIR html',
  },
  {
    rule: 'UndefinedVar',
    bad: 'FROM alpine AS base\nCOPY $foo .\nENV PAT=$PAHT:/app/bin\nRUN echo $anything',
    findings: ["2 Usage of undefined variable '$foo'", "3 Usage of undefined variable '$PAHT' (did you mean $PATH?)"],
    good: "ARG g\nFROM alpine AS base\nARG foo\nCOPY $foo $FROM_BASE .\nENV a=1\nFROM base\nUSER $a$foo\nENV b='$c'",
  },
  {
    rule: 'UndefinedVar',
    bad: 'FROM a\nRUN --mount=target=/x$U true\nCOPY <<E /a\n$v\nE\nARG x=$w\nEXPOSE $not',
    findings: [
      "2 Usage of undefined variable '$U'",
      "3 Usage of undefined variable '$v'",
      "6 Usage of undefined variable '$w'",
    ],
    good: 'FROM a\nCOPY <<"E" /a\n$v\nE\nCMD echo $x\nONBUILD ENV y=$x',
  },
  {
    rule: 'MultipleInstructionsDisallowed',
    bad: 'FROM alpine\nENTRYPOINT ["a"]\nENTRYPOINT ["b"]\nHEALTHCHECK NONE\nHEALTHCHECK CMD x',
    findings: [`2 Multiple ENTRYPOINT instructions ${once}`, `4 Multiple HEALTHCHECK instructions ${once}`],
    good: 'FROM alpine AS a\nCMD ["a"]\nFROM a\nCMD ["b"]\nENTRYPOINT ["a"]',
  },
  {
    rule: 'LegacyKeyValueFormat',
    bad: 'FROM alpine\nENV DIR /tmp/a=b\nLABEL a b',
    findings: [
      '2 "ENV key=value" should be used instead of legacy "ENV key value" format',
      '3 "LABEL key=value" should be used instead of legacy "LABEL key value" format',
    ],
    good: 'FROM alpine\nENV DIR=/tmp E="f g"\nLABEL a="b c"',
  },
  {
    rule: 'InvalidBaseImagePlatform',
    bad: 'FROM alpine:3',
    findings: [
      '1 Base image alpine:3 was pulled with platform "linux/arm64", expected "linux/amd64" for current build',
    ],
    good: 'FROM --platform=linux/arm64 alpine:3\nFROM scratch',
    input: armBase,
  },
  {
    rule: 'RedundantTargetPlatform',
    bad: 'FROM --platform=$TARGETPLATFORM alpine AS builder',
    findings: ['1 Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior'],
    good: 'FROM alpine AS builder\nFROM --platform=$BUILDPLATFORM alpine',
  },
  {
    rule: 'SecretsUsedInArgOrEnv',
    bad: 'FROM scratch\nARG AWS_SECRET_ACCESS_KEY\nENV passwd=1 A_token_b=2 keys=3',
    findings: [
      '2 Do not use ARG or ENV instructions for sensitive data (ARG "AWS_SECRET_ACCESS_KEY")',
      '3 Do not use ARG or ENV instructions for sensitive data (ENV "passwd")',
      '3 Do not use ARG or ENV instructions for sensitive data (ENV "A_token_b")',
    ],
    good: 'FROM scratch\nARG PUBLIC_KEY MONKEY tokenizer\nENV authority=1',
  },
  {
    rule: 'InvalidDefaultArgInFrom',
    bad: `ARG TAG\nFROM busybox:\${TAG}`,
    findings: [`2 Default value for ARG busybox:\${TAG} results in empty or invalid base image name`],
    good: `ARG TAG=latest\nFROM busybox:\${TAG}\nFROM busybox:\${OTHER:-1}`,
    input: { buildArgs: new Map([['TAG', '1']]) },
  },
  {
    rule: 'FromPlatformFlagConstDisallowed',
    bad: 'FROM --platform=linux/amd64 alpine AS base',
    findings: ['1 FROM --platform flag should not use constant value "linux/amd64"'],
    good: 'FROM --platform=linux/amd64 alpine AS build_amd64\nFROM --platform=linux/arm64 alpine AS linux-x\nFROM a',
  },
  {
    rule: 'CopyIgnoredFile',
    bad: `${ALL}FROM scratch\nCOPY ./secret.txt /\nADD a tmp/x /y/`,
    findings: [
      '3 Attempting to Copy file "secret.txt" that is excluded by .dockerignore',
      '4 Attempting to Add file "tmp/x" that is excluded by .dockerignore',
    ],
    good: `${ALL}FROM scratch AS a\nCOPY other.txt . /\nFROM a\nCOPY --from=a secret.txt /`,
    input: ignored,
  },
  {
    rule: 'InvalidDefinitionDescription',
    bad: `${ALL}# a base image\nFROM scratch AS base\n# the version\nARG VERSION=1\n# some\nARG A B`,
    findings: [
      '3 Comment for FROM should follow the format: `# base <description>`',
      '5 Comment for ARG should follow the format: `# VERSION <description>`',
      '7 Comment for ARG should follow the format: `# <arg_key> <description>`',
    ],
    good: `${ALL}# base the image\nFROM scratch AS base\n# B of two\nARG A B\n# apart\n#\nARG C\n# any\nUSER a`,
  },
  {
    rule: 'ExposeProtoCasing',
    bad: 'FROM alpine\nEXPOSE 80/TcP',
    findings: ["2 Defined protocol '80/TcP' in EXPOSE instruction should be lowercase"],
    good: 'FROM alpine\nEXPOSE 80/tcp 81',
  },
  {
    rule: 'ExposeInvalidFormat',
    bad: 'FROM alpine\nEXPOSE 127.0.0.1:80:80\nEXPOSE 81:80',
    findings: [
      "2 EXPOSE instruction should not define an IP address or host-port mapping, found '127.0.0.1:80:80'",
      "3 EXPOSE instruction should not define an IP address or host-port mapping, found '81:80'",
    ],
    good: 'FROM alpine\nEXPOSE 80 81-90/udp',
  },
];

describe('every rule', () => {
  it('has rows', () => {
    expect(new Set(rows.map(({ rule }) => rule))).toEqual(new Set(checkRules.map(({ name }) => name)));
    expect(checkRules).toHaveLength(22);
  });

  it.each(rows)('$rule finds what it is for', ({ rule, bad, findings, input }) => {
    const own = check(bad, input).findings.filter((finding) => finding.rule === rule);
    expect(own.map(({ range, message }) => `${range.startLine} ${message}`)).toEqual(findings);
  });

  it.each(rows)('$rule leaves the rest alone', ({ rule, good, input }) => {
    const { findings, error } = check(good, input);
    expect(findings.filter((finding) => finding.rule === rule)).toEqual([]);
    expect(error).toBeUndefined();
  });

  it.each(rows)('$rule can be skipped by a directive and by the build argument', ({ rule, bad, input }) => {
    const rest = (text: string, more: Partial<CheckInput> = {}) =>
      found(text, { ...input, ...more }).filter((finding) => finding.includes(` ${rule}: `));
    const bare = bad.startsWith(ALL) ? bad.slice(ALL.length) : bad;
    expect(rest(`# check=skip=Other,${rule}\n${bare}`)).toEqual([]);
    const buildArgs = new Map([['BUILDKIT_DOCKERFILE_CHECK', `skip=${rule}`]]);
    expect(rest(bare, { buildArgs: new Map([...(input?.buildArgs ?? []), ...buildArgs]) })).toEqual([]);
  });

  it('has the page that docker has for it', () => {
    const url = (name: string) => checkRules.find((rule) => rule.name === name)?.url;
    expect(url('JSONArgsRecommended')).toBe('https://docs.docker.com/go/dockerfile/rule/json-args-recommended/');
    expect(url('SecretsUsedInArgOrEnv')).toBe('https://docs.docker.com/go/dockerfile/rule/secrets-used-in-arg-or-env/');
    expect(url('InvalidBaseImagePlatform')).toBe('');
  });
});
