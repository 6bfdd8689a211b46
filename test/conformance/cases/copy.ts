import type { ConformanceCase } from '../harness/case.ts';
import { dir, file, hardlink, symlink } from '../harness/case.ts';

/** What COPY takes from the context, and how it arrives. */
export const copy: readonly ConformanceCase[] = [
  { name: 'copy-file', dockerfile: 'FROM scratch\nCOPY a /a\n', context: [file('a', 'hello\n', { mode: 0o640 })] },
  { name: 'copy-rename', dockerfile: 'FROM conf/base\nCOPY a /srv/b\n', context: [file('a')] },
  { name: 'copy-into-slash', dockerfile: 'FROM conf/base\nCOPY a /srv/\nCOPY a .\n', context: [file('a')] },
  { name: 'copy-json', dockerfile: 'FROM conf/base\nCOPY ["a b", "c d/"]\n', context: [file('a b')] },
  {
    name: 'copy-dir',
    dockerfile: 'FROM conf/base\nCOPY tree /srv/tree\n',
    context: [
      dir('tree', { mode: 0o750, mtime: '1600000001.25' }),
      file('tree/a', 'a\n', { mode: 0o604 }),
      dir('tree/empty', { mode: 0o700, mtime: '1600000002' }),
      file('tree/sub/b', 'b\n', { uid: 1000, gid: 1000 }),
      file('tree/sub.txt'),
      file('tree/empty.txt', ''),
    ],
  },
  {
    name: 'copy-context',
    dockerfile: 'FROM scratch\nCOPY . /\n',
    context: [file('a'), file('d/b'), dir('d/e', { mode: 0o777 }), symlink('s', 'd/b')],
  },
  {
    name: 'copy-context-into-dir',
    dockerfile: 'FROM conf/base\nWORKDIR /app\nCOPY . .\n',
    context: [file('a'), file('d/b')],
  },
  {
    name: 'copy-several',
    dockerfile: 'FROM conf/base\nCOPY b a tree /dest/\n',
    context: [file('a'), file('b'), file('tree/c'), file('tree/d/e')],
  },
  {
    name: 'copy-wildcard',
    dockerfile: 'FROM conf/base\nCOPY *.txt /one/\nCOPY dir?/*.md /two/\nCOPY [ab].txt /three/\nCOPY a.t* /single\n',
    context: [file('a.txt'), file('b.txt'), file('c.dat'), file('dir1/x.md'), file('dir2/y.md'), file('dir2/z.txt')],
  },
  {
    name: 'copy-wildcard-dirs',
    dockerfile: 'FROM conf/base\nCOPY d* /into/\n',
    context: [file('d1/a'), file('d2/b'), file('d3')],
  },
  {
    name: 'copy-symlinks',
    dockerfile: 'FROM conf/base\nCOPY tree /t\nCOPY tree/to-file /followed\nCOPY to-dir /followed-dir\n',
    context: [
      file('tree/file'),
      symlink('tree/to-file', 'file'),
      symlink('tree/dangling', 'nowhere', '1600000003.5'),
      symlink('tree/absolute', '/etc/passwd'),
      symlink('tree/up', '../../../etc'),
      symlink('tree/dir-link', 'sub'),
      file('tree/sub/x'),
      symlink('to-dir', 'tree/sub'),
    ],
  },
  {
    name: 'copy-hardlinks',
    dockerfile: 'FROM conf/base\nCOPY tree /t\nCOPY tree/a tree/b /pair/\n',
    context: [file('tree/a'), hardlink('tree/b', 'tree/a'), file('tree/c'), hardlink('tree/d/e', 'tree/c')],
  },
  {
    name: 'copy-modes',
    dockerfile: 'FROM scratch\nCOPY m /m\n',
    context: [
      file('m/setuid', 'x', { mode: 0o4755 }),
      file('m/setgid', 'x', { mode: 0o2755 }),
      file('m/none', 'x', { mode: 0 }),
      file('m/all', 'x', { mode: 0o7777 }),
      dir('m/sticky', { mode: 0o1777 }),
      dir('m/sgid-dir', { mode: 0o2775 }),
      file('m/sgid-dir/inside'),
    ],
  },
  {
    name: 'copy-times',
    dockerfile: 'FROM scratch\nCOPY t /t\n',
    context: [
      file('t/epoch', 'x', { mtime: '0' }),
      file('t/old', 'x', { mtime: '-86400' }),
      file('t/late', 'x', { mtime: '8589934592.75' }),
      file('t/nines', 'x', { mtime: '1699999999.999999999' }),
      dir('t/dir', { mtime: '978307200.1' }),
    ],
  },
  {
    name: 'copy-fifo',
    dockerfile: 'FROM conf/base\nCOPY d /d\n',
    context: [{ kind: 'fifo', path: 'd/pipe', mode: 0o620 }, file('d/file')],
  },
  {
    name: 'copy-xattrs',
    dockerfile: 'FROM conf/base\nCOPY x /x\n',
    context: [
      file('x/capable', '#!', {
        mode: 0o755,
        xattrs: { 'security.capability': '0100000200040000000000000000000000000000' },
      }),
      file('x/user', 'x', { xattrs: { 'user.comment': '6869' } }),
    ],
  },
  {
    name: 'copy-sparse',
    dockerfile: 'FROM scratch\nCOPY s /s\n',
    context: [{ kind: 'sparse', path: 's', size: 3_000_000, tail: 'end' }],
  },
  {
    name: 'copy-sizes',
    dockerfile: 'FROM scratch\nCOPY s /s\n',
    context: [0, 1, 511, 512, 513, 32_768, 65_537, 1_048_577].map((size) =>
      file(`s/${size}`, Buffer.alloc(size, `${size}.`)),
    ),
  },
  {
    name: 'copy-same-twice',
    dockerfile: 'FROM conf/base\nCOPY a /srv/a\nCOPY a /srv/a\n',
    context: [file('a')],
  },
  {
    name: 'copy-missing-wildcard',
    builders: ['buildkit'],
    dockerfile: 'FROM conf/base\nCOPY none* /x/\n',
    context: [file('a')],
  },
  {
    name: 'copy-many',
    dockerfile: 'FROM scratch\nCOPY many /many\n',
    context: Array.from({ length: 300 }, (_, i) => file(`many/d${i % 7}/f${i}`, `${i}\n`.repeat(i % 40))),
  },
  {
    // So many that threads copy them, among what they leave alone: large ones, links, names with attributes.
    name: 'copy-by-threads',
    dockerfile: 'FROM conf/base\nCOPY many /many\nCOPY --chown=5:6 many /owned\nCOPY --from=conf/base /bin /bin2\n',
    context: [
      dir('many', { mode: 0o755, mtime: '1600000001.25' }),
      dir('many/d2', { mode: 0o2775, gid: 50 }),
      dir('many/d3', { mode: 0o700 }),
      ...Array.from({ length: 1800 }, (_, i) =>
        file(`many/d${i % 17}/f${i}`, `${i}\n`.repeat(1 + (i % 400)), {
          mode: [0o644, 0o755, 0o600, 0o4711][i % 4] as number,
          mtime: `${1600000000 + i}.${String(i).padStart(9, '0')}`,
          ...(i % 300 === 0 ? { xattrs: { 'user.note': '6b657074' } } : {}),
        }),
      ),
      file('many/d1/large', 'large\n'.repeat(60_000)),
      file('many/d1/zz-behind'),
      file('many/d4/empty', ''),
      symlink('many/d5/link', 'f5'),
      hardlink('many/d6/again', 'many/d6/f6'),
    ],
  },
  { name: 'copy-empty-dir', dockerfile: 'FROM scratch\nCOPY e /e\nCOPY e /\n', context: [dir('e', { mode: 0o711 })] },
  {
    name: 'copy-dotdot',
    builders: ['buildkit'],
    dockerfile: 'FROM conf/base\nCOPY ../a ./d/../b /x/\n',
    context: [file('a'), file('b'), file('d/c')],
  },
  {
    name: 'copy-chained',
    dockerfile: `FROM scratch\n${Array.from({ length: 30 }, (_, i) => `COPY f${i} /d${i % 3}/f${i}`).join('\n')}\n`,
    context: Array.from({ length: 30 }, (_, i) => file(`f${i}`)),
  },
];
