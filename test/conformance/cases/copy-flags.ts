import type { ConformanceCase } from '../harness/case.ts';
import { archive, dir, file, hardlink, symlink } from '../harness/case.ts';

const tree = [
  dir('tree', { mode: 0o750, mtime: '1600000001.25' }),
  file('tree/a.txt', undefined, { mode: 0o640 }),
  file('tree/b.log'),
  dir('tree/sub', { mode: 0o711, mtime: '1600000002.5' }),
  file('tree/sub/c.txt', undefined, { uid: 1000, gid: 1000 }),
  file('tree/sub/d.log'),
  dir('tree/sub/deep', { mode: 0o1770, mtime: '1600000003' }),
  file('tree/sub/deep/e.txt'),
  dir('tree/only', { mtime: '1600000004' }),
  file('tree/only/f.log'),
  symlink('tree/link', 'a.txt', '1600000005'),
  symlink('tree/to-sub', 'sub'),
  hardlink('tree/same.txt', 'tree/a.txt'),
  file('top.txt'),
  file('top.log'),
];

const exclude = (name: string, flags: string, words: string, base = 'scratch'): ConformanceCase => ({
  name: `exclude-${name}`,
  dockerfile: `FROM ${base}\nCOPY ${flags} ${words}\n`,
  context: tree,
});

const failing = (name: string, line: string, buildkit: string): ConformanceCase => ({
  name,
  builders: ['buildkit'],
  dockerfile: `FROM scratch\n${line}\n`,
  context: tree,
  expectFailure: buildkit,
});

