import type { ConformanceCase, ContextEntry } from '../harness/case.ts';
import { archive, dir, file, hardlink, symlink } from '../harness/case.ts';

const contents: readonly ContextEntry[] = [
  dir('top', { mode: 0o750, uid: 10, gid: 20, mtime: '1400000000' }),
  file('top/a', 'a in the archive\n', { uid: 1000, gid: 1000, mode: 0o640, mtime: '1400000001' }),
  file('top/bin/run', '#!/bin/sh\n', { mode: 0o4755, mtime: '1400000002' }),
  symlink('top/link', 'a', '1400000003'),
  hardlink('top/same', 'top/a'),
];

/** ADD: as COPY, and archives that unpack. */
export const add: readonly ConformanceCase[] = [
  {
    name: 'add-plain',
    dockerfile: 'FROM conf/base\nADD a /x/\nADD t /y\n',
    context: [file('a'), file('t/b'), file('t/c/d')],
  },
  ...(['none', 'gzip', 'bzip2', 'xz', 'zstd'] as const).map((compression) => ({
    name: `add-tar-${compression}`,
    dockerfile: 'FROM conf/base\nADD archive /unpacked/\n',
    context: [archive('archive', compression, contents)],
  })),
  {
    name: 'add-tar-no-slash',
    dockerfile: 'FROM scratch\nADD a.tar.gz /dest\n',
    context: [archive('a.tar.gz', 'gzip', contents)],
  },
  {
    name: 'add-tar-over-dirs',
    dockerfile: 'FROM conf/base\nADD a.tar /\n',
    context: [
      archive('a.tar', 'none', [
        dir('opt', { mode: 0o711, mtime: '1400000000' }),
        dir('opt/data', { mode: 0o777, uid: 3, mtime: '1400000000' }),
        file('opt/data/a.txt', 'replaced\n', { mtime: '1400000000' }),
        symlink('opt/tool', 'elsewhere', '1400000000'),
      ]),
    ],
  },
  {
    name: 'add-tar-chown',
    dockerfile: 'FROM conf/base\nADD --chown=app:staff a.tar /x/\n',
    context: [archive('a.tar', 'none', contents)],
  },
  { name: 'copy-tar-stays', dockerfile: 'FROM scratch\nCOPY a.tar /\n', context: [archive('a.tar', 'none', contents)] },
  {
    name: 'add-not-quite-tar',
    dockerfile: 'FROM scratch\nADD a.tar.gz /\n',
    context: [file('a.tar.gz', 'not an archive')],
  },
  {
    name: 'add-tar-and-file',
    dockerfile: 'FROM scratch\nADD a.tar f /d/\n',
    context: [archive('a.tar', 'none', contents), file('f')],
  },
  {
    name: 'add-tar-xattrs',
    dockerfile: 'FROM conf/base\nADD a.tar /d/\n',
    context: [
      archive('a.tar', 'none', [
        file('capable', 'x', {
          mode: 0o755,
          mtime: '1400000000',
          xattrs: { 'security.capability': '0100000200040000000000000000000000000000', 'user.note': '6869' },
        }),
      ]),
    ],
  },
  {
    name: 'add-tar-big-owner',
    dockerfile: 'FROM scratch\nADD a.tar /d/\n',
    context: [archive('a.tar', 'none', [file('f', 'x', { uid: 3_000_000, gid: 2_097_152, mtime: '-5' })])],
  },
  {
    name: 'add-tar-long-names',
    dockerfile: 'FROM scratch\nADD a.tar /d/\n',
    context: [
      archive('a.tar', 'none', [
        file(`${'p'.repeat(120)}/${'n'.repeat(200)}`),
        file('grüße'),
        symlink('l', 't'.repeat(150)),
      ]),
    ],
  },
];
