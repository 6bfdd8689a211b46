import type { ConformanceCase } from '../harness/case.ts';
import { dir, file, hardlink, symlink } from '../harness/case.ts';

/** Several FROMs, and COPY from elsewhere than the context. */
export const stages: readonly ConformanceCase[] = [
  {
    name: 'multi-stage',
    dockerfile: `FROM conf/base AS build
WORKDIR /src
COPY in.txt .
RUN tr a-z A-Z < in.txt > out.txt && chmod 751 out.txt
ENV NOT=inherited

FROM scratch
COPY --from=build /src/out.txt /out.txt
CMD ["/out.txt"]
`,
    context: [file('in.txt')],
  },
  {
    name: 'stage-on-stage',
    dockerfile: `FROM conf/base AS One
ENV A=1
COPY a /a
FROM one AS two
ENV B=\${A}2
COPY b /b
FROM two
LABEL c=$B
`,
    context: [file('a'), file('b')],
  },
  {
    name: 'target',
    dockerfile: 'FROM conf/base AS first\nCOPY a /a\nFROM first AS second\nCOPY b /b\nFROM second\nCOPY c /c\n',
    context: [file('a'), file('b'), file('c')],
    target: 'second',
  },
  {
    name: 'stage-in-capitals',
    builders: ['classic'],
    dockerfile: 'FROM conf/base AS two\nENV a=b\nFROM Two\nENV c=d\n',
  },
  {
    name: 'from-stage-by-other-case',
    dockerfile: 'FROM conf/base AS One\nCOPY a /a\nFROM scratch\nCOPY --from=ONE /a /b\n',
    context: [file('a')],
  },
  {
    name: 'from-index',
    dockerfile:
      'FROM scratch\nCOPY tree /t/\nFROM conf/base\nCOPY --from=0 /t/ /from-stage/\nCOPY --from=0 /t/x /one\n',
    context: [
      file('tree/x', 'x\n', { mode: 0o600 }),
      dir('tree/sub', { mode: 0o711 }),
      file('tree/sub/y', 'y\n', { mtime: '1500000000.5' }),
      symlink('tree/link', 'sub/y'),
      hardlink('tree/zz-same', 'tree/x'),
    ],
  },
  {
    name: 'from-image',
    dockerfile:
      'FROM scratch\nCOPY --from=conf/base /opt/data /data\nCOPY --from=conf/base /opt/tool /etc/passwd /some/\nCOPY --from=conf/base /home /home\n',
  },
  { name: 'from-image-root', dockerfile: 'FROM scratch\nCOPY --from=conf/base / /all\n' },
  {
    name: 'from-image-symlinks',
    dockerfile:
      'FROM scratch\nCOPY --from=conf/base /opt/current/a.txt /a\nCOPY --from=conf/base /lib/one.txt /lib/\nCOPY --from=conf/base /opt/absolute/b.txt /b\n',
  },
  {
    name: 'from-stage-wildcard',
    dockerfile:
      'FROM conf/base AS s\nRUN mkdir /w && echo 1 > /w/a1 && echo 2 > /w/a2 && echo 3 > /w/b\nFROM conf/base\nCOPY --from=s /w/a* /got/\n',
  },
  {
    name: 'unneeded-stage',
    builders: ['buildkit'],
    dockerfile: 'FROM conf/base AS needed\nCOPY a /a\nFROM conf/base AS broken\nRUN exit 7\nFROM needed\nENV X=1\n',
    context: [file('a')],
  },
  {
    name: 'from-stage-chown',
    dockerfile:
      'FROM conf/base AS s\nRUN mkdir -p /w/d && echo 1 > /w/d/f && chown -R bin:staff /w\nFROM conf/base\nCOPY --from=s /w /kept\nCOPY --from=s --chown=app:app /w /given\n',
  },
];
