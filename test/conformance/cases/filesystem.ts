import type { ConformanceCase } from '../harness/case.ts';
import { archive, dir, file, hardlink, symlink } from '../harness/case.ts';

const lines = (...text: readonly string[]): string => `FROM conf/base\n${text.join('\n')}\n`;

const run = (name: string, ...commands: readonly string[]): ConformanceCase => ({
  name,
  dockerfile: lines(...commands.map((command) => `RUN ${command}`)),
});

const tree = [file('t/a'), file('t/sub/b'), dir('t/empty', { mode: 0o711 })];

/** What happens to files: links, replaced folders, renames, strange names and times. */
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
  // Names.
  {
    name: 'names-in-run',
    dockerfile: lines(
      'RUN cd /srv && touch -- "a b" "-dash" "new\\',
      'line" "back\\\\slash" \'quo"te\' "tab$(printf "\\t")x" "*star" "[x]" "#h" "é" "日本" "~" "%41" "a:b" ".dot" "..dots" "$(printf "\\001")"',
      'RUN cd /srv && touch "$(printf "%0250d" 1)" && mkdir -p "$(printf "%090d" 1)/$(printf "%090d" 2)/$(printf "%090d" 3)" && touch "$(printf "%090d" 1)/$(printf "%090d" 2)/$(printf "%090d" 3)/x"',
      'RUN rm "/srv/a b" /srv/-dash /srv/é && rm -r /srv/00000*',
    ),
  },
  run(
    'names-of-bytes',
    'touch "$(printf "/srv/latin\\377")" && mkdir "$(printf "/srv/d\\200")" && ln -s "$(printf "to\\376")" /srv/l',
    'rm "$(printf "/srv/latin\\377")"; touch "$(printf "/srv/d\\200/\\303")"',
  ),
  {
    name: 'names-spaces-in-words',
    dockerfile: lines(
      'COPY ["a b", "cd", "/srv/x y/"]',
      'COPY ["a b", "/srv/z"]',
      'ADD ["dir with space", "/srv/d s"]',
      'WORKDIR /srv/w w',
      'COPY c* .',
      'RUN touch "in w"',
    ),
    context: [file('a b'), file('cd'), file('dir with space/e f')],
  },
  {
    name: 'names-wild-characters',
    dockerfile: lines('COPY a[[]0].txt /srv/1/', 'COPY b?c /srv/2/', 'COPY d[?]e /srv/4'),
    context: [file('a[0].txt'), file('a0.txt'), file('b*c'), file('bxc'), file('d?e'), file('b*')],
    builders: ['buildkit'],
  },
  {
    name: 'names-wild-classic',
    dockerfile: lines('COPY a[[]0].txt /srv/1/', 'COPY b?c /srv/2/', 'COPY back\\\\slash.txt /srv/'),
    context: [file('a[0].txt'), file('a0.txt'), file('b*c'), file('back\\slash.txt')],
    builders: ['classic'],
  },
  {
    name: 'pattern-behind-link',
    dockerfile: lines('COPY to-dir/x* /srv/f/', 'COPY */x /srv/g/'),
    context: [symlink('to-dir', 'd'), file('d/x'), file('d/y')],
    builders: ['buildkit'],
  },
  {
    name: 'file-replaces-folder',
    dockerfile: lines('RUN mkdir -p /srv/a/b /srv/x', 'COPY a /srv/', 'COPY d /srv/', 'COPY a /opt/'),
    context: [file('a'), file('d/x')],
    builders: ['classic'],
  },
  {
    name: 'names-long-paths-in-context',
    dockerfile: lines('COPY n /srv/n', 'RUN mv /srv/n /srv/m'),
    context: [
      file(`n/${'x'.repeat(240)}`),
      file(`n/${'d/'.repeat(90)}f`),
      file(`n/${'e'.repeat(200)}/${'f'.repeat(120)}`),
      symlink('n/l', `${'t'.repeat(200)}/${'u'.repeat(200)}`),
      hardlink(`n/${'h'.repeat(120)}`, `n/${'x'.repeat(240)}`),
    ],
  },
  {
    name: 'names-dots-and-slashes',
    dockerfile: lines(
      'WORKDIR /srv/w',
      'COPY ./t/./sub/../a ./x/./y',
      'COPY .//t//sub/ ./z//',
      'COPY t/. .',
      'COPY t/sub/b ../up',
      'COPY t/a /srv/./q/../r',
      'COPY /t/a //srv//s',
    ),
    context: tree,
  },
  {
    name: 'names-dot-files',
    dockerfile: lines('COPY . /srv/all/', 'COPY .* /srv/dots/', 'COPY .config/. /srv/c'),
    context: [file('.env'), file('.config/x'), file('.config/.y'), file('plain'), file('...'), file('..x')],
    builders: ['buildkit'],
  },
  {
    name: 'deep-tree',
    dockerfile: lines(`COPY d /srv/d`, `RUN rm -r /srv/d/${'s/'.repeat(20)}s`, `COPY d/s/s /srv/d/s`),
    context: [file(`d/${'s/'.repeat(60)}f`), file('d/s/g')],
  },
  // Several sources and patterns.
  {
    name: 'sources-overlap',
    dockerfile: lines('COPY t t/a t/sub /srv/', 'COPY x/f y/f /srv/both/', 'COPY x y /srv/merged/'),
    context: [...tree, file('x/f', 'x'), file('y/f', 'y'), file('x/d/1'), file('y/d/2'), dir('y/d', { mode: 0o700 })],
  },
  {
    name: 'sources-by-pattern',
    dockerfile: lines(
      'COPY *.t?t /srv/1/',
      'COPY [a-c].txt /srv/2/',
      'COPY [^a]*.md /srv/3/',
      'COPY */*.go /srv/4/',
      'COPY */sub/? /srv/5/',
      'COPY d?r /srv/6/',
      'COPY *.only /srv/single',
      'ADD *.txt dir* /srv/7/',
    ),
    context: [
      'a.txt',
      'b.txt',
      'd.txt',
      'a.md',
      'b.md',
      'm/x.go',
      'n/y.go',
      'n/z.c',
      'm/sub/q',
      'dir/in',
      'one.only',
    ].map((name) => file(name)),
  },
  {
    name: 'sources-pattern-one-match-into-folder',
    dockerfile: lines('COPY a*.txt /opt/data', 'COPY d* /opt/data', 'COPY no-match* a*.txt /srv/x/'),
    context: [file('abc.txt'), file('dir/in')],
    builders: ['buildkit'],
  },
  {
    name: 'context-root',
    dockerfile: lines('COPY . .', 'COPY / /srv/slash', 'COPY ./ /srv/dot/', 'ADD . /srv/added'),
    context: [file('a'), file('d/b'), dir('e')],
  },
  {
    name: 'context-root-modes',
    dockerfile: 'FROM scratch\nCOPY . /root-of-context\nCOPY . /\n',
    context: [dir('.', { mode: 0o750, mtime: '1500000000.25' }), file('a')],
  },
  // Times.
  {
    name: 'times-of-files',
    dockerfile: lines(
      'COPY t /srv/t',
      'COPY t/nanos t/past /srv/',
      'ADD t/future /srv/',
      'RUN ls /srv/t/past > /srv/l; touch -d @-5 /srv/t/nanos 2>/dev/null || true',
    ),
    context: [
      file('t/nanos', 'x', { mtime: '1699999999.999999999' }),
      file('t/half', 'x', { mtime: '1699999998.5' }),
      file('t/past', 'x', { mtime: '-1234567.25' }),
      file('t/zero', 'x', { mtime: '0' }),
      file('t/future', 'x', { mtime: '4102444800.000000001' }),
      file('t/y2262', 'x', { mtime: '9000000000' }),
      symlink('t/link', 'half', '1500000000.5'),
      dir('t/dir', { mtime: '-1.5' }),
    ],
  },
  {
    name: 'times-in-archives',
    dockerfile: lines('ADD a.tar /srv/a/', 'ADD b.tar.xz /srv/'),
    context: [
      archive('a.tar', 'none', [
        file('nanos', 'x', { mtime: '1699999999.999999999' }),
        file('past', 'x', { mtime: '-1234567.25' }),
        file('far', 'x', { mtime: '15000000000' }),
        dir('d', { mtime: '1400000000.5' }),
        symlink('l', 'x', '1400000000.75'),
      ]),
      archive('b.tar.xz', 'xz', [file('x/y/z', 'deep', { mtime: '1234567890' })]),
    ],
  },
  {
    name: 'times-between-stages',
    dockerfile:
      'FROM conf/base AS s\nCOPY t /t\nRUN touch -d @1111111111 /t/a && touch -d "2001-02-03 04:05:06.789" /t/sub/b && touch -h -d @1222222222 /t/l 2>/dev/null || true\nFROM conf/base\nCOPY --from=s /t /t\nCOPY --from=s /t/sub/b /t/a /one/\n',
    context: [...tree, symlink('t/l', 'a', '1333333333.5')],
  },
  {
    name: 'eight-megabytes',
    dockerfile: 'FROM scratch\nCOPY big /big\nCOPY big /again/\n',
    context: [file('big', Buffer.alloc(8 * 1024 * 1024 + 7, 'layer by layer '))],
  },
  // Archives that go over what is there.
  {
    name: 'archive-over-links',
    dockerfile: lines('ADD a.tar /', 'ADD b.tar /opt/current'),
    context: [
      archive('a.tar', 'none', [
        file('lib/two.txt', 'in lib', { mtime: '1400000000' }),
        file('var/run/pid', '1', { mtime: '1400000000' }),
        symlink('opt/current', 'elsewhere', '1400000000'),
      ]),
      archive('b.tar', 'none', [file('x', 'x', { mtime: '1400000000' })]),
    ],
    builders: ['classic'],
  },
  {
    name: 'archive-replaces',
    dockerfile: lines('ADD a.tar /opt/', 'ADD a.tar /srv/new/deep', 'ADD a.tar /opt/data/'),
    context: [
      archive('a.tar', 'none', [
        file('data/a.txt', 'new a', { mode: 0o600, mtime: '1400000000' }),
        symlink('data/b.txt', 'a.txt', '1400000000'),
        dir('data/sub', { mode: 0o2770, gid: 50, mtime: '1400000000' }),
        file('tool', 'tool', { mode: 0o755, mtime: '1400000000' }),
      ]),
    ],
  },
  {
    name: 'archive-by-name-and-not',
    dockerfile: lines('ADD plain.txt packed.bin half.tar.gz empty.tar /srv/x/', 'ADD packed.bin /srv/file'),
    context: [
      file('plain.txt'),
      archive('packed.bin', 'bzip2', [file('in', 'in', { mtime: '1400000000' })]),
      file('half.tar.gz', Buffer.from('1f8b080000000000', 'hex')),
      file('empty.tar', ''),
    ],
    builders: ['buildkit'],
  },
  {
    name: 'archive-special-files',
    dockerfile: lines('ADD a.tar /srv/'),
    context: [
      archive('a.tar', 'none', [
        { kind: 'fifo', path: 'p', mode: 0o620, mtime: '1400000000' },
        { kind: 'device', path: 'null', type: 'c', major: 1, minor: 3, mtime: '1400000000' },
        { kind: 'sparse', path: 'hole', size: 100_000, tail: 'end', mtime: '1400000000' },
        symlink('dangling', '/no/where', '1400000000'),
      ]),
    ],
  },
];
