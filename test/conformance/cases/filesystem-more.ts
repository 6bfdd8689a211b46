import type { ConformanceCase } from '../harness/case.ts';
import { archive, dir, file, hardlink, symlink } from '../harness/case.ts';

const lines = (...text: readonly string[]): string => `FROM conf/base\n${text.join('\n')}\n`;

const run = (name: string, ...commands: readonly string[]): ConformanceCase => ({
  name,
  dockerfile: lines(...commands.map((command) => `RUN ${command}`)),
});

const tree = [file('t/a'), file('t/sub/b'), dir('t/empty', { mode: 0o711 })];

/** Strange names, sources, times and archives. */
export const filesystemMore: readonly ConformanceCase[] = [
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
    name: 'links-to-the-root',
    dockerfile: `FROM conf/base AS s
RUN mkdir /q && ln -s / /q/root && ln -s .. /q/up && touch /q/f
FROM conf/base
COPY here /a/
COPY d /b/
COPY here d/z /c/
COPY --from=s /q /d/
`,
    context: [symlink('here', '.'), symlink('d/up', '..'), symlink('d/root', '/'), file('d/z'), file('f')],
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
