import type { ConformanceCase, ContextEntry } from '../harness/case.ts';
import { dir, file, symlink } from '../harness/case.ts';

const tree: readonly ContextEntry[] = [
  ...[
    'a.txt',
    'b.txt',
    'a b.txt',
    '.env',
    '.git/config',
    '.git/objects/x',
    'README.md',
    'src/a.go',
    'src/a_test.go',
    'src/vendor/v.go',
    'src/vendor/keep/k.go',
    'deep/1/2/3/x.tmp',
    'deep/1/2/3/y.txt',
    'deep/1/.env',
    'build/out/bin',
    'build/keep.txt',
    '#hash',
    '!bang',
    '[x]',
    'star*',
    'ü.txt',
  ].map((path) => file(path)),
  dir('empty'),
  symlink('link', 'src'),
];

const ignoring = (name: string, patterns: string, more: Partial<ConformanceCase> = {}): ConformanceCase => ({
  name,
  dockerfile: 'FROM scratch\nCOPY . /c/\n',
  context: [...tree, file('.dockerignore', patterns)],
  ...more,
});

/**
 * BuildKit has the client walk over the context, and a client before 23 sees some patterns otherwise: those with letters
 * beyond ASCII, and `!` with `**`. What a 28 client makes of them is in test/parser/fixtures/dockerignore.json.
 */
const CLASSIC: Partial<ConformanceCase> = { builders: ['classic'] };

