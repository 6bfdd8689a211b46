import type { ConformanceCase, ContextEntry } from '../harness/case.ts';
import { dir, file, hardlink, symlink } from '../harness/case.ts';

/** Of every kind, with what each way of sending drops or changes. */
const ROUGH: readonly ContextEntry[] = [
  file('etc/conf', 'conf\n', { mode: 0o640, uid: 5, gid: 6 }),
  file('etc/secret', 'kept out\n'),
  file('.dockerignore', 'etc/secret\n'),
  dir('empty', { mode: 0o1777 }),
  dir('group', { mode: 0o2755, uid: 7, gid: 8, xattrs: { 'user.dir': '31' } }),
  file('group/suid', 'suid\n', { mode: 0o6755, xattrs: { 'user.file': '32' } }),
  hardlink('etc/same', 'etc/conf'),
  symlink('link', 'etc/conf'),
  { kind: 'fifo', path: 'fifo' },
  { kind: 'device', path: 'dev', type: 'c', major: 1, minor: 3 },
  { kind: 'socket', path: 'sock' },
  { kind: 'sparse', path: 'sparse', size: 100_000, tail: 'end' },
  file('sp ace/n\u00fc', 'x\n', { mtime: '1234567890.987654321' }),
];

const SMALL: readonly ContextEntry[] = [file('f', 'named\n'), dir('d', { mode: 0o711 })];

/** Folders given by `--build-context`: what a stage begins with, and what stands for a whole stage. */
export const namedContexts: readonly ConformanceCase[] = [
  { name: 'folder-as-base', dockerfile: 'FROM o\n', buildContexts: { o: ROUGH } },
  {
    name: 'folder-as-base-steps',
    dockerfile: 'FROM o\nCOPY c /c\nENV A=b\nWORKDIR /w\nUSER 5\nCOPY c /d\nLABEL l=m\n',
    context: [file('c', 'c\n')],
    buildContexts: { o: SMALL },
  },
  {
    name: 'folder-as-base-config',
    dockerfile: 'FROM o AS q\nENV A=b\nCMD ["x"]\nONBUILD RUN true\n',
    buildContexts: { o: SMALL },
  },
  {
    name: 'folder-as-base-run',
    dockerfile: `FROM conf/bare AS tools
FROM o AS q
COPY --from=tools / /
RUN --mount=type=tmpfs,target=/t echo "a   b" > /x \
 && rm /f
FROM q
`,
    buildContexts: { o: SMALL },
  },
  {
    name: 'folder-below-stages',
    dockerfile: 'FROM o AS a\nFROM a AS b\nCOPY c /c\nFROM b AS z\nCOPY --from=a f /g\nCOPY --from=b / /all\n',
    context: [file('c', 'c\n')],
    buildContexts: { o: SMALL },
  },
  {
    name: 'folder-for-a-stage',
    dockerfile: 'FROM conf/base AS o\nRUN exit 9\n',
    buildContexts: { o: SMALL },
  },
  {
    name: 'folder-for-a-stage-below',
    dockerfile: 'FROM conf/base AS o\nRUN exit 9\nFROM o AS p\nLABEL a=b\nFROM p\nCOPY --from=0 f /g\n',
    buildContexts: { o: SMALL },
  },
  {
    name: 'folder-as-base-platform',
    dockerfile: 'FROM --platform=linux/arm64/v8 o\nCOPY f* /h\n',
    context: [file('f1', 'f1\n')],
    buildContexts: { o: SMALL },
  },
  { name: 'folder-as-base-empty', dockerfile: 'FROM o\nENV A=b\n', buildContexts: { o: [] } },
  {
    name: 'folder-as-source',
    dockerfile: 'FROM conf/base\nCOPY --from=o . /all/\nRUN --mount=from=o,target=/m cp /m/etc/conf /copied\n',
    buildContexts: { o: ROUGH },
  },
].map((each) => ({ ...each, builders: ['buildkit'] }));
