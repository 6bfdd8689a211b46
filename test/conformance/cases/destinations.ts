import type { ConformanceCase } from '../harness/case.ts';
import { dir, file, symlink } from '../harness/case.ts';

const tree = [file('tree/a'), file('tree/sub/c.txt', 'new c\n', { mode: 0o600 }), dir('tree/sub', { mode: 0o770 })];

/** Where COPY puts things when something is there already, or nothing is. */
export const destinations: readonly ConformanceCase[] = [
  {
    name: 'into-missing-parents',
    dockerfile: 'FROM conf/base\nCOPY a /new/deep/er/a\nCOPY tree /other/deep/tree\n',
    context: [file('a'), ...tree],
  },
  {
    name: 'into-existing-dir',
    dockerfile: 'FROM conf/base\nCOPY a /opt/data\nCOPY tree /opt/data\n',
    context: [file('a'), ...tree],
  },
  {
    name: 'several-without-slash',
    builders: ['buildkit'],
    dockerfile: 'FROM conf/base\nCOPY a b /x\nCOPY a b /opt/data\n',
    context: [file('a'), file('b')],
  },
  {
    name: 'over-file',
    dockerfile: 'FROM conf/base\nCOPY a /etc/motd\nCOPY a /opt/tool\n',
    context: [file('a', 'short')],
  },
  {
    name: 'over-symlink',
    dockerfile:
      'FROM conf/base\nRUN ln -s /etc/motd /srv/link && ln -s nowhere /srv/dangling\nCOPY a /srv/link\nCOPY a /srv/dangling\n',
    context: [file('a')],
  },
  {
    name: 'through-symlink-dir',
    dockerfile: 'FROM conf/base\nCOPY a /lib/a\nCOPY a /lib/\nCOPY a /opt/current/\nCOPY a /opt/absolute/x\n',
    context: [file('a')],
  },
  {
    name: 'dir-through-symlink',
    dockerfile: 'FROM conf/base\nCOPY tree /opt/current\nCOPY tree /lib/\n',
    context: tree,
  },
  {
    name: 'through-absolute-symlink',
    dockerfile: 'FROM conf/base\nCOPY a /var/run/pid\nCOPY tree /var/run/\n',
    context: [file('a'), ...tree],
  },
  {
    name: 'through-dangling-symlink',
    builders: ['buildkit'],
    dockerfile: 'FROM conf/base\nRUN ln -s /nowhere/yet /opt/dangling\nCOPY a /opt/dangling/\n',
    context: [file('a')],
  },
  {
    name: 'symlink-escape',
    dockerfile: 'FROM conf/base\nRUN ln -s ../../../../../../tmp /opt/up\nCOPY a /opt/up/a\n',
    context: [file('a')],
  },
  {
    name: 'dir-with-symlink-over-dir',
    dockerfile: 'FROM conf/base\nCOPY t /opt/data\n',
    context: [symlink('t/link', 'a.txt'), file('t/b.txt', 'replaced\n', { mode: 0o444 })],
  },
  {
    name: 'relative-to-workdir',
    dockerfile: 'FROM conf/base\nWORKDIR /srv/app\nCOPY a b\nCOPY a c/\nCOPY a ../d\nCOPY tree .\n',
    context: [file('a'), ...tree],
  },
  {
    name: 'nested-existing-dirs',
    dockerfile: 'FROM conf/base\nCOPY t /opt\n',
    context: [dir('t/data/sub', { mode: 0o700 }), file('t/data/sub/c.txt', 'c2\n')],
  },
  {
    name: 'dir-over-nothing-slash',
    dockerfile: 'FROM conf/base\nCOPY tree/ /x/y/\nCOPY tree/sub/. /z\n',
    context: tree,
  },
  { name: 'to-root', dockerfile: 'FROM conf/base\nCOPY tree /\nCOPY a /\n', context: [file('a'), ...tree] },
  {
    name: 'replace-then-again',
    dockerfile: 'FROM conf/base\nCOPY a /opt/data/a.txt\nRUN rm /opt/data/a.txt\nCOPY a /opt/data/a.txt\n',
    context: [file('a')],
  },
  { name: 'onto-deleted-dir', dockerfile: 'FROM conf/base\nRUN rm -r /opt/data\nCOPY tree /opt/data\n', context: tree },
];