/** Further .dockerignore files, as projects have them and as nobody should. */
export const ignoreMore: readonly ConformanceCase[] = [
  ignoring('ignore-project', '.git\n**/.env\n*.md\n!README.md\n**/*_test.go\nbuild\n!build/keep.txt\n'),
  ignoring('ignore-leading-slash', '/src\n/deep/1\n//build\n'),
  ignoring('ignore-trailing', 'src/\nbuild//\ndeep/1/.\na.txt/\n'),
  ignoring('ignore-dot-slash', './src\n././build\n.//a.txt\n'),
  ignoring('ignore-parents', '../src\nsrc/../build\ndeep/./1\n../*\n'),
  ignoring('ignore-spaces', '   src   \n\ta.txt\t\na b.txt\n   \n'),
  ignoring('ignore-comment-forms', '#hash\n \\#hash\n#\n# src\n  # build\nb.txt # not a comment\n'),
  ignoring('ignore-bang-forms', '!\\!bang\n*.txt\n! a.txt\n!./b.txt\n!/ü.txt\n', CLASSIC),
  ignoring('ignore-escaped', '\\#hash\n\\!bang\n\\[x\\]\nstar\\*\na\\ b.txt\n'),
  ignoring('ignore-double-star-middle', 'deep/**/*.tmp\n**/vendor/**\n!**/keep/k.go\n', CLASSIC),
  ignoring('ignore-double-star-end', 'deep/**\nsrc/**/\n!deep/1/2/3/y.txt\n'),
  ignoring('ignore-double-star-start', '**/x.tmp\n**/*.go\n!src/a.go\n**/1\n'),
  ignoring('ignore-double-star-alone', '**\n!src/**/*.go\n!deep/1\n', CLASSIC),
  ignoring('ignore-star-only', '*\n!src\n!*.txt\n'),
  ignoring('ignore-star-reopened-child', '*\n!src/vendor/keep\n'),
  ignoring('ignore-star-reopened-deep', '*\n!deep/1/2/3/y.txt\n!empty\n'),
  ignoring('ignore-star-children', 'src/*\n!src/a.go\ndeep/*/*\nbuild/*/\n'),
  ignoring('ignore-question', '?.txt\nsrc/?.go\n?env\n'),
  ignoring('ignore-ranges', '[ab].txt\n[!a].txt\n[^b].txt\nsrc/[a-c].go\n'),
  ignoring('ignore-order', '!src/a.go\nsrc\n!src/vendor\nsrc/vendor/v.go\n'),
  ignoring('ignore-order-twice', 'src\n!src\nsrc\n!src/a.go\n'),
  ignoring('ignore-dot-files', '.*\n!.env\n'),
  ignoring('ignore-dot-folders', '**/.*\n.git/**\n!.git/config\n'),
  ignoring('ignore-links', 'link\nempty\n'),
  ignoring('ignore-behind-link', 'link/a.go\nlink/*\n'),
  ignoring('ignore-unicode', 'ü.txt\n[ü].txt\n', CLASSIC),
  ignoring('ignore-case', 'SRC\nA.TXT\nreadme.md\n'),
  ignoring('ignore-windows-slashes', 'src\\vendor\ndeep\\\\1\n'),
  ignoring('ignore-regexp-characters', 'a.tx.\n$a\n{a,b}.txt\n'),
  ignoring('ignore-bom-and-crlf', '\uFEFF# comment\r\nsrc\r\n\r\n!src/a.go\r\n *.md \r\n'),
  ignoring('ignore-no-newline', 'src\n*.md\nbuild'),
  ignoring('ignore-empty-file', ''),
  ignoring('ignore-only-comments', '# nothing\n\n#\n'),
  ignoring('ignore-dockerfile-copied', 'Dockerfile\n.dockerignore\n!Dockerfile\n'),
  ignoring('ignore-star-dockerfile', '*\n!*.md\n', { dockerfile: 'FROM scratch\nCOPY *.md /c/\nCOPY . /d/\n' }),
  ignoring('ignore-itself-by-pattern', '.docker*\nDocker*\n'),
  ignoring('ignore-everything-but-folder', '*\n!/build/\n', {
    dockerfile: 'FROM scratch\nCOPY build /b/\nCOPY . /c/\n',
  }),
  ignoring('ignore-sources-by-pattern', '**/*.txt\n!b.txt\nsrc/vendor\n', {
    dockerfile: 'FROM scratch\nCOPY * /c/\nCOPY src /s/\nCOPY src/* /t/\n',
  }),
  ignoring('ignore-add', 'src/vendor\n*.md\n', { dockerfile: 'FROM scratch\nADD . /c/\nADD src /s/\n' }),
  ignoring('ignore-does-not-touch-stages', 'src\n', {
    dockerfile:
      'FROM conf/base AS s\nRUN mkdir -p /s/src && echo 1 > /s/src/x && echo 2 > /s/.env\nFROM scratch\nCOPY --from=s /s /c/\n',
  }),
  // Docker hands bars and braces of a pattern with a wildcard on to a regular expression.
  ignoring('ignore-bars', '*.md|keep\nsrc/v*|x.tmp\n!*/v.go|q\n'),
  ignoring('ignore-braces', '.e{1}n*\nde{2}p/*\nsrc/a{x}*\n{1}b*.txt\n'),
  {
    name: 'ignore-beside-the-dockerfile',
    builders: ['buildkit'],
    file: 'docker/app.Dockerfile',
    dockerfile: 'FROM scratch\nCOPY . /c/\n',
    context: [
      ...tree,
      file('.dockerignore', 'src\n'),
      file('docker/app.Dockerfile.dockerignore', 'deep\nbuild\n!build/keep.txt\ndocker\n'),
      file('docker/other'),
    ],
  },
  {
    name: 'ignore-the-other-dockerfile',
    file: 'docker/app.Dockerfile',
    dockerfile: 'FROM scratch\nCOPY . /c/\n',
    context: [...tree, file('.dockerignore', 'docker\nsrc\n'), file('docker/other')],
  },
  {
    name: 'ignore-folders-with-nothing-left',
    builders: ['buildkit'],
    compat: ['20.10'],
    dockerfile: 'FROM scratch\nCOPY d /d/\nCOPY d/e /e/\nCOPY d/never /n/\nCOPY . /all/\n',
    context: [
      file('.dockerignore', 'd\n!d/e\nd/*\n!d/never/there\n'),
      file('d/f'),
      file('d/e/g'),
      dir('d/e', { mode: 0o700, mtime: '1500000000.5' }),
      dir('d/never', { mode: 0o711 }),
      dir('d/other'),
    ],
  },
  ...(
    [
      ['words', '**.md\na**\n'],
      ['reopened', 'deep\n**/vendor\n!deep/1/2\n!src/vendor/keep\n'],
      ['middle', 'deep/**/*.tmp\n**/vendor/**\n!**/keep/k.go\n'],
      ['all', '**\n!src/**/*.go\n!deep/1\n'],
      ['deeper', '**/3\n!deep/1/2/3/y.txt\n'],
    ] as const
  ).map(([name, patterns]) => ignoring(`ignore-2010-${name}`, patterns, { compat: ['20.10'] })),
];
