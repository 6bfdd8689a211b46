import { type ConformanceCase, dir, file, symlink } from '../harness/case.ts';

type More = Omit<Partial<ConformanceCase>, 'name' | 'dockerfile' | 'builders'>;

/** A file of the layer that tells what a command saw: the case fails where the two saw different things. */
const mount = (name: string, dockerfile: string, more: More = {}): ConformanceCase => ({
  name,
  builders: ['buildkit'],
  dockerfile: dockerfile.startsWith('FROM') ? dockerfile : `FROM conf/base\n${dockerfile}`,
  ...more,
});

const LIST = `find . -exec stat -c '%n %F %a %u:%g %s' {} + | sort`;
const MADE = '1600000000.123456789';

const sources = [
  file('a.txt', 'a of the context\n', { mode: 0o640, uid: 12, gid: 34, mtime: MADE }),
  dir('sub/deep', { mode: 0o700 }),
  file('sub/deep/b.txt', 'b of the context\n', { mode: 0o755, mtime: MADE }),
  symlink('sub/link', 'deep/b.txt'),
  file('left.out', 'never seen\n'),
  file('.dockerignore', 'left.out\n'),
];

/** RUN --mount: what is seen through a mount, and that a layer tells nothing of it but when its stubs were made. */
export const mounts: readonly ConformanceCase[] = [
  mount('mount-bind-context', `RUN --mount=target=/ctx cd /ctx && ${LIST} > /seen && cat a.txt sub/link >> /seen\n`, {
    context: sources,
  }),
  mount('mount-bind-file', 'RUN --mount=source=a.txt,target=/srv/new/a cp -p /srv/new/a /seen\n', { context: sources }),
  mount('mount-bind-over-file', 'RUN --mount=source=a.txt,target=/etc/motd cat /etc/motd > /seen\n', {
    context: sources,
  }),
  mount('mount-bind-over-folder', 'RUN --mount=source=sub,target=/opt/data ls -R /opt/data > /seen\n', {
    context: sources,
  }),
  mount(
    'mount-bind-written',
    `RUN --mount=source=sub,target=/x,rw cd /x && echo more >> deep/b.txt && touch new && cat deep/b.txt > /seen
RUN --mount=source=sub,target=/x,rw cd /x && cat deep/b.txt > /again && ls >> /again\n`,
    { context: sources },
  ),
  mount(
    'mount-bind-readonly',
    'RUN --mount=source=sub,target=/x touch /x/new 2>/seen || true\nRUN --mount=source=a.txt,target=/x sh -c "echo > /x" 2>/seen2 || true\n',
    { context: sources },
  ),
  mount(
    'mount-bind-stage',
    `FROM conf/base AS tools
RUN mkdir -m 750 /made && echo tool > /made/tool && ln -s /made/tool /made/link && chown 5:6 /made/tool
FROM conf/base
RUN --mount=from=Tools,source=/made,target=/t cd /t && ${LIST} > /seen && cat tool >> /seen
RUN --mount=from=tools,source=made/link,target=/one cat /one >> /seen
`,
  ),
  mount(
    'mount-bind-stage-written',
    'FROM conf/base AS tools\nRUN echo 1 > /one\nFROM conf/base\nRUN --mount=from=tools,target=/t,rw rm /t/one && echo 2 > /t/two && ls /t > /seen\nRUN --mount=from=tools,target=/t ls /t > /again\n',
  ),
  mount(
    'mount-bind-image',
    'RUN --mount=from=conf/bare,target=/img ls /img > /seen\nRUN --mount=from=scratch,target=/none ls -a /none > /none-seen\n',
  ),
  mount(
    'mount-links-in-source',
    'FROM conf/base AS tools\nRUN ln -s ../../../../etc/motd /out && ln -s /opt /abs\nFROM conf/base\nRUN --mount=from=tools,source=out,target=/o --mount=from=tools,source=/abs/data,target=/d cat /o /d/a.txt > /seen\n',
  ),
  mount(
    'mount-links-in-target',
    'RUN --mount=type=tmpfs,target=/opt/current/t touch /opt/data/t/x && ls /opt/data > /seen\nRUN ln -s /nowhere /dangling\nRUN --mount=type=tmpfs,target=/dangling/t ls -d /nowhere/t > /seen2\n',
  ),
  mount(
    'mount-stubs',
    'RUN --mount=type=cache,target=/stubs/a/b true\nRUN --mount=type=cache,target=/stubs/a/b touch /stubs/kept\nRUN --mount=type=tmpfs,target=/opt/data/new true\n',
  ),
  mount(
    'mount-stub-removed-by-command',
    'RUN mkdir /srv/d && touch -d @1000000000 /srv/d\nRUN --mount=source=a.txt,target=/srv/d/w/foo cat /srv/d/w/foo > /seen\n',
    { context: sources },
  ),
  mount('mount-stubs-bare', 'FROM conf/bare\nRUN --mount=type=tmpfs,target=/run/x/y true\n'),
  mount(
    'mount-cache',
    `RUN --mount=type=cache,id=conf-a,target=/c stat -c '%a %u:%g' /c > /seen; echo 1 > /c/one
RUN --mount=type=cache,id=conf-a,target=/other cat /other/one >> /seen
RUN --mount=type=cache,id=conf-b,target=/other ls /other >> /seen
`,
  ),
  mount(
    'mount-cache-owner',
    `RUN --mount=type=cache,id=conf-m,mode=0750,uid=7,gid=8,target=/c stat -c '%a %u:%g' /c > /seen
RUN --mount=type=cache,id=conf-m,mode=01777,target=/c stat -c '%a %u:%g' /c >> /seen
RUN --mount=type=cache,id=conf-m,target=/c stat -c '%a %u:%g' /c >> /seen
USER 1000
RUN --mount=type=cache,id=conf-n,uid=1000,target=/c touch /c/mine && ls -n /c | wc -l > /tmp/seen
`,
  ),
  mount(
    'mount-cache-from',
    `FROM conf/base AS seed
RUN mkdir /seed && echo seeded > /seed/file && chmod 711 /seed
FROM conf/base
RUN --mount=type=cache,id=conf-f,from=seed,source=/seed,target=/c cat /c/file > /seen; stat -c %a /c >> /seen; echo 2 > /c/two
RUN --mount=type=cache,id=conf-f,from=seed,source=/seed,target=/c cat /c/two >> /seen
RUN --mount=type=cache,id=conf-f,target=/c ls /c >> /seen
RUN --mount=type=cache,id=conf-g,from=seed,source=/seed/file,target=/c cat /c >> /seen
`,
  ),
  mount(
    'mount-cache-sharing',
    `RUN --mount=type=cache,id=conf-s,sharing=locked,target=/c echo 1 > /c/n
RUN --mount=type=cache,id=conf-s,sharing=private,target=/c cat /c/n > /seen
RUN --mount=type=cache,id=conf-s,sharing=shared,target=/c --mount=type=cache,id=conf-s,target=/d cat /d/n >> /seen && touch /c/x && ls /d >> /seen
RUN --mount=type=cache,id=conf-s,ro,target=/c touch /c/x 2>> /seen || true
`,
  ),
  mount(
    'mount-nested',
    'RUN --mount=type=cache,id=conf-o,target=/o --mount=type=cache,id=conf-i,target=/o/in touch /o/1 /o/in/2 && find /o | sort > /seen\nRUN --mount=type=cache,id=conf-o,target=/o find /o | sort >> /seen\n',
  ),
  mount('mount-same-target', 'RUN --mount=source=sub,target=/x --mount=source=sub/deep,target=/x ls /x > /seen\n', {
    context: sources,
  }),
  mount(
    'mount-tmpfs',
    `RUN --mount=type=tmpfs,target=/opt ls /opt > /seen && touch /opt/x && stat -c %a /opt >> /seen
RUN --mount=type=tmpfs,target=/t,size=3m df -k /t | tail -1 | awk '{print $1,$2}' > /seen2; stat -c %a /t >> /seen2
RUN --mount=type=tmpfs,target=/tmp stat -c %a /tmp > /seen3
`,
  ),
  mount(
    'mount-tmpfs-over-etc',
    'RUN --mount=type=tmpfs,target=/etc ls /etc > /seen\nRUN --mount=type=cache,id=conf-w,target=/c,mode=0777 stat -c %a /c > /seen\n',
  ),
  mount(
    'mount-secret',
    `RUN --mount=type=secret,id=token cat /run/secrets/token > /seen; stat -c '%a %u:%g' /run/secrets/token /run/secrets >> /seen
RUN --mount=type=secret,id=token,target=/s,mode=0640,uid=7,gid=8 stat -c '%a %u:%g %s' /s >> /seen
RUN --mount=type=secret,id=token ls /run >> /seen
`,
    { secrets: { token: 'not so secret in a test\n' } },
  ),
  mount(
    'mount-secret-variable',
    `RUN --mount=type=secret,id=token,env=TOKEN echo "$TOKEN" > /seen; ls /run >> /seen
RUN --mount=type=secret,id=token,env=TOKEN,target=/both echo "$TOKEN" | cat - /both >> /seen
RUN --mount=type=secret,id=absent,env=TOKEN env | grep -c TOKEN >> /seen || true
`,
    { secrets: { token: 'in a variable' } },
  ),
  mount(
    'mount-secret-names',
    `WORKDIR /w
RUN --mount=type=secret,target=rel/token cat /w/rel/token > /seen
RUN --mount=type=secret,source=token ls /run/secrets >> /seen
RUN --mount=type=secret,id=absent ls /run/secrets >> /seen 2>&1 || true
RUN --mount=type=secret,id=empty test -f /run/secrets/empty && wc -c < /run/secrets/empty >> /seen
`,
    { secrets: { token: 'named\n', empty: '' } },
  ),
  mount(
    'mount-secret-user',
    'USER app\nRUN --mount=type=secret,id=token,mode=0444 cat /run/secrets/token > /tmp/seen\n',
    {
      secrets: { token: 'for all\n' },
    },
  ),
  mount(
    'mount-ssh',
    `RUN --mount=type=ssh stat -c '%n %F %a %u:%g' $SSH_AUTH_SOCK > /seen
RUN --mount=type=ssh,id=other,target=/s/o,mode=0660,uid=3 --mount=type=ssh stat -c '%n %F %a %u:%g' /s/o /run/buildkit/* >> /seen; echo $SSH_AUTH_SOCK >> /seen
RUN --mount=type=ssh,id=absent,target=/a ls /a 2>> /seen || echo $SSH_AUTH_SOCK >> /seen
ENV SSH_AUTH_SOCK=/mine
RUN --mount=type=ssh echo $SSH_AUTH_SOCK >> /seen
`,
    { agents: ['default', 'other'] },
  ),
  mount(
    'mount-variables',
    `ARG KIND=cache
ENV PLACE=/v WHO=conf-v MODE=0711 SRC=a.txt
RUN --mount=type=$KIND,target=$PLACE/c,id=$WHO,mode=\${MODE} --mount=source=$SRC,target=$PLACE/a stat -c '%n %a' /v/* > /seen
WORKDIR /w/x
RUN --mount=source=a.txt,target=../y/a cat /w/y/a >> /seen
`,
    { context: sources },
  ),
  mount('mount-cleaned-target', 'RUN --mount=type=tmpfs,target=/../../x/../y ls -d /y > /seen\n'),
  mount(
    'mount-in-dev',
    'RUN --mount=type=tmpfs,target=/dev/foo --mount=source=a.txt,target=/dev/bar/a ls -d /dev/foo /dev/bar > /seen && cat /dev/bar/a >> /seen\n',
    {
      context: sources,
    },
  ),
  mount('mount-heredoc', 'RUN --mount=source=a.txt,target=/a <<EOF\ncat /a > /seen\nEOF\n', { context: sources }),
  mount(
    'mount-onbuild',
    'FROM conf/onbuild AS o\nFROM conf/base\nONBUILD RUN --mount=type=bogus,target=/x true\nRUN --mount=type=tmpfs,target=/t true\n',
  ),
  mount(
    'mount-unreached-nonsense',
    'FROM conf/base\nRUN --mount=type=bogus,target=/x true\nFROM conf/base\nRUN true\n',
  ),
  mount('mount-network', 'RUN --network=none --mount=type=tmpfs,target=/t ls /sys/class/net > /seen\n'),
  ...(
    [
      ['type', '--mount=type=foo,target=/x', 'unsupported mount type "foo"'],
      ['root', '--mount=type=cache,target=/', 'invalid mount target "/"'],
      ['no-target', '--mount=type=tmpfs', 'invalid mount target "/"'],
      ['key', '--mount=type=bind,foo=x,target=/x', "unexpected key 'foo' in 'foo=x' (did you mean from?)"],
      ['field', '--mount=foo', "invalid field 'foo' must be a key=value pair"],
      [
        'from-variable',
        '--mount=from=$X,target=/x',
        "'from' doesn't support variable expansion, define alias stage instead",
      ],
      ['missing-secret', '--mount=type=secret,id=x,required', 'secret x: not found'],
      ['missing-agent', '--mount=type=ssh,required=true', 'no SSH key "" forwarded from the client'],
      ['missing-source', '--mount=source=nope,target=/x', '"/nope": not found'],
      ['cache-source', '--mount=type=cache,id=conf-x,source=/s,target=/x', 'open /s: no such file or directory'],
      ['file-on-folder', '--mount=source=Dockerfile,target=/etc', 'did not complete successfully: exit code: 1'],
      ['proc', '--mount=target=/proc/x', 'did not complete successfully: exit code: 1'],
      ['sys', '--mount=target=/sys/nope', 'did not complete successfully: exit code: 1'],
      ['over-proc', '--mount=type=tmpfs,target=/proc', 'did not complete successfully: exit code: 1'],
      ['security', '--security=insecure', 'unknown flag: --security'],
      ['device', '--device=gpu', 'device feature is only supported in Dockerfile frontend 1.14.0-labs or later'],
      ['network', '--network=host', 'network.host is not allowed'],
      ['itself', '--mount=from=me,target=/x', 'circular dependency detected on stage: me'],
      ['outside', '--mount=source=../../etc/passwd,target=/x', '"/etc/passwd": not found'],
    ] as const
  ).map(([name, flags, expectFailure]) =>
    mount(`mount-fails-${name}`, `FROM conf/base AS me\nRUN ${flags} true\n`, { expectFailure }),
  ),
  mount(
    'mount-fails-later-stage',
    'FROM conf/base AS first\nRUN --mount=from=second,target=/t cp /t/made /got\nFROM conf/base AS second\nRUN echo made > /made\nFROM first\n',
    {
      expectFailure: 'cannot mount from stage "second" to "/t", stage needs to be defined before current command',
    },
  ),
  {
    name: 'mount-classic',
    builders: ['classic'],
    dockerfile: 'FROM conf/base\nRUN --mount=type=tmpfs,target=/t true\n',
    expectFailure: 'the --mount option requires BuildKit',
  },
];
