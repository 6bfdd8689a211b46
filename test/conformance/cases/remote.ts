import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Builder, ConformanceCase, ContextEntry, GitRef, WebFile } from '../harness/case.ts';
import { archive, dir, file, symlink } from '../harness/case.ts';

const MODIFIED = { 'Last-Modified': 'Tue, 15 Nov 1994 12:45:26 GMT' };

const page = (path: string, headers: Readonly<Record<string, string>> = MODIFIED): WebFile => ({
  path,
  body: `this is ${path}\n`,
  headers,
});

const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** `count` redirects, the last one to a file. */
const hops = (count: number): readonly WebFile[] => [
  ...Array.from({ length: count }, (_, index) => ({
    path: `hop${index}`,
    status: [301, 302, 303, 307, 308][index % 5] as number,
    headers: { Location: index === 0 ? 'goal' : `hop${index - 1}` },
  })),
  page('goal'),
];

/** A tar whose bytes are the same on both sides: no time of today in it. */
const TAR = Buffer.from(
  'H4sIAAAAAAACA+3WOQ7CMBAF0Kk5hREHyNixPecxKFIiIKAsnJ8sbAIh0dgF+a+ZuErx/eXpTueMIuOBOJ4mazNPY+c5I23y3For4zez9yykHCXQt11ohl/SMnVD/iFB/t5O+evbPdCP+zDdBf2Svx7zF+9JMfKPLqiqVl1ZqNDsyupSrAiW1v+mr2P334pz976/z+lNePZ/fB9kOKD/KWzW2baqs7ZE8Rfb/0NV76PvfyLf+/+x/4k3OSkT0P8U+bfhWMTf/+zv+Wu27EjpFMvpwvMHAAAAAAAAAAAAAACA/3IFleZ5vgAoAAA=',
  'base64',
);

const failing = (buildkit: string, classic = buildkit): Readonly<Record<Builder, string>> => ({ buildkit, classic });

const tree: readonly ContextEntry[] = [
  file('run', '#!/bin/sh\n', { mode: 0o755 }),
  file('secret', 'no\n', { mode: 0o600 }),
  symlink('link', 'run'),
  file('d/e/deep', 'deep\n'),
  dir('d/none'),
];
const second: readonly ContextEntry[] = [...tree, file('second', 'second\n')];
const third: readonly ContextEntry[] = [file('third', 'third\n'), file('d/other', 'other\n')];
const refs: readonly GitRef[] = [
  { kind: 'tag', name: 'light', at: 0 },
  { kind: 'annotated', name: 'heavy', at: 0 },
  { kind: 'branch', name: 'side/branch', at: 1 },
];

const git = (name: string, add: string, rest: Partial<ConformanceCase> = {}): ConformanceCase => ({
  name: `git-${name}`,
  builders: ['buildkit'],
  dockerfile: `FROM conf/base\nADD ${add}\n`,
  repository: [tree, second, third],
  refs,
  ...rest,
});

