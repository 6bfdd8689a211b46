import { archive, type Builder, type ConformanceCase, dir, file, hardlink, symlink } from '../harness/case.ts';

const BOTH = ['28', '20.10'] as const;
const buildkit: readonly Builder[] = ['buildkit'];
const base = (...lines: readonly string[]): string => `FROM conf/base\n${lines.join('\n')}\n`;

const tree = [
  dir('t/empty', { mode: 0o711, mtime: '1400000000.5' }),
  file('t/full/deep/f'),
  dir('t/full', { mode: 0o750, mtime: '1400000001.5' }),
  file('t/g'),
];

/** What Docker 20.10 and 28 do in different ways, built by both: rows, configs, layers. */
export const versions: readonly ConformanceCase[] = [
  { name: 'v-expose', dockerfile: base('EXPOSE 8080 443/udp 9000-9002/tcp 53/UDP 80', 'EXPOSE 80') },
  {
    name: 'v-arg-rows',
    dockerfile: base('ARG A=1', 'ARG B', 'ARG C=$A D="d d"', 'ARG E', 'RUN echo "$A$B$C$D$E" > /srv/x'),
    buildArgs: { A: '2', B: '3' },
  },
  { name: 'v-arg-twice', dockerfile: base('ARG A=1', 'ARG B=1', 'ARG A=2', 'RUN echo "$A$B" > /srv/x') },
  { name: 'v-arg-global', dockerfile: 'ARG A=1\nARG B\nFROM conf/base\nARG A\nARG B=b\nRUN echo "$A$B" > /srv/x\n' },
  {
    name: 'v-arg-global-malformed',
    builders: buildkit,
    compat: ['20.10'],
    dockerfile: `ARG A=a\${unset//a/bb}b
ARG O="open
ARG B=\${A#a}
ARG C=\${B:-x}\${A:-y}
FROM conf/base
ARG A
ARG B=b
ARG C
ARG O
LABEL x="[$A$B$O]" c=$C d=\${A:-empty}
`,
  },
  ...['app', '5:staff'].map(
    (owner, index): ConformanceCase => ({
      name: `v-chown-without-files-${index}`,
      builders: buildkit,
      compat: [...BOTH],
      dockerfile: `FROM scratch\nCOPY a /\nCOPY --chown=${owner} a /b\n`,
      context: [file('a')],
      failsOn2010: `/etc/${index === 0 ? 'passwd' : 'group'}: no such file or directory`,
    }),
  ),
  {
    name: 'v-target-stage',
    dockerfile: base('ARG TARGETSTAGE=none', 'ARG TARGETARCH', 'RUN echo $TARGETSTAGE > /srv/x'),
  },
  {
    name: 'v-copy-flags',
    dockerfile: base('COPY --chown=1:2 a /srv/a', 'ADD --chown=app:staff a /srv/b', 'COPY --chown=33 a t /srv/c/'),
    context: [file('a'), ...tree],
  },
  {
    name: 'v-copy-chmod',
    builders: buildkit,
    dockerfile: base(
      'COPY --chmod=640 a /srv/new/a',
      'COPY --chmod=4755 a s /srv/',
      'ADD --chmod=700 --chown=1 t /srv/t',
    ),
    context: [file('a'), file('s', 's', { mode: 0o6711 }), ...tree],
  },
  {
    name: 'v-copy-chmod-not-octal',
    builders: buildkit,
    compat: ['20.10'],
    dockerfile: base(
      'COPY --chmod=99 a /srv/a',
      'COPY --chmod=u+x a /srv/b',
      'COPY --chmod=10644 a /srv/c',
      'COPY --chmod=$none a /srv/d',
      'COPY --chmod=0o755 a /srv/e',
    ),
    context: [file('a', 'a\n', { mode: 0o600 })],
  },
  {
    name: 'v-health',
    dockerfile: base('HEALTHCHECK --interval=5m --timeout=3s --start-period=1m30s --retries=3 CMD a "b" || exit 1'),
  },
  { name: 'v-health-json', dockerfile: base('CMD ["x"]', 'HEALTHCHECK --timeout=1s CMD ["/bin/true", "a b"]') },
  { name: 'v-health-on-rich', dockerfile: 'FROM conf/rich-classic\nHEALTHCHECK --retries=7 CMD true\nENV a=b\n' },
  { name: 'v-health-none', dockerfile: 'FROM conf/rich-buildkit\nHEALTHCHECK NONE\nCMD ["y"]\n' },
  {
    name: 'v-config-order',
    dockerfile: base('HEALTHCHECK CMD x', 'CMD y', 'ONBUILD RUN z', 'SHELL ["/s"]', 'STOPSIGNAL 9'),
  },
  { name: 'v-workdir', dockerfile: base('WORKDIR /srv/./a//b/../c/', 'RUN pwd > p', 'WORKDIR d/./e//', 'ENV a=b') },
  { name: 'v-workdir-then-copy', dockerfile: base('WORKDIR /srv//w/', 'COPY a .', 'CMD ["x"]'), context: [file('a')] },
  {
    name: 'v-json-escapes',
    dockerfile: base(
      'ENV A="x\by\fz<&>\u2028"',
      'LABEL l="\b\f\u0001\u007f"',
      'RUN echo "\b\f" > /srv/x',
      'CMD ["\\b\\f"]',
    ),
  },
  {
    name: 'v-name-escapes',
    dockerfile: base('COPY n /srv/n'),
    context: [file('n/a\bb'), file('n/a\fb'), file('n/a<&>b'), file('n/a"b\\c')],
  },
  { name: 'v-maintainer', dockerfile: base('MAINTAINER M <m@example.org>', 'ENV a=b', 'RUN true', 'CMD x') },
  { name: 'v-maintainer-of-base', dockerfile: 'FROM conf/rich-classic\nENV a=b\nUSER 0\nRUN echo > /tmp/x\n' },
  {
    name: 'v-owner-names',
    dockerfile: base(
      'RUN touch /srv/a && chown 1:1 /srv/a && mkdir /srv/d && chown 33:50 /srv/d && touch /srv/d/e',
      'RUN touch /srv/n && chown 65534:65534 /srv/n && touch /srv/u && chown 4242:4243 /srv/u',
      'RUN mkfifo /srv/p && chown 6:12 /srv/p && ln -s x /srv/l && chown -h 9:9 /srv/l',
    ),
  },
  {
    name: 'v-owner-names-copied',
    dockerfile: base('COPY --chown=33:33 t /srv/t', 'COPY --chown=4242:33 a /srv/a'),
    context: [file('a'), ...tree],
  },
  {
    name: 'v-owner-names-unpacked',
    dockerfile: base('ADD x.tar /srv/x'),
    context: [
      archive('x.tar', 'gzip', [
        file('a', 'a', { uid: 33, gid: 6, mtime: '1400000000' }),
        dir('d', { uid: 8, gid: 4242, mtime: '1400000000' }),
        symlink('d/l', 'x', '1400000000'),
      ]),
    ],
  },
  {
    name: 'v-whiteouts',
    dockerfile: base(
      'RUN rm /etc/motd && rm -r /opt/data/sub',
      'RUN rm -r /opt/data && mkdir /opt/data && touch /opt/data/new && chown -R 33:33 /opt/data',
      'RUN rm -r /usr/lib && mkdir -m 700 /usr/lib',
    ),
  },
  {
    name: 'v-whiteouts-in-owned',
    compat: ['20.10'],
    dockerfile: base('RUN chown 33:33 /opt/data && chmod 2770 /opt/data', 'RUN rm /opt/data/a.txt /opt/data/b.txt'),
  },
  {
    name: 'v-kinds',
    dockerfile: base(
      'RUN mknod /srv/c c 1 3 && mknod /srv/b b 7 0 && mkfifo -m 600 /srv/p',
      'RUN touch /srv/f && ln /srv/f /srv/g && ln /srv/p /srv/q && ln -s f /srv/s && ln /srv/s /srv/t',
      'RUN chmod 6755 /srv/f && mkdir -m 1777 /srv/d',
    ),
  },
  {
    name: 'v-links-copied',
    dockerfile: base('COPY l /srv/l', 'COPY l/a l/b /srv/two/'),
    context: [file('l/a'), hardlink('l/b', 'l/a'), symlink('l/s', 'a'), hardlink('l/z/c', 'l/a')],
  },
  { name: 'v-folder-times', dockerfile: base('COPY t /srv/t', 'COPY t /srv/t', 'COPY t /opt/data'), context: tree },
  { name: 'v-folder-times-scratch', dockerfile: 'FROM scratch\nCOPY . /\nCOPY t /t/t\n', context: tree },
  {
    name: 'v-folder-times-from',
    dockerfile:
      'FROM conf/base AS s\nCOPY t /srv/t\nFROM conf/base\nCOPY --from=s /srv/t /srv/u\nCOPY --from=s /opt /opt\nCOPY --from=s /srv /srv\n',
    context: tree,
  },
  {
    name: 'v-folder-times-ignored',
    dockerfile: base('COPY . /srv/c'),
    context: [
      ...tree,
      file('i/a'),
      dir('i', { mtime: '1400000002.5' }),
      file('.dockerignore', 'i/*\nt/full\n!t/full/deep\n'),
    ],
  },
  {
    name: 'v-special-files-from',
    dockerfile:
      'FROM conf/base AS s\nRUN mkdir /p && mknod -m 640 /p/c c 1 3 && mknod /p/b b 7 0 && mkfifo /p/f && touch /p/x\nFROM conf/base\nCOPY --from=s /p /srv/p\n',
  },
  {
    name: 'v-one-device-from',
    builders: buildkit,
    dockerfile:
      'FROM conf/base AS s\nRUN mknod -m 600 /c c 1 3 && mkfifo /f\nFROM conf/base\nCOPY --from=s /c /srv/c\nCOPY --from=s /f /srv/f\n',
  },
  {
    name: 'v-copy-from-hash',
    dockerfile:
      'FROM conf/base AS s\nRUN mkdir -m 750 /p && echo a > /p/a && ln -s a /p/l && chown -R 33:6 /p && chmod 4711 /p/a\nFROM conf/base\nCOPY --from=s /p /srv/p\nCOPY --from=s /p/a /p/l /srv/\nCOPY --from=s /etc/passwd /srv/x\n',
  },
  {
    name: 'v-context-hash',
    dockerfile: base('COPY c /srv/c', 'COPY c/s c/l /srv/', 'ADD c/x* /srv/x/'),
    context: [
      file('c/s', 's', { mode: 0o4755, uid: 33, gid: 33 }),
      symlink('c/l', 's'),
      dir('c/d', { mode: 0o1777 }),
      { kind: 'fifo', path: 'c/d/p' },
      file('c/x1'),
      file('c/x2', '', { mode: 0 }),
    ],
  },
  {
    name: 'v-add-compressed',
    dockerfile: base('ADD a.zst b.xz c.bz2 d.gz e.tar /srv/'),
    context: (
      [
        ['a.zst', 'zstd'],
        ['b.xz', 'xz'],
        ['c.bz2', 'bzip2'],
        ['d.gz', 'gzip'],
        ['e.tar', 'none'],
      ] as const
    ).map(([path, compression]) => archive(path, compression, [file(`in-${compression}`)])),
  },
  {
    name: 'v-add-chown-archive',
    dockerfile: base('ADD --chown=app:staff a.tar /srv/new/x/', 'ADD --chown=1:2 a.tar f /srv/y/'),
    context: [archive('a.tar', 'none', [file('o', 'o', { uid: 5, gid: 6, mtime: '1400000000' })]), file('f')],
  },
  {
    name: 'v-groups',
    dockerfile: base(
      'RUN id > /srv/root',
      'USER app',
      'RUN id > /tmp/app',
      'USER app:staff',
      'RUN id > /tmp/staff',
      'USER 2',
      'RUN id > /tmp/bin',
      'USER 77:88',
      'RUN id > /tmp/numbers',
    ),
  },
  {
    name: 'v-stubs',
    dockerfile: 'FROM conf/bare\nRUN true\nRUN echo x > /etc/x 2>/dev/null || mkdir -p /etc/y\nRUN rm -rf /etc; true\n',
  },
  { name: 'v-stubs-kept', dockerfile: base('RUN touch /etc/z', 'RUN mkdir -p /etc/hosts.d && rm -r /opt/data') },
  { name: 'v-run-nothing', dockerfile: base('RUN true', 'WORKDIR /', 'RUN cd /srv') },
  { name: 'v-check-directive', dockerfile: '# check=skip=all\n# escape=`\nFROM conf/base\nENV a=`b c=\\d\n' },
  {
    name: 'v-syntax-directive',
    builders: ['classic'],
    dockerfile: '# syntax=docker/dockerfile:1\n# escape=`\nFROM conf/base\nENV a=1 `\n  b=\\2\n',
  },
  {
    name: 'v-substitutions',
    dockerfile: base(
      'ENV s=set e=',
      `ENV a=\${s:-d}\${u:-d}\${e:-d} b=\${s:+y}\${u:+y} c=\${s:?m} d=\\$s f='$s' g=$1x`,
    ),
  },
  { name: 'v-labels', dockerfile: base('LABEL b=1 a=2', 'LABEL a=3'), labels: { z: '1', a: '<&>' } },
  { name: 'v-onbuild', dockerfile: 'FROM conf/onbuild\nLABEL after=triggers\n', context: [file('trigger.txt')] },
  { name: 'v-onbuild-again', dockerfile: base('ONBUILD ENV a=b', 'ONBUILD COPY a /a', 'ENV c=d') },
  { name: 'v-scratch', dockerfile: 'FROM scratch\nCOPY a /\nWORKDIR /w\nUSER 5\nVOLUME /v\n', context: [file('a')] },
  {
    name: 'v-stages',
    dockerfile:
      'FROM conf/base AS a\nARG X=1\nRUN echo $X > /srv/x\nFROM a AS b\nRUN echo $X >> /srv/x\nFROM b\nARG X\nRUN echo $X >> /srv/x\nCOPY --from=a /srv/x /srv/y\n',
  },
  { name: 'v-run-args-hidden', dockerfile: base('ENV P=env', 'ARG P=arg', 'ARG HTTP_PROXY=x', 'RUN echo $P > /srv/p') },
  {
    name: 'v-proxies',
    dockerfile: base('ARG BUILDKIT_SBOM_SCAN_STAGE=1', 'RUN env | grep -iE "proxy|sbom" | sort > /srv/p'),
    buildArgs: { ALL_PROXY: 'a', HTTP_PROXY: 'h', no_proxy: 'n' },
  },
  { name: 'v-volume-run', dockerfile: base('VOLUME /srv', 'RUN touch /srv/lost /opt/kept') },
  { name: 'v-same-layer-twice', dockerfile: base('RUN true', 'RUN true', 'COPY e /', 'COPY e /'), context: [dir('e')] },
  { name: 'v-unused-build-arg', dockerfile: base('ENV a=b'), buildArgs: { NOBODY: '1' } },
  { name: 'v-copy-wildcard-nothing', builders: buildkit, dockerfile: base('COPY no* /srv/n/') },
].map((each): ConformanceCase => ({ compat: BOTH, ...each }) as ConformanceCase);

