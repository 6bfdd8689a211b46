import type { ConformanceCase } from '../harness/case.ts';
import { file } from '../harness/case.ts';

/** Every instruction that only changes the config, alone and together. */
export const config: readonly ConformanceCase[] = [
  {
    name: 'env-label',
    dockerfile: `FROM conf/base
ENV ONE=1 TWO="two words" THREE=thr\\ ee
ENV OLD form of  it
ENV ONE=again EMPTY= QUOTE="a \\"b\\" 'c'"
LABEL one=1 "two words"="a b" three=<&>
LABEL one=2 empty= multi="a \\
b"
`,
  },
  {
    name: 'cmd-entrypoint',
    dockerfile: `FROM conf/base
CMD echo shell form
ENTRYPOINT ["/bin/echo", "json", "form"]
CMD ["a", "b \\"c\\""]
ENTRYPOINT exec top -b
`,
  },
  { name: 'cmd-alone', dockerfile: 'FROM conf/base\nCMD ["/bin/sh", "-c", "echo <&> \\u00e9"]\n' },
  { name: 'cmd-empty', dockerfile: 'FROM conf/rich-buildkit\nENTRYPOINT []\nCMD []\n' },
  {
    name: 'entrypoint-of-nothing',
    dockerfile:
      'FROM conf/rich-classic\nENTRYPOINT [""]\nLABEL a=b\nCOPY . /c\nWORKDIR /x\nRUN true\nENTRYPOINT ["",""]\n',
  },
  { name: 'entrypoint-of-nothing-on-scratch', dockerfile: 'FROM scratch\nENTRYPOINT [""]\nENV A=b\n' },
  { name: 'entrypoint-clears-cmd', dockerfile: 'FROM conf/rich-buildkit\nENTRYPOINT ["/bin/cat"]\n' },
  { name: 'cmd-before-entrypoint', dockerfile: 'FROM conf/rich-classic\nCMD ["kept"]\nENTRYPOINT ["/bin/cat"]\n' },
  {
    name: 'expose-volume',
    dockerfile: `FROM conf/base
EXPOSE 80 443/tcp 53/udp
EXPOSE 8000-8002 9000/SCTP
VOLUME /data /var/log
VOLUME ["/with space", "/data"]
`,
  },
  {
    name: 'user-workdir-stopsignal',
    dockerfile: `FROM conf/base
USER app:staff
STOPSIGNAL SIGTERM
WORKDIR /srv
USER 1000
STOPSIGNAL 9
`,
  },
  {
    name: 'healthcheck',
    dockerfile: `FROM conf/base
HEALTHCHECK --interval=5m --timeout=3s --start-period=1m30s --start-interval=2s --retries=3 CMD wget -q http://localhost/ || exit 1
`,
  },
  { name: 'healthcheck-json', dockerfile: 'FROM conf/base\nHEALTHCHECK --retries=1 CMD ["/bin/true", "a b"]\n' },
  { name: 'healthcheck-none', dockerfile: 'FROM conf/rich-buildkit\nHEALTHCHECK NONE\n' },
  {
    name: 'shell',
    dockerfile: `FROM conf/base
SHELL ["/bin/busybox", "sh", "-ec"]
CMD echo by busybox
ENTRYPOINT exec cat
SHELL ["/bin/sh", "-c"]
ENV after=shell
`,
  },
  { name: 'maintainer', dockerfile: 'FROM conf/base\nMAINTAINER A Name <a@example.org>\nENV a=b\nLABEL c=d\n' },
  {
    name: 'onbuild-recorded',
    dockerfile: 'FROM conf/base\nONBUILD RUN echo hi\nONBUILD ENV A=$B\nLABEL after=onbuild\n',
  },
  {
    name: 'everything-on-rich-buildkit',
    dockerfile: `FROM conf/rich-buildkit
ENV MORE=\${BASE_ONE}
LABEL org.example.base=no org.example.more=\${MORE}
EXPOSE 9090
VOLUME /more
USER root
WORKDIR sub
STOPSIGNAL SIGINT
CMD ["new"]
`,
  },
  {
    name: 'everything-on-rich-classic',
    dockerfile: `FROM conf/rich-classic
ENV MORE=\${BASE_TWO}
LABEL org.example.more="$MORE"
EXPOSE 9090/udp
USER bin
WORKDIR ../other
CMD new
`,
  },
  {
    name: 'label-flag',
    dockerfile: 'FROM conf/base\nLABEL a=1\n',
    labels: { 'org.example.z': 'last one', a: '2', b: 'it\'s "quoted"' },
  },
  {
    name: 'scratch-config-only',
    dockerfile: 'FROM scratch\nENV A=1\nLABEL b=2\nCMD ["/none"]\n',
  },
  {
    name: 'utf8-everywhere',
    dockerfile: 'FROM conf/base\nENV GRÜSSE="schöne Grüße"\nLABEL 語=日本語 emoji=🐳\nCMD ["é", "\\u2028"]\n',
  },
  {
    name: 'lexing',
    dockerfile: `\uFEFF# escape=\`
# a comment
FROM conf/base
  env A=1 \`
   # a comment within
      B=2
LABEL a="b \`
  c"
CMD [ "x",   "y" ]
`,
  },
  { name: 'crlf', dockerfile: 'FROM conf/base\r\nENV A=1 \\\r\n  B=2\r\nLABEL c=d\r\nCMD echo hi\r\n' },
  {
    name: 'other-file-name',
    file: 'docker/build.Dockerfile',
    dockerfile: 'FROM conf/base\nCOPY a /a\n',
    context: [file('a')],
  },
];
