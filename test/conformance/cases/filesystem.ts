import type { ConformanceCase } from '../harness/case.ts';
import { archive, dir, file, hardlink, symlink } from '../harness/case.ts';

const lines = (...text: readonly string[]): string => `FROM conf/base\n${text.join('\n')}\n`;

const run = (name: string, ...commands: readonly string[]): ConformanceCase => ({
  name,
  dockerfile: lines(...commands.map((command) => `RUN ${command}`)),
});

const tree = [file('t/a'), file('t/sub/b'), dir('t/empty', { mode: 0o711 })];

/** What happens to files: links, replaced folders, renames, special files. */
export const filesystem: readonly ConformanceCase[] = [
  // Destinations behind symbolic links.
  {
    name: 'link-chain',
    dockerfile: lines(
      'RUN ln -s l2 /srv/l1 && ln -s /srv/l3 /srv/l2 && ln -s ../opt/data /srv/l3',
      'COPY a /srv/l1/',
      'COPY a /srv/l1/new/a',
      'COPY t /srv/l1',
      'WORKDIR /srv/l1/w',
    ),
    context: [file('a'), ...tree],
  },
  {
    name: 'link-to-outside',
    dockerfile: lines(
      'RUN ln -s ../../../../../../../../srv/out /opt/up && mkdir /srv/out && ln -s /../../etc /opt/etc',
      'COPY a /opt/up/',
      'COPY t /opt/up/t',
      'COPY a /opt/etc/a',
      'COPY a /opt/up/../b',
    ),
    context: [file('a'), ...tree],
  },
  {
    name: 'link-dangling-file',
    dockerfile: lines('RUN ln -s /nowhere/x /srv/l && ln -s rel /srv/m', 'COPY a /srv/m', 'COPY a /srv/m'),
    context: [file('a')],
  },
  {
    name: 'link-dangling-folder',
    builders: ['buildkit'],
    dockerfile: lines('RUN ln -s /nowhere/x /srv/l', 'COPY t /srv/l', 'COPY a /srv/l/y/'),
    context: [file('a'), ...tree],
  },
  {
    name: 'link-parent-dangling',
    builders: ['buildkit'],
    dockerfile: lines('RUN ln -s /made /srv/l', 'COPY a /srv/l/deep/a', 'WORKDIR /srv/l/w'),
    context: [file('a')],
  },
  {
    name: 'link-replaced-by-copy',
    dockerfile: lines('COPY t /srv/t', 'COPY u /srv/t', 'COPY v/x /srv/t/l'),
    context: [
      symlink('t/l', 'a'),
      file('t/a'),
      file('u/l', 'a file now'),
      symlink('u/a', 'l'),
      symlink('v/x', 'y'),
      file('v/y'),
    ],
  },
  {
    name: 'link-in-lower-to-folder-copied-over',
    dockerfile: lines('COPY t /opt'),
    context: [file('t/current/new.txt'), file('t/data/a.txt')],
    builders: ['classic'],
  },
  {
    name: 'link-sources',
    dockerfile: lines('COPY l /srv/l', 'COPY chain /srv/', 'COPY to-dir /srv/d', 'COPY to-dir/ /srv/e'),
    context: [symlink('l', 'f'), file('f'), symlink('chain', 'l'), symlink('to-dir', 'd'), file('d/x'), file('d/y')],
  },
  {
    name: 'link-sources-in-stage',
    dockerfile:
      'FROM conf/base AS s\nRUN mkdir -p /s/real && echo 1 > /s/real/f && ln -s real /s/rel && ln -s /s/real /s/abs && ln -s ../../../s/real/f /s/up && ln -s /s/abs/f /s/chain\nFROM conf/base\nCOPY --from=s /s/rel /1\nCOPY --from=s /s/abs /2\nCOPY --from=s /s/up /3\nCOPY --from=s /s/chain /4\nCOPY --from=s /s /5\nCOPY --from=s /s/rel/f /s/abs/f /6/\n',
  },
  {
    name: 'link-loops-copied',
    dockerfile:
      'FROM conf/base AS s\nRUN mkdir /s && ln -s loop /s/loop && ln -s b /s/a && ln -s a /s/b && ln -s /no/where /s/out && ln -s ../up /s/up\nFROM conf/base\nCOPY --from=s /s /s\nCOPY t /t\n',
    context: [symlink('t/loop', 'loop'), symlink('t/a', 'b'), symlink('t/b', 'a'), symlink('t/out', '/no/where')],
  },
  {
    name: 'link-wildcards',
    dockerfile: lines('COPY l* /srv/'),
    context: [symlink('l1', 'f'), file('f'), symlink('l2', 'd'), file('d/x'), file('l3')],
  },
  run(
    'links-of-every-kind',
    'ln -s /etc/passwd /srv/abs && ln -s ../etc/passwd /srv/rel && ln -s . /srv/self && ln -s "a b" "/srv/sp ace" && ln -s "" /srv/none 2>/dev/null; ln -s x /srv/ü',
    'ln -sfn /tmp /srv/abs && ln -sf /opt/data /srv/rel',
    'rm /srv/self && ln -s .. /srv/self && touch -h -d @5 /srv/self 2>/dev/null; true',
  ),
  // Hard links.
  run(
    'hardlinks-across-layers',
    'echo 1 > /srv/a && ln /srv/a /srv/b && ln /srv/a /srv/c',
    'ln /srv/a /srv/d',
    'echo 2 >> /srv/b',
    'rm /srv/a',
    'ln /opt/data/a.txt /srv/e && ln /srv/e /opt/data/e',
    'chmod 600 /srv/e',
  ),
  run(
    'hardlinks-of-other-kinds',
    'mkfifo /srv/p && ln /srv/p /srv/q; ln -s x /srv/s; ln -P /srv/s /srv/t 2>/dev/null || true; mknod /srv/n c 1 3 && ln /srv/n /srv/m',
    'ln /srv/p /srv/r && rm /srv/q',
  ),
  {
    name: 'hardlinks-through-copy',
    dockerfile:
      'FROM conf/base AS s\nRUN mkdir /h && echo 1 > /h/a && ln /h/a /h/b && mkdir /h/d && ln /h/a /h/d/c\nRUN ln /h/b /h/later\nFROM conf/base\nCOPY --from=s /h /h\nCOPY --from=s /h/a /h/b /pair/\nCOPY --from=s /h/d /h/\nCOPY ctx /ctx\nRUN ln /h/a /h/again\n',
    context: [file('ctx/a'), hardlink('ctx/b/c', 'ctx/a'), hardlink('ctx/d', 'ctx/a')],
  },
  {
    name: 'hardlinks-in-archive',
    dockerfile: lines('ADD a.tar.gz /srv/', 'ADD --chown=app a.tar.gz /srv/owned/'),
    context: [
      archive('a.tar.gz', 'gzip', [
        file('d/one', '1', { mtime: '1400000000' }),
        hardlink('d/two', 'd/one'),
        hardlink('three', 'd/one'),
        symlink('s', 'd/one', '1400000000'),
      ]),
    ],
  },
  // Things that become other things.
  run(
    'kinds-change',
    'rm -r /opt/data && echo file > /opt/data',
    'rm /opt/data && mkdir /opt/data && echo again > /opt/data/a.txt',
    'rm -r /opt/data && ln -s /etc /opt/data',
    'rm /opt/data && mkfifo /opt/data',
    'rm /opt/data && mknod /opt/data c 1 5',
    'rm /opt/data && mkdir -p /opt/data/sub',
  ),
  {
    name: 'file-becomes-folder-by-copy',
    dockerfile: lines('COPY a /srv/x', 'RUN rm /srv/x', 'COPY t /srv/x', 'RUN rm -r /srv/x', 'COPY a /srv/x'),
    context: [file('a'), ...tree],
  },
  run(
    'delete-and-recreate',
    'rm -rf /opt/data/sub && mkdir /opt/data/sub && chmod 750 /opt/data/sub && chown app /opt/data/sub',
    'rm -rf /opt && mkdir /opt && touch /opt/new',
    'rm -rf /opt/* && mkdir -p /opt/data/sub && echo c > /opt/data/sub/c.txt',
  ),
  run(
    'opaque-folders',
    'rm -r /opt/data && mkdir -m 711 /opt/data',
    'touch /opt/data/one && rm -r /home && mkdir -p /home/app/.config && chown -R app /home',
    'rm -r /opt/data && mkdir /opt/data && rmdir /opt/data',
  ),
  run(
    'renames-of-lower-folders',
    'mv /opt/data /opt/moved',
    'mv /opt/moved /opt/data && mv /opt/data/sub /srv/sub',
    'mkdir /srv/new && mv /srv/new /srv/newer && mv /home/app /srv/',
    'mv /etc/motd /etc/passwd.bak; cp /etc/passwd.bak /etc/motd',
  ),
  run(
    'renames-over',
    'mv /opt/data/a.txt /opt/data/b.txt',
    'mkdir /srv/e && mv -T /srv/e /opt/data/empty 2>/dev/null || mv /srv/e /opt/data/empty',
  ),
  run(
    'touch-only',
    'touch -d @1500000000 /opt/data/a.txt',
    'touch -d @1500000001 /opt',
    'touch -d @1500000002 /srv/none',
  ),
  run(
    'same-content-rewritten',
    'cat /etc/motd > /tmp/m && cat /tmp/m > /etc/motd && rm /tmp/m',
    'chmod 644 /etc/motd',
    'chown 0:0 /etc/motd /opt',
  ),
  run(
    'read-only-commands',
    'cat /etc/passwd > /dev/null',
    'ls -lR /opt > /dev/null; find / -xdev > /dev/null',
    'test -d /srv',
  ),
  run(
    'empty-things',
    'touch /srv/0 && : > /srv/00 && mkdir /srv/d && mkdir -p /srv/e/e/e/e',
    'rmdir /srv/d && rmdir -p /srv/e/e/e/e 2>/dev/null; true',
    'truncate -s 0 /etc/motd',
  ),
  run(
    'sparse-in-run',
    'truncate -s 3000000 /srv/hole && dd if=/dev/zero of=/srv/tail bs=1 count=3 seek=2000000 2>/dev/null',
    'truncate -s 4000000 /srv/hole',
  ),
  {
    name: 'sparse-in-context-and-stage',
    dockerfile:
      'FROM conf/base AS s\nCOPY s /srv/\nRUN echo end >> /srv/s\nFROM conf/base\nCOPY --from=s /srv/s /srv/t\nCOPY s /srv/\n',
    context: [{ kind: 'sparse', path: 's', size: 6_000_000, tail: 'end' }],
  },
  run(
    'devices-and-sockets',
    'mknod /srv/zero c 1 5; mknod -m 600 /srv/loop b 7 1; mkfifo -m 622 /srv/p',
    'rm /srv/zero; chmod 666 /srv/loop; chown app /srv/p; mv /srv/p /srv/pp',
  ),
  run('devices-big-numbers', 'mknod /srv/a c 259 300; mknod /srv/b b 4095 1048575'),
  {
    name: 'special-files-of-the-context',
    dockerfile: lines('COPY d /srv/d'),
    context: [{ kind: 'fifo', path: 'd/pipe' }, { kind: 'socket', path: 'd/socket' }, file('d/x')],
  },
  {
    name: 'fifo-by-name',
    // The classic builder opens the fifo to hash it, and waits for a writer for ever.
    builders: ['buildkit'],
    dockerfile: lines('COPY d/pipe /srv/'),
    context: [{ kind: 'fifo', path: 'd/pipe' }],
  },
  {
    name: 'special-files-between-stages',
    // Here too the classic builder reads the fifo.
    builders: ['buildkit'],
    dockerfile:
      'FROM conf/base AS s\nRUN mkdir /d && mkfifo /d/p && mknod /d/null c 1 3 && mknod /d/blk b 7 3 && chown app /d/p\nFROM conf/base\nCOPY --from=s /d /d\nCOPY --from=s --chown=bin /d /owned\n',
  },
];
