import type { ConformanceCase } from '../harness/case.ts';
import { file } from '../harness/case.ts';

const lines = (...text: readonly string[]): string => `FROM conf/base\n${text.join('\n')}\n`;

/** How words are read: variables, quotes, escapes, lists, in each instruction that has them. */
export const words: readonly ConformanceCase[] = [
  {
    name: 'words-substrings',
    dockerfile: lines(
      'ENV P=/usr/local/lib/libfoo.so.1 B=baac E= S="a b  c"',
      `LABEL a=\${P#*/} b=\${P##*/} c=\${P%.*} d=\${P%%.*} e=\${P#nope} f=\${P%/}`,
      `LABEL g=\${B/a/x} h=\${B//a/x} i=\${B//a/} j=\${B/z/y}z`,
      `LABEL k=\${B#?} l=\${B%?} m=\${B##*a} n=\${B%%a*} o=\${E#x}- p=\${U#x}- q=\${U/x/y}-`,
      `LABEL r="\${P/\\//:}" s="\${P//\\//:}" t="\${S/ /_}" u="\${S// /_}"`,
      `LABEL v=\${B/a*/x}`,
    ),
  },
  {
    name: 'words-defaults',
    dockerfile: lines(
      'ENV S=set E=',
      `ENV A=\${S:-x} B=\${E:-x} C=\${U:-x} D=\${S-x} F=\${E-x} G=\${U-x}`,
      `ENV H=\${S:+x} I=\${E:+x} J=\${U:+x} K=\${S+x} L=\${E+x} M=\${U+x}`,
      `ENV N=\${S:?no} O=\${S?no} P=\${E?no}`,
      `ENV Q=\${U:-\${S:+nested-\${E:-deep}}} R="\${U:-quoted $S}" T="\${U:-'single $S'}" V=\${U:-$S-$U-\\$S}`,
      `ENV W=\${U:-} X=\${U:-a:b} Y=\${U:--} Z=\${S:+}`,
    ),
  },
  {
    name: 'words-names',
    dockerfile: lines(
      'ENV a=1 a_b=2 A9=3 _x=4 1st=5 x.y=6 x-y=7',
      `LABEL l1=$a_b l2=$a.b l3=$a-b l4=$A9z l5=\${A9}z l6=$_x l7=$1st l8=$x.y l9=$ l10=a$ l11=$$ l12=\${a}\${a_b}`,
      `LABEL m1="$@" m2=$0 m3=$* m4=$# m5=$? m6=$! m7="$-" m8=$1 m9=$12`,
    ),
  },
  {
    name: 'words-quotes',
    dockerfile: lines(
      'ENV V=v',
      `ENV A="$V" B='$V' C=\\$V D="\\$V" E='\\$V' F=a\\ b G=a\\"b H=a"b c"d I=a'b "c'd J="a'b" K=\\\\ L="\\\\" M='\\\\' N="\\n" O=\\n`,
      'ENV P="" Q=\'\' R=a""b S="a"\'b\'c T=\\\'x\\\'',
      'LABEL "key $V"=1 "a b"="c d" \'single $V\'=2 k\\ l=3 $V=4',
    ),
  },
  {
    name: 'words-env-old-form',
    dockerfile: lines(
      'ENV A some words  with   spaces',
      'ENV B "quoted" and \'single\' $A',
      'ENV C   leading and trailing   ',
      'ENV D a=b c=d',
      'ENV E \\$A \\\\ \\"',
      'ENV F one \\',
      '  two',
      'LABEL old a label in the old form',
    ),
  },
  {
    name: 'words-env-order',
    dockerfile: lines(
      'ENV B=2 A=1 C=3',
      'ENV A=4 D=$A$B',
      'ENV PATH=/x:$PATH HOME=/h',
      'ENV B=',
      'ENV abc=hello',
      'ENV abc=bye def=$abc',
      'ENV ghi=$abc',
      'RUN echo "$A|$B|$C|$D|$PATH|$HOME|$def|$ghi" > /srv/env',
    ),
  },
  {
    name: 'words-workdir',
    dockerfile: lines(
      'ENV D=/srv/d E="x y"',
      'WORKDIR $D',
      `WORKDIR \${E}`,
      'WORKDIR "a b"',
      'WORKDIR c\\ d',
      `WORKDIR \${U:-e}/./f//g/..`,
      "WORKDIR '/srv/$q'",
      'RUN pwd > here',
    ),
  },
  {
    name: 'words-user-and-signal',
    dockerfile: lines(
      'ENV U=app G=staff S=TERM',
      `USER \${U}:$G`,
      'RUN id > /tmp/1',
      'USER "root"',
      `USER \${NOPE:-bin}`,
      `STOPSIGNAL SIG\${S}`,
      'STOPSIGNAL term',
      'STOPSIGNAL 15',
      'STOPSIGNAL RTMIN+3',
      'STOPSIGNAL SIGRTMAX-1',
    ),
  },
  {
    name: 'words-expose',
    dockerfile: lines(
      'ENV PORTS="80 443/udp" ONE=90 RANGE=100-102',
      'EXPOSE $PORTS',
      `EXPOSE \${ONE}/TCP $RANGE/sctp 90/tcp`,
      'EXPOSE 5 4 3/udp 3/tcp',
      'EXPOSE 7000-7002 7001',
      'EXPOSE "8080" \'8081/udp\'',
      'EXPOSE 0 65535',
    ),
  },
  {
    name: 'words-expose-addresses',
    dockerfile: lines('EXPOSE 127.0.0.1:80:8080 81:8081/udp', 'EXPOSE 1000-1002:2000-2002'),
  },
  {
    name: 'words-volume',
    dockerfile: lines(
      'ENV D=/data SP="/a b"',
      'VOLUME $D $D/x',
      'VOLUME ["$D/json", "/with space"]',
      `VOLUME \${SP}`,
      'VOLUME relative ./dot /trailing/ /d//e',
      'VOLUME "/quoted" \'/single\'',
    ),
  },
  {
    name: 'words-copy',
    dockerfile: lines(
      'ENV N=name D=/srv/d SP="a b"',
      `COPY $N.txt \${D}/$N`,
      `COPY \${N}?.* $D/`,
      `COPY ["\${SP}", "$D/\${SP} c/"]`,
      `COPY \${UNSET}name.txt "/srv/q"`,
      `ADD \${N%me}me.txt $D/added/`,
      'WORKDIR $D',
      `COPY \${N}.txt ./\${UNSET:-here}/`,
    ),
    context: [file('name.txt'), file('name1.x'), file('a b')],
  },
  {
    name: 'words-args-and-env',
    dockerfile: lines(
      'ARG A=arg',
      'ENV A=env',
      'LABEL one=$A',
      'ARG A=again',
      'LABEL two=$A',
      'ENV B=env-first',
      'ARG B=arg-later',
      'LABEL three=$B',
      'RUN echo "$A|$B" > /srv/v',
      'ARG C',
      `ENV C=\${C:-none} D=\${C:+some}`,
      'RUN echo "$C|$D" >> /srv/v',
    ),
    buildArgs: { B: 'given', C: 'c' },
  },
  {
    name: 'words-args-in-stages',
    dockerfile: `ARG G=global
ARG H=\${G}-more
ARG I="a b"
FROM conf/base AS one
ARG G
ARG H=own
ARG L=local
ENV FROM_ONE=$G-$H
FROM one AS two
ARG I
LABEL g=$G h=$H i="$I" l=$L
RUN echo "$G|$H|$I|$L" > /srv/v
FROM conf/base
ARG H
LABEL g=$G h=$H l=$L
COPY --from=two /srv/v /srv/v
`,
    buildArgs: { H: 'given' },
  },
  {
    name: 'words-args-defaults',
    dockerfile: lines(
      'ARG A=1',
      `ARG B=\${A}2 C="$B 3" D='$B' E=\\$B`,
      `ARG F=\${NOPE:-d} G=\${A:+x} H=$H I`,
      'ARG EMPTY=',
      'LABEL a="$A" b="$B" c="$C" d="$D" e="$E" f="$F" g="$G" h="$H" i="$I" empty="$EMPTY"',
      'RUN env | grep -E "^[A-I]=" | sort > /srv/env',
    ),
  },
  {
    name: 'words-predefined',
    dockerfile: `ARG TARGETARCH
FROM conf/base
ARG BUILDPLATFORM
ARG TARGETPLATFORM
ARG TARGETOS TARGETARCH TARGETVARIANT
ARG BUILDOS BUILDARCH BUILDVARIANT
ARG TARGETSTAGE
LABEL p="$BUILDPLATFORM|$TARGETPLATFORM|$TARGETOS|$TARGETARCH|$TARGETVARIANT|$BUILDOS|$BUILDARCH|$BUILDVARIANT|$TARGETSTAGE"
`,
  },
  {
    name: 'words-predefined-default',
    dockerfile: `FROM conf/base\nARG TARGETARCH=mine\nARG TARGETOS\nLABEL p="$TARGETARCH $TARGETOS"\n`,
    buildArgs: { TARGETOS: 'theirs' },
  },
  {
    name: 'words-proxies',
    dockerfile: lines(
      'RUN env | grep -i proxy | sort > /srv/one; true',
      'ARG http_proxy',
      'ARG ALL_PROXY=default',
      'RUN env | grep -i proxy | sort > /srv/two; true',
      'ENV NO_PROXY=env',
      'RUN env | grep -i proxy | sort > /srv/three; true',
    ),
    buildArgs: { http_proxy: 'http://b', FTP_PROXY: 'f', NO_PROXY: 'N' },
  },
  {
    name: 'words-args-quoted-in-history',
    dockerfile: lines(
      'ARG A="two words"',
      'ARG B',
      'RUN echo "$A|$B" > /srv/v',
      'ARG Z=1 Y=2',
      'RUN ["/bin/sh", "-c", "echo $Z$Y > /srv/w"]',
    ),
    buildArgs: { B: 'with "quotes" & <marks> \\ $x' },
  },
  {
    name: 'words-label-forms',
    dockerfile: lines(
      'LABEL a=1 b="2" c=\'3\' "d"=4 \'e\'=5',
      'LABEL f="multi \\',
      'line" g=h',
      'LABEL i= j="" k=a=b l="=" m="a\\tb" n=\'a\\tb\'',
      'LABEL dots.and-dashes_1="x" UPPER=y ü=z',
      'LABEL a=again',
    ),
  },
  {
    name: 'words-json-or-not',
    dockerfile: lines(
      'CMD ["a", "b"',
      "CMD ['a', 'b']",
      'CMD [ "x" ] y',
      'ENTRYPOINT ["e", ]',
      'CMD [""]',
      'CMD ["tab\\t", "nl\\n", "q\\"", "u\\u00e9", "s\\/"]',
      'ENTRYPOINT [ ]',
    ),
  },
  {
    name: 'words-commands-not-expanded',
    dockerfile: lines(
      'ENV V=v',
      `CMD echo $V \${V} \\$V "quoted  spaces"   kept`,
      `ENTRYPOINT ["$V", "\${V}"]`,
      'HEALTHCHECK CMD test $V = v',
      'SHELL ["/bin/sh", "$V", "-c"]',
      'ONBUILD ENV W=$V',
      'MAINTAINER $V <me@example.org>',
    ),
  },
  {
    name: 'words-run-spaces',
    dockerfile: lines(
      'RUN   echo   "a  b"   >   /srv/a   ',
      'RUN echo one;\\',
      'echo two >> /srv/a',
      'RUN echo \\',
      '\t"tab"\\',
      '  # not a comment for docker? > /srv/b',
      "RUN echo 'single \\",
      "quoted' > /srv/c",
      'RUN echo "#hash" #comment of the shell',
    ),
  },
  {
    name: 'words-case-of-instructions',
    dockerfile:
      'from conf/base\nenv A=1\nRun echo $A > /srv/a\ncOpY a /srv/\nlabel x=y\nentrypoint ["e"]\nonbuild run true\n',
    context: [file('a')],
  },
  {
    name: 'words-health',
    dockerfile: lines(
      'HEALTHCHECK --interval=1.5h --timeout=2m3s4ms --start-period=0s --start-interval=1ms --retries=0 CMD a && b',
      'HEALTHCHECK --interval=0 --retries=99 CMD ["a", "$b"]',
      'HEALTHCHECK --timeout=5s CMD  spaces   in "it"  ',
      'HEALTHCHECK none',
      'HEALTHCHECK --retries=3 cmd true',
    ),
  },
  {
    name: 'words-onbuild-all',
    dockerfile: lines(
      'ONBUILD ADD a /a',
      'ONBUILD ARG X=1',
      'ONBUILD CMD ["x"]',
      'ONBUILD COPY --chown=app a /b',
      'ONBUILD ENTRYPOINT e',
      'ONBUILD ENV A=$X',
      'ONBUILD EXPOSE 80',
      'ONBUILD HEALTHCHECK NONE',
      'ONBUILD LABEL a="b c"',
      'ONBUILD RUN echo "$A" > /srv/x',
      'ONBUILD SHELL ["/bin/sh", "-ec"]',
      'ONBUILD STOPSIGNAL 9',
      'ONBUILD USER app',
      'ONBUILD VOLUME /v',
      'ONBUILD WORKDIR /srv/w',
      'onbuild   run   echo   spaces',
    ),
  },
  {
    name: 'words-onbuild-all-fired',
    dockerfile: `FROM conf/base AS parent
ONBUILD ARG X=1
ONBUILD ENV A=$X
ONBUILD ADD a /a
ONBUILD COPY --chown=app a /b
ONBUILD LABEL a="b c" x=$X
ONBUILD EXPOSE 80
ONBUILD RUN echo "$A" > /srv/x
ONBUILD SHELL ["/bin/sh", "-ec"]
ONBUILD STOPSIGNAL 9
ONBUILD VOLUME /v
ONBUILD WORKDIR /srv/w
ONBUILD HEALTHCHECK CMD true
ONBUILD CMD run this
ONBUILD ENTRYPOINT ["e"]
ONBUILD USER app
FROM parent AS child
RUN id > /tmp/id; pwd >> /tmp/id
FROM child
ENV last=1
`,
    context: [file('a')],
    buildArgs: { X: '2' },
  },
  {
    name: 'words-volume-and-run',
    dockerfile: lines(
      'RUN mkdir -p /v/sub && echo before > /v/f && chmod 700 /v',
      'VOLUME /v /opt/data',
      'RUN echo after > /v/f; echo new > /v/sub/n; rm /opt/data/a.txt; echo out > /srv/out',
      'COPY a /v/sub/',
      'RUN ls /v/sub > /srv/seen',
      'WORKDIR /v/work',
      'RUN touch here && chown app /v',
    ),
    context: [file('a')],
  },
  {
    name: 'words-cmd-resets',
    dockerfile: `FROM conf/rich-buildkit AS a
ENTRYPOINT ["new"]
FROM conf/rich-buildkit AS b
CMD ["first"]
ENTRYPOINT ["e"]
CMD ["second"]
FROM a AS c
CMD ["c"]
FROM c
ENTRYPOINT ["d"]
`,
  },
  {
    name: 'words-shell-and-commands',
    dockerfile: lines(
      'SHELL ["/bin/busybox", "sh", "-x", "-c"]',
      'RUN echo "$0" > /srv/a',
      'CMD c',
      'ENTRYPOINT e',
      'HEALTHCHECK CMD h',
      'ENV A=1',
      'WORKDIR /srv/w',
      'COPY a .',
      'LABEL l=1',
    ),
    context: [file('a')],
  },
  {
    name: 'words-maintainer-several',
    dockerfile: lines('MAINTAINER  One  <1@x>  ', 'ENV A=1', 'MAINTAINER Two "quoted"', 'LABEL b=2'),
  },
  { name: 'words-from-only', dockerfile: 'FROM conf/base\n', builders: ['buildkit'] },
  {
    name: 'words-no-newline-at-end',
    dockerfile: 'FROM conf/base\nENV A=1\nRUN echo last > /srv/x',
  },
  {
    name: 'words-blank-lines-and-comments',
    dockerfile:
      '\n\n  # indented comment\n#directive=not\n\nFROM conf/base\n\n   \n# c\n\tENV A=1\n#\n\nLABEL x=1 \\\n\n  y=2\n\n',
  },
  {
    name: 'words-continuation-at-end',
    dockerfile: 'FROM conf/base\nENV A=1 \\\n\n# nothing follows\n',
  },
  {
    name: 'words-long-line',
    dockerfile: `FROM conf/base\nENV A=${'x'.repeat(60_000)}\nRUN echo \${#A} > /srv/n\n`,
  },
  {
    name: 'words-many',
    dockerfile: lines(
      `ENV ${Array.from({ length: 60 }, (_, i) => `V${i}=${i}`).join(' ')}`,
      `LABEL ${Array.from({ length: 60 }, (_, i) => `l${i}=$V${i}`).join(' ')}`,
      `EXPOSE ${Array.from({ length: 40 }, (_, i) => 3000 + i * 7).join(' ')}`,
    ),
  },
];