/** ADD of what is not in the context. */
export const remote: readonly ConformanceCase[] = [
  { name: 'url-into-folder', dockerfile: 'FROM conf/base\nADD {web}/a.txt /srv/new/\n', web: [page('a.txt')] },
  { name: 'url-as-name', dockerfile: 'FROM scratch\nADD {web}/a.txt /b\n', web: [page('a.txt', {})] },
  { name: 'url-onto-folder', dockerfile: 'FROM conf/base\nADD {web}/a.txt /etc\n', web: [page('a.txt')] },
  { name: 'url-onto-file', dockerfile: 'FROM conf/base\nADD {web}/a.txt /etc/motd\n', web: [page('a.txt')] },
  {
    name: 'url-several',
    dockerfile: 'FROM scratch\nADD {web}/a {web}/b local /d/\n',
    web: [page('a'), page('b', {})],
    context: [file('local')],
  },
  {
    name: 'url-chown',
    dockerfile: 'FROM conf/base\nADD --chown=app:staff {web}/a /new/dir/\n',
    web: [page('a')],
  },
  {
    name: 'url-chmod',
    builders: ['buildkit'],
    dockerfile: 'FROM conf/base\nADD --chmod=754 {web}/a /new/dir/\nADD --chmod=u+x,go=r {web}/a /other/\n',
    web: [page('a')],
  },
  {
    name: 'url-archive-stays',
    dockerfile: 'FROM scratch\nADD {web}/a.tar.gz /d/\n',
    web: [{ path: 'a.tar.gz', body: TAR }],
  },
  {
    name: 'url-redirects',
    dockerfile: 'FROM scratch\nADD {web}/hop8 /d/\n',
    web: hops(9),
  },
  {
    name: 'url-name-of-query',
    dockerfile: 'FROM scratch\nADD {web}/x%20y%2Bz?a=b/c /d/\n',
    web: [page('x y+z')],
  },
  {
    name: 'url-disposition',
    dockerfile: 'FROM scratch\nADD {web}/x/ /d/\n',
    web: [page('x/', { 'Content-Disposition': 'attachment; filename="the name.txt"' })],
  },
  {
    name: 'url-packed-for-the-way',
    dockerfile: 'FROM scratch\nADD {web}/a /d/\n',
    web: [{ path: 'a', body: gzipSync('what was meant\n'), headers: { 'Content-Encoding': 'gzip', ...MODIFIED } }],
  },
  {
    name: 'url-times',
    dockerfile: 'FROM scratch\nADD {web}/a {web}/b {web}/c {web}/d /d/\n',
    web: [
      page('a', { 'Last-Modified': 'Sunday, 06-Nov-94 08:49:37 GMT' }),
      page('b', { 'Last-Modified': 'Sun Nov  6 08:49:37 1994' }),
      page('c', { 'Last-Modified': 'yesterday' }),
      page('d', { 'Last-Modified': 'Sun, 06 Nov 1960 08:49:37 GMT' }),
    ],
  },
  { name: 'url-empty', dockerfile: 'FROM scratch\nADD {web}/a /d/\n', web: [{ path: 'a', status: 204 }] },
  {
    name: 'url-checksum',
    dockerfile: `FROM scratch\nADD --checksum=${sha256('this is a\n')} {web}/a /d/\n`,
    web: [page('a')],
  },
  {
    name: 'url-from-arguments',
    dockerfile: 'FROM scratch\nARG FROM={web}\nADD $FROM/a /d/\n',
    web: [page('a')],
  },
  {
    name: 'url-unpack',
    builders: ['buildkit'],
    dockerfile: 'FROM conf/base\nADD --unpack {web}/a.tar.gz /u/\nADD --unpack --chown=app {web}/a.tar.gz /v\n',
    web: [{ path: 'a.tar.gz', body: TAR }],
  },
  {
    name: 'url-unpack-no-archive',
    builders: ['buildkit'],
    dockerfile: 'FROM scratch\nADD --unpack=true {web}/a /d/\n',
    web: [page('a')],
  },
  {
    name: 'add-unpack-not',
    builders: ['buildkit'],
    dockerfile: 'FROM scratch\nADD --unpack=false a.tar /d/\n',
    context: [archive('a.tar', 'none', [file('f', 'x', { mtime: '1400000000' })])],
  },
  {
    name: 'url-onbuild',
    dockerfile: 'FROM conf/bare\nONBUILD ADD {web}/a /d/\n',
    web: [page('a')],
  },
  {
    name: 'fail-url-status',
    dockerfile: 'FROM scratch\nADD {web}/a /d/\n',
    web: [{ path: 'a', status: 404, body: 'gone\n' }],
    expectFailure: failing('failed to load cache key: invalid response status 404', 'with status 404 Not Found: gone'),
  },
  {
    name: 'fail-url-redirects',
    dockerfile: 'FROM scratch\nADD {web}/hop9 /d/\n',
    web: hops(10),
    expectFailure: 'Get "goal": stopped after 10 redirects',
  },
  {
    name: 'fail-url-redirect-to-file',
    dockerfile: 'FROM scratch\nADD {web}/a /d/\n',
    web: [{ path: 'a', status: 302, headers: { Location: 'file:///etc/passwd' } }],
    expectFailure: 'Get "file:///etc/passwd": unsupported protocol scheme "file"',
  },
  {
    name: 'fail-url-cut',
    dockerfile: 'FROM scratch\nADD {web}/a /d/\n',
    web: [{ ...page('a'), cut: 4 }],
    expectFailure: 'unexpected EOF',
  },
  {
    name: 'fail-url-refused',
    dockerfile: 'FROM scratch\nADD http://127.0.0.1:1/x /d/\n',
    expectFailure: 'Get "http://127.0.0.1:1/x": dial tcp 127.0.0.1:1: connect: connection refused',
  },
  {
    name: 'fail-url-nameless',
    builders: ['classic'],
    dockerfile: 'FROM scratch\nADD {web}/a/ /d/\n',
    web: [page('a/')],
    expectFailure: 'ADD failed: cannot determine filename for source http',
  },
  {
    name: 'fail-url-checksum',
    builders: ['buildkit'],
    dockerfile: `FROM scratch\nADD --checksum=${sha256('other')} {web}/a /d/\n`,
    web: [page('a')],
    expectFailure: `digest mismatch ${sha256('this is a\n')}: ${sha256('other')}`,
  },
  {
    name: 'fail-checksum-local',
    builders: ['buildkit'],
    dockerfile: `FROM scratch\nADD --checksum=${sha256('')} a /d/\n`,
    context: [file('a')],
    expectFailure: 'checksum requires HTTP(S) or Git sources',
  },
  {
    name: 'fail-checksum-several',
    builders: ['buildkit'],
    dockerfile: `FROM scratch\nADD --checksum=${sha256('')} {web}/a {web}/b /d/\n`,
    expectFailure: "checksum can't be specified for multiple sources",
  },
  {
    name: 'fail-copy-url',
    dockerfile: 'FROM scratch\nCOPY {web}/a /d/\n',
    expectFailure: failing("source can't be a URL for COPY", "COPY failed: source can't be a URL for COPY"),
  },
  git('all', '{web}/repo.git /r'),
  git('branch', '{web}/repo.git#side/branch /r/'),
  git('tag', '{web}/repo.git#light /r'),
  git('annotated-tag', '--chown=app --chmod=750 {web}/repo.git#heavy /r'),
  git('subdir', '{web}/repo.git#light:d/e /etc'),
  git('query', '{web}/repo.git?tag=light&subdir=d /r'),
  git('checksum', `--checksum=8d34 {web}/repo.git#light /r`, {
    expectFailure: failing('expected checksum to match 8d34, got '),
  }),
  git('fail-ref', '{web}/repo.git#nowhere /r', {
    expectFailure: failing('repository does not contain ref nowhere, output: ""'),
  }),
  git('fail-option', '{web}/repo.git#--upload-pack=true /r', {
    expectFailure: failing('invalid git ref "--upload-pack=true"'),
  }),
  git('fail-subdir', '{web}/repo.git#light:link /r', {
    expectFailure: failing('invalid subdir /link: git subpath "/link" contains non-directory "link"'),
  }),
  git('fail-query', '{web}/repo.git?what=ever /r', { expectFailure: failing('unexpected query "what"') }),
  git('fail-key', 'git@127.0.0.1:repo.git /r', {
    expectFailure: failing('no SSH key "default" forwarded from the client'),
  }),
  git('fail-copy', '', {
    dockerfile: 'FROM scratch\nCOPY {web}/repo.git /r\n',
    expectFailure: failing("source can't be a git ref for COPY"),
  }),
];
