import type { ConformanceCase } from '../harness/case.ts';
import { archive, dir, file, symlink } from '../harness/case.ts';

const lines = (...text: readonly string[]): string => `FROM conf/base\n${text.join('\n')}\n`;

/** `cap_net_bind_service+ep`, revision 2, as setcap writes it. */
const CAPABLE = { 'security.capability': '0100000200040000000000000000000000000000' };

const odd = [
  file('t/suid', 'x', { mode: 0o4755 }),
  file('t/sgid', 'x', { mode: 0o2755 }),
  file('t/sgid-noexec', 'x', { mode: 0o2644 }),
  file('t/both', 'x', { mode: 0o6711 }),
  file('t/sticky', 'x', { mode: 0o1644 }),
  file('t/none', 'x', { mode: 0 }),
  dir('t/none-dir', { mode: 0 }),
  dir('t/sgid-dir', { mode: 0o2770 }),
  dir('t/sticky-dir', { mode: 0o1777 }),
  file('t/sticky-dir/in', 'in'),
];

/** Users, modes and capabilities: in sources, by flags, and by what RUN does. */
export const permissions: readonly ConformanceCase[] = [
  {
    name: 'modes-chowned',
    dockerfile: lines('COPY --chown=app:staff t /srv/t', 'COPY --chown=1:2 t/suid t/sgid t/both /srv/'),
    context: odd,
  },
  { name: 'modes-one-by-one', dockerfile: lines('COPY t/suid t/sgid t/sgid-noexec t/none /srv/'), context: odd },
  { name: 'modes-added', dockerfile: lines('ADD t /srv/t', 'ADD --chown=5 t/both /srv/'), context: odd },
  {
    name: 'modes-over-existing',
    dockerfile: lines('COPY t /srv/t', 'RUN chmod -R 777 /srv/t', 'COPY t /srv/t', 'COPY t/none /srv/t/all'),
    context: odd,
  },
  {
    name: 'modes-between-stages',
    dockerfile:
      'FROM conf/base AS s\nCOPY t /t\nRUN chmod 4755 /t/suid && chmod 2755 /t/sgid && chmod 6711 /t/both && chown app:staff /t/none\nFROM conf/base\nCOPY --from=s /t /kept\nCOPY --from=s --chown=9:9 /t /given\nCOPY --from=s /t/suid /t/both /one/\nCOPY --from=s --chown=7 /t/suid /t/both /two/\n',
    context: odd,
  },
  {
    name: 'modes-from-image',
    dockerfile: lines(
      'COPY --from=conf/base /opt/tool /srv/',
      'COPY --from=conf/base --chown=app /opt/tool /srv/owned',
    ),
  },
  {
    name: 'chmod-keeps-odd-bits',
    builders: ['buildkit'],
    dockerfile: lines(
      'COPY --chmod=u+x t /srv/a',
      'COPY --chmod=g-s,o-t t /srv/b',
      'COPY --chmod=+t t/none /srv/c',
      'COPY --chmod=a=rX t /srv/d',
      'COPY --chmod=ug=rw,o= t/suid /srv/e',
      'COPY --chmod=0 t/suid /srv/f',
      'COPY --chmod=07777 t/none /srv/g',
      'COPY --chmod=u=g,g=o t/both /srv/h',
    ),
    context: odd,
  },
  {
    name: 'chmod-parents',
    builders: ['buildkit'],
    dockerfile: lines(
      'COPY --chmod=600 a /new/one/a',
      'COPY --chmod=u=rw a /new/two/a',
      'COPY --chmod=600 --chown=app d /new/three/d',
      'COPY --chmod=0700 d/ /opt/data/',
    ),
    context: [file('a'), file('d/x'), symlink('d/l', 'x')],
  },
  {
    name: 'chmod-expanded',
    builders: ['buildkit'],
    dockerfile: lines('ARG MODE=0751', `COPY --chmod=\${MODE} a /srv/a`, `ADD --chmod=\${NOPE:-u+x} a /srv/b`),
    context: [file('a')],
  },
  {
    name: 'chown-group-alone',
    builders: ['buildkit'],
    dockerfile: lines('COPY --chown=:50 a /srv/a', 'COPY --chown=: a /srv/b', 'COPY --chown=app: a /srv/c'),
    context: [file('a')],
  },
  {
    name: 'chown-name-without-group',
    dockerfile: lines(
      'RUN echo "lonely:x:77:88::/:/bin/sh" >> /etc/passwd && echo "lonely:x:99:" >> /etc/group',
      'COPY --chown=lonely a /srv/a',
      'COPY --chown=lonely:lonely a /srv/b',
      'COPY --chown=77 a /srv/c',
      'COPY --chown=lonely:0 a /srv/d',
      'COPY --chown=0:lonely a /srv/e',
    ),
    context: [file('a')],
  },
  {
    name: 'chown-made-parents',
    dockerfile: lines('COPY --chown=app:staff a /x/y/z/a', 'COPY --chown=bin d /x/y/w/', 'COPY --chown=5:6 a /x/y/'),
    context: [file('a'), file('d/e/f')],
  },
  {
    name: 'chown-links',
    dockerfile: lines('COPY --chown=app d /srv/d', 'COPY --chown=app d/l /srv/'),
    context: [file('d/f'), symlink('d/l', 'f'), symlink('d/dangling', 'none')],
  },
  {
    name: 'chown-over-lower-layers',
    dockerfile: lines(
      'COPY d /srv/d',
      'RUN chown -R app:app /srv/d',
      'RUN chown -R app:app /srv/d',
      'RUN chown -hR 5:6 /opt',
      'RUN chgrp staff /etc/motd /srv',
    ),
    context: [file('d/a'), file('d/b/c'), symlink('d/l', 'a')],
  },
  {
    name: 'user-then-everything',
    dockerfile: lines(
      'USER app',
      'WORKDIR /srv/w/x',
      'COPY a .',
      'ADD a ./b',
      'USER 42',
      'WORKDIR y',
      'RUN id > /tmp/id; umask >> /tmp/id; touch /tmp/made; mkdir /tmp/dir',
      'USER 42:43',
      'RUN id >> /tmp/id2',
      'USER root',
      'WORKDIR /srv/z',
    ),
    context: [file('a')],
  },
  {
    name: 'user-forms',
    dockerfile: lines(
      'USER app:0',
      'RUN id > /tmp/1',
      'USER 1000:staff',
      'RUN id > /tmp/2',
      'USER 0:0',
      'RUN id > /tmp/3',
      'USER :50',
      'RUN id > /tmp/4',
      'USER 4294967',
      'RUN id > /tmp/5; echo $HOME >> /tmp/5',
    ),
  },
  {
    name: 'user-from-new-passwd',
    dockerfile: lines(
      'RUN echo "late:x:3000:3000:Late,,,:/home/late:/bin/sh" >> /etc/passwd; echo "late:x:3000:" >> /etc/group; echo "extra:x:3001:late" >> /etc/group',
      'USER late',
      'RUN id > /tmp/id; echo $HOME >> /tmp/id',
      'WORKDIR /home/late/x',
      'RUN touch here; id -G > /tmp/groups',
    ),
  },
  {
    name: 'umask-effects',
    dockerfile: lines(
      'RUN umask 077 && mkdir -p /srv/a/b && touch /srv/a/f && echo > /srv/a/b/c && ln -s x /srv/a/l && mkfifo /srv/a/p',
      'RUN umask 002 && mkdir /srv/g && touch /srv/g/f && chmod g+s /srv/g && mkdir /srv/g/sub && touch /srv/g/sub/f',
      'RUN umask',
    ),
  },
  {
    name: 'sgid-folder-inherits',
    dockerfile: lines(
      'RUN mkdir /srv/s && chgrp staff /srv/s && chmod 2775 /srv/s',
      'COPY a /srv/s/a',
      'COPY d /srv/s/d',
      'WORKDIR /srv/s/w',
      'RUN touch /srv/s/t && mkdir /srv/s/m',
    ),
    context: [file('a'), file('d/x'), dir('d/e')],
  },
  {
    name: 'zero-modes',
    dockerfile: lines(
      'COPY z /srv/z',
      'RUN cat /srv/z/f > /srv/read; chmod 0 /srv/z /srv/read /opt/data',
      'COPY z/f /srv/z/g',
      'RUN rm -r /srv/z/f',
    ),
    context: [file('z/f', 'f', { mode: 0 }), dir('z', { mode: 0 })],
  },
  {
    name: 'suid-in-run',
    dockerfile: lines(
      'RUN cp /bin/busybox /srv/s && chmod 4755 /srv/s && chown app /srv/s',
      'RUN chmod u+s,g+s /srv/s && mkdir /srv/t && chmod 3777 /srv/t',
      'RUN echo x >> /srv/s',
      'RUN chown app:app /opt/tool',
    ),
  },
  {
    name: 'capability-copied',
    dockerfile: lines('COPY c /srv/c', 'COPY c/cap /srv/one', 'COPY --chown=app c/cap /srv/owned', 'ADD c /srv/added'),
    context: [file('c/cap', '#!', { mode: 0o755, xattrs: CAPABLE }), file('c/plain')],
  },
  {
    name: 'capability-in-run',
    dockerfile: lines(
      'ADD a.tar /srv/',
      'RUN mv /srv/cap /srv/moved',
      'RUN chmod 700 /srv/moved',
      'RUN chown app /srv/moved',
      'ADD a.tar /srv/x/',
      'RUN cp -a /srv/x/cap /srv/x/copy; ln /srv/x/cap /srv/x/link; echo >> /srv/x/cap',
    ),
    context: [archive('a.tar', 'none', [file('cap', '#!', { mode: 0o755, mtime: '1400000000', xattrs: CAPABLE })])],
  },
  {
    name: 'capability-between-stages',
    dockerfile:
      'FROM conf/base AS s\nADD a.tar /s/\nFROM conf/base\nCOPY --from=s /s /all\nCOPY --from=s /s/cap /one\nCOPY --from=s --chown=app /s /owned\nRUN ls /all > /list\n',
    context: [archive('a.tar', 'none', [file('cap', '#!', { mode: 0o755, mtime: '1400000000', xattrs: CAPABLE })])],
  },
  {
    name: 'capability-revision-3',
    dockerfile: lines('ADD a.tar /srv/', 'COPY cap /srv/copied'),
    context: [
      archive('a.tar', 'none', [
        file('cap', '#!', {
          mode: 0o755,
          mtime: '1400000000',
          xattrs: { 'security.capability': '010000030004000000000000000000000000000000000000' },
        }),
      ]),
      file('cap', '#!', {
        xattrs: { 'security.capability': '0100000300040000000000000000000000000000e8030000' },
      }),
    ],
  },
  {
    name: 'xattrs-everywhere',
    dockerfile:
      'FROM conf/base AS s\nCOPY x /x\nADD a.tar /u/\nFROM conf/base\nCOPY --from=s /x /x\nCOPY --from=s /u /u\nRUN mv /x /moved\n',
    context: [
      file('x/f', 'f', { xattrs: { 'user.a': '61', 'user.empty': '', 'user.b': '00ff0a' } }),
      dir('x/d', { xattrs: { 'user.dir': '64' } }),
      archive('a.tar', 'none', [
        file('f', 'f', { mtime: '1400000000', xattrs: { 'user.a': '61' } }),
        dir('d', { mtime: '1400000000', xattrs: { 'user.dir': '64' } }),
      ]),
    ],
  },
  {
    name: 'owners-of-the-context',
    dockerfile: lines('COPY o /srv/o', 'COPY --chown=7 o /srv/p', 'ADD o/f /srv/', 'ADD a.tar /srv/a/'),
    context: [
      dir('o', { uid: 1000, gid: 50 }),
      file('o/f', 'f', { uid: 4_000_000, gid: 12 }),
      archive('a.tar', 'none', [
        dir('d', { uid: 3, gid: 4, mtime: '1' }),
        file('d/f', 'f', { uid: 70_000, mtime: '2' }),
      ]),
    ],
  },
  {
    name: 'whiteouts-in-set-group-folders',
    compat: ['28', '20.10'],
    dockerfile: lines(
      'RUN mkdir -p /s/d /s/o /p && chgrp 50 /s /p && chmod 2775 /s && touch /s/f /s/g /s/d/x /s/o/y /p/f && chgrp 7 /s/o && chmod 2755 /s/o',
      'RUN rm -r /s/f /s/d /s/o/y /p/f',
      'RUN rm /s/g && touch /s/g && rm -r /s/o && mkdir /s/o && touch /s/o/z',
      'RUN rm -r /s/o && chmod 755 /s',
      'RUN chown 3:4 /s && chmod 2700 /s && rm /s/g && rmdir /p',
    ),
  },
  {
    name: 'big-ids',
    dockerfile: lines(
      'COPY --chown=2097151:2097152 a /srv/a',
      'COPY --chown=4294967294 a /srv/b',
      'RUN chown 2097152:65536 /srv/a && touch /srv/c && chown 4000000000:4000000000 /srv/c',
    ),
    context: [file('a')],
  },
];
