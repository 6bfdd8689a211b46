import type { ConformanceCase } from '../harness/case.ts';
import { dir, file, symlink } from '../harness/case.ts';

const tree = [file('t/a'), dir('t/d', { mode: 0o700 }), file('t/d/x', 'x', { mode: 0o755 }), symlink('t/s', 'a')];

/** --chown and --chmod. */
export const ownership: readonly ConformanceCase[] = [
  {
    name: 'chown-forms',
    dockerfile: `FROM conf/base
COPY --chown=app a /by-user
COPY --chown=app:staff a /by-both
COPY --chown=1234 a /by-id
COPY --chown=12:34 a /by-ids
COPY --chown=bin:77 a /mixed
COPY --chown=3000000:3000001 a /big
`,
    context: [file('a')],
  },
  {
    name: 'chown-unknown',
    builders: ['buildkit'],
    dockerfile:
      'FROM conf/base\nCOPY --chown=nobody-here a /a\nCOPY --chown=:staff a /b\nCOPY --chown=app:no-group a /c\n',
    context: [file('a')],
  },
  {
    name: 'chown-tree',
    dockerfile: 'FROM conf/base\nCOPY --chown=app:app t /srv/new/deep\nCOPY --chown=app:app t /opt/data\n',
    context: tree,
  },
  {
    name: 'chown-root-is-a-number',
    builders: ['buildkit'],
    dockerfile: `FROM scratch
COPY --chown=root a /p/user
COPY etc /etc/
COPY --chown=root a /q/user
COPY --chown=5:root a /q/group
COPY --chown=root:5 a /q/both
`,
    context: [file('a'), file('etc/passwd', 'root:x:44:55::/:/x\n'), file('etc/group', 'root:x:66:\n')],
  },
  {
    name: 'chown-group-root-on-scratch',
    builders: ['buildkit'],
    dockerfile: 'FROM scratch\nCOPY --chown=5:root t /p/q\n',
    context: tree,
  },
  { name: 'chown-ids-on-scratch', dockerfile: 'FROM scratch\nCOPY --chown=7:8 t /p/q\n', context: tree },
  {
    name: 'chown-expanded',
    dockerfile: `FROM conf/base\nARG WHO=app\nCOPY --chown=\${WHO}:\${WHO} a /a\n`,
    context: [file('a')],
  },
  {
    name: 'user-does-not-own-copies',
    dockerfile: 'FROM conf/base\nUSER app\nCOPY a /srv/x/a\n',
    context: [file('a', 'a', { uid: 5, gid: 6 })],
  },
  {
    name: 'chmod-octal',
    builders: ['buildkit'],
    dockerfile:
      'FROM conf/base\nCOPY --chmod=0640 t /x/y\nCOPY --chmod=4755 t/a /suid\nCOPY --chmod=700 --chown=app t/d /opt/data\n',
    context: tree,
  },
  {
    name: 'chmod-of-made-folders',
    builders: ['buildkit'],
    dockerfile: `FROM conf/base
COPY --chmod=7777 t /p7777/q/
COPY --chmod=2775 t /p2775/q
COPY --chmod=0777 t /p0777/q/
COPY --chmod=0070 t/a /p0070/q/a
ADD --chmod=4755 t /opt/data/more/
`,
    context: tree,
  },
  {
    name: 'chmod-symbolic',
    builders: ['buildkit'],
    dockerfile:
      'FROM conf/base\nCOPY --chmod=u=rwX,go=rX t /x/y\nCOPY --chmod=a+x t/a /plus\nCOPY --chmod=go-rwx t/d /opt/minus\nCOPY --chmod=u+s,g=u,o= t/d/x /many\n',
    context: tree,
  },
  {
    name: 'chmod-add',
    builders: ['buildkit'],
    dockerfile: 'FROM conf/base\nADD --chmod=600 --chown=app:staff t /x\n',
    context: tree,
  },
];