/** What `--exclude`, `--link` and the flags of other frontends do. The classic builder takes no notice of the first two. */
export const copyFlags: readonly ConformanceCase[] = [
  exclude('names-one-level', '--exclude=*.log', 'tree /t/'),
  exclude('any-depth', '--exclude=**/*.log', 'tree /t/'),
  exclude('folder', '--exclude=sub', 'tree /t/'),
  exclude('folder-slashes', '--exclude=/sub/ --exclude=./only', 'tree /t/'),
  exclude('not-from-context', '--exclude=tree/sub', 'tree /t/'),
  exclude('from-context-root', '--exclude=tree/*.log --exclude=top.*', '. /t/'),
  exclude('contents-only', '--exclude=sub/**', 'tree /t/'),
  exclude('all', '--exclude=*', 'tree /t/'),
  exclude('all-depths', '--exclude=**', 'tree /t/'),
  exclude('dot', '--exclude=. --exclude=..', 'tree /t/'),
  exclude('empty-pattern', '--exclude=', 'tree /t/'),
  exclude('exception', '--exclude=**/*.log --exclude=!sub/d.log', 'tree /t/'),
  exclude('exception-below', '--exclude=sub --exclude=!sub/deep/e.txt', 'tree /t/'),
  exclude('exception-wildcard', '--exclude=* --exclude=!**/e.txt', 'tree /t/'),
  exclude('exception-folder', '--exclude=* --exclude=!sub', 'tree /t/'),
  exclude('exception-misses', '--exclude=sub --exclude=!sub/zzz --exclude=!/only/f.log', 'tree /t/'),
  exclude('order', '--exclude=!a.txt --exclude=*.txt', 'tree /t/'),
  exclude('blanks', '--exclude=" sub " --exclude="! only"', 'tree /t/'),
  exclude('file-sources', '--exclude=* --exclude=top.log', 'top.log top.txt /t/'),
  exclude('wildcard-sources', '--exclude=sub/*.log --exclude=d.log', 'tree/s* tree/o* /t/'),
  exclude('link', '--exclude=link --exclude=to-sub', 'tree /t/'),
  exclude('hard-link', '--exclude=a.txt', 'tree /t/'),
  exclude('class', '--exclude=[ab].* --exclude=??? --exclude=**/[!d].txt', 'tree /t/'),
  exclude('chown', '--exclude=sub --chown=3:4', 'tree /t/'),
  { ...exclude('chown-chmod', '--exclude=only --chown=3:4 --chmod=u=rwX,go=', 'tree /t/'), builders: ['buildkit'] },
  exclude('link-flag', '--link --exclude=sub', 'tree /srv/t/', 'conf/base'),
  {
    name: 'exclude-into-folders',
    builders: ['buildkit'],
    dockerfile:
      'FROM conf/base\nCOPY --chmod=705 --chown=7:8 tree /t/\nCOPY --exclude=* --exclude=!sub/deep/e.txt --chmod=600 tree /t/\n',
    context: tree,
  },
  {
    name: 'exclude-from-stage',
    dockerfile:
      'FROM conf/base AS build\nRUN mkdir -p /o/x/y && echo a >/o/x/y/a && echo b >/o/b && ln -s x /o/l && touch -hd @1600000000 /o/x/y /o/x /o/b /o/l /o/x/y/a && chown -R 5:6 /o/x\nFROM scratch\nCOPY --from=build --exclude=b --exclude=l /o /o/\n',
    context: [],
    builders: ['buildkit'],
  },
  {
    name: 'exclude-add',
    builders: ['buildkit'],
    dockerfile: 'FROM scratch\nADD --exclude=*.log --exclude=sub tree /t/\n',
    context: tree,
  },
  {
    name: 'exclude-add-archive',
    dockerfile: 'FROM scratch\nADD --exclude=a --exclude=* x.tar /t/\n',
    context: [archive('x.tar', 'none', [file('a', 'a\n'), file('d/b', 'b\n')])],
  },
  {
    name: 'exclude-documents',
    builders: ['buildkit'],
    dockerfile: 'FROM scratch\nCOPY --exclude=A --exclude=*.log --exclude=sub <<A tree /t/\ntext\nA\n',
    context: tree,
  },
  {
    name: 'exclude-not-expanded',
    builders: ['buildkit'],
    dockerfile: 'FROM scratch\nARG X=sub\nCOPY --exclude=$X --exclude=on\\ly tree /t/\n',
    context: tree,
  },
  {
    name: 'exclude-onbuild',
    builders: ['buildkit'],
    dockerfile: 'FROM conf/base AS a\nONBUILD COPY --exclude=sub tree /t/\nFROM a\n',
    context: tree,
  },
  failing('exclude-bad-class', 'COPY --exclude=a[ tree /t/', 'invalid excludepatterns: [a[]: syntax error in pattern'),
  failing(
    'exclude-bad-exception',
    'COPY --exclude=a --exclude=! tree /t/',
    'invalid excludepatterns: [a !]: illegal exclusion pattern: "!"',
  ),
  failing('exclude-no-value', 'COPY --exclude tree /t/', 'missing a value on flag: --exclude'),
  failing('exclude-missing', 'COPY --exclude=a nothere /t/', 'lstat /nothere: no such file or directory'),
  {
    ...failing('parents-without-syntax', 'COPY --parents tree/a.txt /t/', 'unknown flag: --parents'),
    builders: ['buildkit', 'classic'],
  },
  {
    ...failing('parents-on-add', 'ADD --parents tree/a.txt /t/', 'unknown flag: --parents'),
    builders: ['buildkit', 'classic'],
  },
  {
    name: 'parents-classic-with-syntax',
    builders: ['classic'],
    dockerfile: '# syntax=docker/dockerfile:1-labs\nFROM scratch\nCOPY --parents tree/a.txt /t/\n',
    context: tree,
    expectFailure: 'unknown flag: --parents',
  },
  { name: 'link-file', dockerfile: 'FROM conf/base\nCOPY --link top.txt /srv/x\n', context: tree },
  { name: 'link-folder', dockerfile: 'FROM conf/base\nCOPY --link tree /new/a/b/\n', context: tree },
  {
    name: 'link-through-symlink',
    dockerfile: 'FROM conf/base\nRUN mkdir -p /real && ln -s real /way\nCOPY --link top.txt /way/\n',
    context: tree,
  },
  {
    name: 'link-over-symlinked-file',
    dockerfile: 'FROM conf/base\nRUN mkdir -p /real && ln -s /real/x /x\nCOPY --link top.txt /x\n',
    context: tree,
  },
  {
    name: 'link-into-folder-with-owner',
    dockerfile:
      'FROM conf/base\nRUN mkdir -p /o/p && chown 5:6 /o /o/p && chmod 700 /o/p\nCOPY --link tree/sub /o/p/\n',
    context: tree,
  },
  {
    name: 'link-chown',
    dockerfile: 'FROM conf/base\nCOPY --link --chown=11:12 tree /new/t\n',
    context: tree,
  },
  {
    name: 'link-chmod',
    builders: ['buildkit'],
    dockerfile: 'FROM conf/base\nCOPY --link --chmod=0705 tree /new/t\n',
    context: tree,
  },
  {
    name: 'link-from-stage',
    dockerfile: 'FROM scratch AS a\nCOPY tree /t/\nFROM conf/base\nCOPY --link --from=a /t/sub /srv/\n',
    context: tree,
  },
  {
    name: 'link-add-archive',
    dockerfile: 'FROM conf/base\nADD --link x.tar /srv/t/\n',
    context: [archive('x.tar', 'gzip', [file('a', 'a\n'), file('d/b', 'b\n', { uid: 3, gid: 4 })])],
  },
  {
    name: 'link-workdir-false',
    dockerfile: 'FROM conf/base\nWORKDIR /w\nCOPY --link=false top.txt .\nCOPY --link=TRUE top.log ./\n',
    context: tree,
  },
  {
    name: 'exclude-beside-links-that-lead-nowhere',
    builders: ['buildkit'],
    dockerfile:
      'FROM scratch\nCOPY --exclude=l . /x/\nCOPY --exclude=zz d /y/\nCOPY --exclude=zz --exclude=**/l . /z/\nCOPY . /all/\n',
    context: [
      file('a'),
      symlink('l', 'nowhere'),
      symlink('ok', 'd/f'),
      file('d/f'),
      symlink('d/m', 'nowhere'),
      symlink('d/l', '/etc'),
    ],
  },
];