const says = (
  name: string,
  lines: readonly string[],
  message: ConformanceCase['failsOn2010'],
  more: Partial<ConformanceCase> = {},
): ConformanceCase => ({
  name: `v-no-${name}`,
  compat: ['20.10'],
  dockerfile: base(...lines),
  context: [file('a')],
  ...(message === undefined ? {} : { failsOn2010: message }),
  ...more,
});

/** What Docker 20.10 refuses, in its words. */
export const refused2010: readonly ConformanceCase[] = [
  says('link', ['COPY --link a /a'], 'dockerfile parse error line 2: Unknown flag: link'),
  says('exclude', ['COPY --exclude=a . /a'], 'dockerfile parse error line 2: Unknown flag: exclude'),
  says('parents', ['COPY --parents a /a'], 'dockerfile parse error line 2: Unknown flag: parents'),
  says('checksum', ['ADD --checksum=sha256:aa a /a'], 'dockerfile parse error line 2: Unknown flag: checksum'),
  says('keep-git-dir', ['ADD --keep-git-dir a /a'], 'dockerfile parse error line 2: Unknown flag: keep-git-dir'),
  says('unpack', ['ADD --unpack=false a /a'], 'dockerfile parse error line 2: Unknown flag: unpack'),
  says('network', ['RUN --network=none true'], 'dockerfile parse error line 2: Unknown flag: network'),
  says('security', ['RUN --security=insecure true'], 'dockerfile parse error line 2: Unknown flag: security'),
  says('device', ['RUN --device=x true'], 'dockerfile parse error line 2: Unknown flag: device'),
  says('start-interval', ['HEALTHCHECK --start-interval=1s CMD x'], 'Unknown flag: start-interval'),
  says('twice', ['COPY --chown=1 --chown=2 a /a'], 'dockerfile parse error line 2: Duplicate flag specified: chown'),
  says('value', ['COPY --chown a /a'], 'dockerfile parse error line 2: Missing a value on flag: chown'),
  says('instruction', ['copyy a /a'], 'dockerfile parse error line 2: unknown instruction: COPYY'),
  says('heredoc-run', ['RUN <<E', 'echo x', 'E'], 'dockerfile parse error line 3: unknown instruction: ECHO'),
  says('heredoc-copy', ['COPY <<a /b'], {
    buildkit: 'failed to compute cache key: "/<<a" not found: not found',
    classic: 'stat <<a: file does not exist',
  }),
  says('no-retries', ['HEALTHCHECK --retries=0 CMD x'], '--retries must be at least 1 (not 0)'),
  says('fewer-retries', ['HEALTHCHECK --retries=-2 CMD x'], '--retries must be at least 1 (not -2)'),
  says('trim', [`ENV a=\${b#c}`], `failed to process "\${b#c}": missing ':' in substitution`),
  says('trim-end', [`ENV a=\${b%c}`], `failed to process "\${b%c}": missing ':' in substitution`),
  says('replace', [`ENV a=\${b/c/d}`], `failed to process "\${b/c/d}": missing ':' in substitution`),
  says('default-if-unset', [`ENV a=\${b-c}`], `failed to process "\${b-c}": missing ':' in substitution`),
  says('trim-colon', [`ENV a=\${b:#c}`], `failed to process "\${b:#c}": unsupported modifier (#) in substitution`),
  says('assign', [`ENV a=\${b:=c}`], `failed to process "\${b:=c}": unsupported modifier (=) in substitution`),
  says('open-brace', [`ENV a=\${b`], `failed to process "\${b": missing ':' in substitution`),
  says('unset', [`ENV a=\${b:?}`], 'b: is not allowed to be unset'),
  says('port', ['EXPOSE x'], 'Invalid containerPort: x'),
  says('proto', ['EXPOSE 1/x'], 'Invalid proto: x'),
  says('signal', ['STOPSIGNAL x'], 'Invalid signal: x'),
  says('words', ['RUN []'], {
    buildkit: 'failed to marshal LLB definition: arguments are required',
    classic: 'No command specified',
  }),
  says('from-variable', ['COPY --from=$x a /a'], {
    buildkit: 'failed to parse stage name "$x": invalid reference format',
    classic: 'invalid from flag value $x: invalid reference format',
  }),
  says(
    'stage',
    ['ENV a=b'],
    {
      buildkit: 'failed to create LLB definition: target stage Nope could not be found',
      classic: 'failed to reach build target Nope in Dockerfile',
    },
    { target: 'Nope' },
  ),
  says('capitals', [], 'invalid reference format: repository name must be lowercase', {
    dockerfile: 'FROM Capital\nENV a=b\n',
  }),
  says('platform', [], '"" is an invalid component of "": platform specifier component must match', {
    dockerfile: 'FROM --platform=$none conf/base\nENV a=b\n',
  }),
  says('source', ['COPY nothing /a'], {
    buildkit: 'failed to compute cache key: "/nothing" not found: not found',
    classic: 'COPY failed: file not found in build context or excluded by .dockerignore: stat nothing',
  }),
  says('exit', ['RUN exit 3'], {
    buildkit: 'executor failed running [/bin/sh -c exit 3]: exit code: 3',
    classic: "The command '/bin/sh -c exit 3' returned a non-zero code: 3",
  }),
  says('user', ['USER nobody-here', 'RUN true'], {
    buildkit:
      'executor failed running [/bin/sh -c true]: unable to find user nobody-here: no matching entries in passwd file',
    classic: 'unable to find user nobody-here: no matching entries in passwd file',
  }),
  says('program', ['RUN ["/nope"]'], {
    buildkit: 'executor failed running [/nope]: exit code: 1',
    classic:
      'failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "/nope": stat /nope: no such file or directory: unknown',
  }),
];
