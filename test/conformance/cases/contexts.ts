import type { Builder, ConformanceCase, ContextEntry, SendAs } from '../harness/case.ts';
import { dir, file, hardlink, symlink } from '../harness/case.ts';

const entries: readonly ContextEntry[] = [
  file('own', 'own\n', { uid: 12, gid: 34, mode: 0o4751, mtime: '1300000000' }),
  dir('d', { uid: 5, gid: 6, mode: 0o2770, mtime: '1300000001' }),
  file('d/a', 'a\n', { mtime: '1300000002' }),
  hardlink('d/same', 'd/a'),
  symlink('link', 'd/a', '1300000003'),
  symlink('out', '/etc/passwd', '1300000004'),
  file('.dockerignore', 'd/a\n', { mtime: '1300000005' }),
];

const all = 'FROM conf/base\nCOPY . /all/\nCOPY --chown=app own d /srv/\nCOPY d/s* link /x/\n';
const tar = (compression: 'none' | 'gzip' | 'bzip2' | 'xz'): SendAs => ({ kind: 'stdin', compression });
const url: SendAs = { kind: 'url', compression: 'gzip' };
const failing = (buildkit: string, classic = buildkit): Readonly<Record<Builder, string>> => ({ buildkit, classic });

/** Contexts that are no folder. */
export const contexts: readonly ConformanceCase[] = [
  ...(['none', 'gzip', 'bzip2', 'xz'] as const).map((compression) => ({
    name: `context-tar-${compression}`,
    dockerfile: all,
    context: entries,
    sendAs: tar(compression),
  })),
  {
    name: 'context-tar-file',
    file: 'build/Other',
    dockerfile: 'FROM scratch\nCOPY own /x/\n',
    context: [...entries, file('Dockerfile', 'FROM nothing\n')],
    sendAs: tar('gzip'),
  },
  {
    name: 'context-tar-add',
    dockerfile: 'FROM conf/base\nADD d /x\nADD own /y\n',
    context: entries,
    sendAs: tar('none'),
  },
  {
    name: 'context-tar-ignores-itself',
    dockerfile: 'FROM scratch\nCOPY . /x/\n',
    context: [file('a', 'a\n', { mtime: '1300000000' }), file('.dockerignore', 'Dockerfile\n.dockerignore\n')],
    sendAs: tar('none'),
  },
  { name: 'context-url-tar', dockerfile: all, context: entries, sendAs: url },
  {
    name: 'context-url-dockerfile',
    dockerfile: '',
    web: [
      {
        path: 'Some',
        body: 'FROM conf/base\nCOPY . /x/\nRUN ls -A /x > /list\n',
        headers: { 'Last-Modified': 'Tue, 15 Nov 1994 12:45:26 GMT' },
      },
    ],
    sendAs: { kind: 'path', path: 'Some' },
  },
  {
    name: 'context-git',
    builders: ['buildkit'],
    dockerfile: '',
    repository: [[file('Dockerfile', 'FROM conf/base\nCOPY . /x\n'), file('.dockerignore', 'f\n'), file('f', 'f\n')]],
    sendAs: { kind: 'git', rest: '' },
  },
  {
    name: 'context-git-subdir',
    dockerfile: '',
    repository: [
      [file('sub/Dockerfile', 'FROM conf/base\nCOPY f d /x/\n'), file('sub/f', 'f\n'), file('sub/d/g', 'g\n')],
      [file('other', 'other\n')],
    ],
    refs: [{ kind: 'tag', name: 'first', at: 0 }],
    sendAs: { kind: 'git', rest: '#first:sub' },
  },
  {
    name: 'context-git-file',
    dockerfile: '',
    file: 'build/Other',
    repository: [[file('build/Other', 'FROM conf/base\nCOPY f /x/\n'), file('f', 'f\n')]],
    refs: [{ kind: 'branch', name: 'main2', at: 0 }],
    sendAs: { kind: 'git', rest: '#main2' },
  },
  {
    name: 'fail-context-tar-no-file',
    dockerfile: 'FROM scratch\n',
    file: 'gone',
    context: [file('a')],
    sendAs: { kind: 'path', path: 'sent' },
    expectFailure: failing('invalid response status 404', 'with status 404 Not Found: nothing here'),
  },
  {
    name: 'fail-context-git-ref',
    dockerfile: '',
    repository: [[file('Dockerfile', 'FROM conf/base\nENV a=b\n')]],
    sendAs: { kind: 'git', rest: '#nowhere' },
    expectFailure: failing(
      'repository does not contain ref nowhere',
      "unable to prepare context: unable to 'git clone' to temporary context directory: error fetching: ",
    ),
  },
  {
    name: 'fail-context-git-dockerfile',
    builders: ['buildkit'],
    dockerfile: '',
    repository: [[file('f', 'f\n')]],
    sendAs: { kind: 'git', rest: '#main' },
    expectFailure: 'failed to read dockerfile: open Dockerfile: no such file or directory',
  },
];
