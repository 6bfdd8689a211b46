import type { ConformanceCase, ContextEntry } from '../harness/case.ts';
import { file } from '../harness/case.ts';

const tree: readonly ContextEntry[] = [
  'a.txt',
  'b.md',
  'keep.log',
  'drop.log',
  'node_modules/x/index.js',
  'node_modules/y.js',
  'src/a.txt',
  'src/deep/b.log',
  'src/deep/keep.log',
  'src/node_modules/z.js',
  'docs/one.md',
  'docs/two.txt',
  'temp1/x',
  'temp22/x',
].map((path) => file(path));

const withIgnore = (name: string, patterns: string, more: Partial<ConformanceCase> = {}): ConformanceCase => ({
  name,
  dockerfile: 'FROM scratch\nCOPY . /c/\n',
  context: [...tree, file('.dockerignore', patterns)],
  ...more,
});

/** .dockerignore. */
export const ignore: readonly ConformanceCase[] = [
  withIgnore('ignore-simple', 'node_modules\n*.log\ndocs/*.md\n'),
  withIgnore('ignore-negated', '*\n!a.txt\n!src\nsrc/deep\n'),
  withIgnore('ignore-deep', '**/*.log\n!**/keep.log\n**/node_modules\n'),
  withIgnore('ignore-comments', '# a comment\n\n  /docs/  \ntemp?\n./b.md\n src/\n'),
  withIgnore('ignore-reopen-dir', 'src\n!src/deep/keep.log\n'),
  withIgnore('ignore-build-files', 'Dockerfile\n.dockerignore\n'),
  withIgnore('ignore-classes', 'temp[0-9]\n[a-c].*\n'),
  withIgnore('ignore-everything-but', '**\n!docs/**\n'),
  withIgnore('ignore-crlf', 'docs\r\n*.log\r\n'),
  withIgnore('ignore-bom', '\uFEFFdocs\nsrc/*\n!src/a.txt\n'),
  withIgnore('ignore-dot', '.\n'),
  withIgnore('ignore-escapes', '\\*.txt\n?.md\n[!a-c]*/x\n'),
  withIgnore('ignore-by-dockerfile', 'docs\n', {
    builders: ['buildkit'],
    context: [...tree, file('.dockerignore', 'src\n'), file('Dockerfile.dockerignore', 'docs\n')],
  }),
];
