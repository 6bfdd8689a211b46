import type { ConformanceCase } from '../harness/case.ts';
import { dir, file, symlink } from '../harness/case.ts';

/** How stages refer to each other and to images, and what becomes of stages that work at the same time. */
export const multiStage: readonly ConformanceCase[] = [
  {
    name: 'stages-side-by-side',
    dockerfile: `FROM conf/base AS a
RUN sleep 0.2; echo a > /out
FROM conf/base AS b
RUN echo b > /out
FROM conf/base AS c
COPY c /out
FROM conf/base
COPY --from=a /out /a
COPY --from=b /out /b
COPY --from=c /out /c
`,
    context: [file('c')],
  },
  {
    name: 'stages-alike',
    dockerfile: `FROM conf/base AS a
COPY x /x
RUN echo same > /same
FROM conf/base AS b
COPY x /x
RUN echo same > /same
FROM conf/base
COPY --from=a /same /a
COPY --from=b /same /b
`,
    context: [file('x')],
  },
  {
    name: 'stage-diamond',
    dockerfile: `FROM conf/base AS root
RUN echo root > /root-file
FROM root AS left
RUN echo left > /left
FROM root AS right
WORKDIR /right
COPY x y
FROM left
COPY --from=right /right /right
COPY --from=root /root-file /again
`,
    context: [file('x')],
  },
  {
    name: 'stage-chain-of-config',
    dockerfile: `FROM conf/base AS a
ENV A=1
FROM a AS b
ENV B=$A
FROM b AS c
LABEL c=$B
FROM c
CMD ["x"]
COPY x /x
`,
    context: [file('x')],
  },
  {
    name: 'stage-without-steps',
    dockerfile: 'FROM conf/base AS a\nFROM a AS b\nFROM b\nCOPY --from=a /etc/passwd /stage-without-steps\n',
  },
  {
    name: 'stage-named-as-image',
    dockerfile: 'FROM conf/bare AS conf\nENV A=1\nFROM conf\nENV B=$A\nCOPY --from=conf /bin/sh /sh2\n',
  },
  {
    name: 'stage-name-used-twice',
    builders: ['buildkit'],
    dockerfile:
      'FROM conf/base AS s\nRUN echo 1 > /n\nFROM conf/base AS s\nRUN echo 2 > /n\nFROM conf/base\nCOPY --from=s /n /last\nCOPY --from=0 /n /first\n',
  },
  {
    name: 'stage-name-with-signs',
    dockerfile:
      'FROM conf/base AS a-b_c.d1\nENV A=1\nFROM conf/base\nCOPY --from=a-b_c.d1 /etc/passwd /name-with-signs\n',
  },
  {
    name: 'stage-by-argument',
    dockerfile: `ARG VARIANT=plain
FROM conf/base AS stage-plain
ENV KIND=plain
FROM conf/base AS stage-fancy
ENV KIND=fancy
FROM stage-\${VARIANT}
COPY x /x
`,
    buildArgs: { VARIANT: 'fancy' },
    context: [file('x')],
  },
  {
    name: 'stage-arguments-stay-inside',
    dockerfile: `ARG G=global
FROM conf/base AS a
ARG G
ARG L=local
RUN echo "$G $L" > /out
FROM conf/base AS b
RUN echo "[$G] [$L]" > /out
FROM a
RUN echo "$G $L" > /inherited
COPY --from=b /out /b
`,
  },
  {
    name: 'from-index-of-named-stage',
    dockerfile:
      'FROM conf/base AS first\nRUN echo 1 > /one\nFROM conf/base AS second\nCOPY --from=0 /one /two\nFROM scratch\nCOPY --from=1 /two /three\nCOPY --from=00 /one /four\n',
  },
  {
    name: 'from-stage-trees',
    dockerfile: `FROM conf/base AS s
COPY tree /t
RUN ln -s ../t/a /t/sub/up && chmod 2750 /t/sub && rm /t/gone && ln /t/a /t/sub/hard
FROM conf/base
COPY --from=s /t /copy
COPY --from=s /t/sub/ /sub/
`,
    context: [file('tree/a'), dir('tree/sub', { mode: 0o700 }), file('tree/gone'), symlink('tree/l', 'a')],
  },
  {
    name: 'from-image-and-base-alike',
    dockerfile:
      'FROM conf/base\nCOPY --from=conf/base /etc/passwd /alike\nCOPY --from=conf/base:latest /etc/group /alike-too\n',
  },
  {
    name: 'from-image-in-full',
    builders: ['buildkit'],
    dockerfile: 'FROM docker.io/conf/base:latest\nCOPY --from=docker.io/conf/bare /bin/sh /sh2\n',
  },
  {
    name: 'target-first',
    dockerfile: 'FROM conf/base AS one\nENV A=1\nCOPY x /x\nFROM one AS two\nRUN exit 3\n',
    context: [file('x')],
    target: 'one',
  },
  {
    name: 'target-in-capitals',
    dockerfile: 'FROM conf/base AS One\nENV A=1\nFROM conf/base AS two\nENV A=2\n',
    target: 'ONE',
  },
  {
    name: 'target-with-side-stage',
    dockerfile:
      'FROM conf/base AS tools\nRUN echo side > /side\nFROM conf/base AS app\nCOPY --from=tools /side /side-stage\nFROM conf/base AS later\nRUN exit 9\n',
    target: 'app',
  },
  {
    name: 'target-stage-argument',
    builders: ['buildkit'],
    dockerfile: 'FROM conf/base AS app\nARG TARGETSTAGE\nENV STAGE=$TARGETSTAGE\nFROM conf/base AS other\nENV A=b\n',
    target: 'app',
  },
  {
    name: 'onbuild-in-stage',
    dockerfile: 'FROM conf/onbuild AS a\nFROM conf/base\nCOPY --from=a /trigger/trigger.txt /triggered\n',
    context: [file('trigger.txt')],
  },
  {
    name: 'fail-one-of-many-stages',
    builders: ['buildkit'],
    dockerfile: `FROM conf/base AS slow
RUN sleep 30; echo slow > /out
FROM conf/base AS bad
RUN sleep 0.5; exit 6
FROM scratch
COPY --from=slow /out /slow
COPY --from=bad /out /bad
`,
    expectFailure: 'process "/bin/sh -c sleep 0.5; exit 6" did not complete successfully: exit code: 6',
  },
  {
    name: 'fail-stage-source-missing',
    dockerfile: 'FROM conf/base AS a\nENV A=1\nFROM scratch\nCOPY --from=a /nothing /x\n',
    expectFailure: { buildkit: '"/nothing": not found', classic: 'stat nothing: file does not exist' },
  },
  {
    name: 'fail-forward-stage',
    dockerfile: 'FROM conf/base AS a\nCOPY --from=later /x /x\nFROM conf/base AS later\nRUN echo > /x\n',
    target: 'a',
    expectFailure: {
      buildkit: 'cannot copy from stage "later", it needs to be defined before current stage "a"',
      classic: 'later',
    },
  },
  {
    name: 'fail-forward-index',
    dockerfile: 'FROM conf/base AS a\nCOPY --from=1 /x /x\nFROM conf/base\nRUN echo > /x\n',
    target: 'a',
    expectFailure: {
      buildkit: 'cannot copy from stage "1", it needs to be defined before current stage "a"',
      classic: 'invalid from flag value 1: index out of bounds',
    },
  },
  {
    name: 'fail-stage-circle',
    builders: ['buildkit'],
    dockerfile: 'FROM conf/base AS a\nCOPY --from=b /x /x\nFROM conf/base AS b\nCOPY --from=a /x /x\n',
    expectFailure: 'circular dependency detected on stage: a',
  },
  {
    name: 'fail-copies-from-itself',
    dockerfile: 'FROM conf/base AS a\nENV A=1\nFROM conf/base\nCOPY --from=1 /x /x\n',
    expectFailure: {
      buildkit: 'circular dependency detected on stage: stage-1',
      classic: 'invalid from flag value 1: refers to current build stage',
    },
  },
  {
    name: 'fail-index-out-of-bounds',
    dockerfile: 'FROM conf/base\nCOPY --from=7 /x /x\n',
    expectFailure: {
      buildkit: 'invalid stage index 7',
      classic: 'invalid from flag value 7: index out of bounds',
    },
  },
  {
    name: 'fail-from-variable',
    builders: ['buildkit'],
    dockerfile: 'FROM conf/base AS a\nENV A=1\nFROM conf/base\nARG S=a\nCOPY --from=$S /x /x\n',
    expectFailure: 'variable expansion is not supported for --from',
  },
  {
    name: 'fail-stage-name',
    dockerfile: 'FROM conf/base AS 1st\nENV A=1\n',
    expectFailure: 'invalid name for build stage: "1st", name can\'t start with a number or contain symbols',
  },
  {
    name: 'fail-stage-name-twice',
    builders: ['classic'],
    dockerfile: 'FROM conf/base AS a\nENV A=1\nFROM conf/base AS A\nENV B=1\n',
    expectFailure: 'a stage name already used',
  },
  {
    name: 'stages-share-lists',
    builders: ['buildkit'],
    dockerfile: `FROM conf/base AS s
LABEL a=1
EXPOSE 1
VOLUME /a
ENV A=1
HEALTHCHECK CMD a
FROM s AS t
LABEL a=9 b=2
EXPOSE 2
VOLUME /b
ENV B=2
HEALTHCHECK --retries=3 CMD b
COPY a /b
FROM t AS u
LABEL c=3
COPY a /c
FROM s
LABEL d=4
COPY --from=u /c /c
`,
    context: [file('a')],
  },
  {
    name: 'stages-share-no-list-that-is-not-there',
    dockerfile: `FROM conf/base AS s
LABEL a=1
FROM s AS t
LABEL b=2
EXPOSE 2
VOLUME /b
COPY a /b
FROM s AS unused
LABEL c=3
FROM s
COPY --from=t /b /c
`,
    context: [file('a')],
  },
  {
    name: 'stages-of-one-image-share-nothing',
    dockerfile: `FROM conf/rich-buildkit AS s
LABEL b=2
EXPOSE 2
VOLUME /b
COPY a /b
FROM conf/rich-buildkit
COPY --from=s /b /c
`,
    context: [file('a')],
  },
  {
    name: 'from-a-stage-of-nothing',
    builders: ['buildkit'],
    dockerfile:
      'FROM scratch\nFROM scratch AS config\nENV A=1\nFROM conf/base\nCOPY --from=0 / /fr\nCOPY --from=config / /opt\n',
  },
];
