import { describe, expect, it } from '@jest/globals';
import { bar } from '../../src/cli/look/bar.ts';
import { drawExplanation, drawStep } from '../../src/cli/look/draw-explanation.ts';
import { drawFiles, listFiles, listNames } from '../../src/cli/look/draw-files.ts';
import { drawLayers } from '../../src/cli/look/draw-layers.ts';
import { drawTree } from '../../src/cli/look/draw-tree.ts';
import { modeText } from '../../src/cli/look/file-words.ts';
import { choosePaint } from '../../src/cli/plan/paint.ts';
import type { Explanation } from '../../src/engine/explain.ts';
import type { LayerSummary } from '../../src/engine/layers.ts';
import type { FileEntry, Listing } from '../../src/engine/ls.ts';
import type { TreeNode } from '../../src/engine/tree.ts';

const plain = choosePaint(false, {});

function entry(path: string, more: Partial<FileEntry> = {}): FileEntry {
  return {
    ...{ path, name: path.split('/').at(-1) ?? '', type: 'file', mode: 0o644, uid: 0, gid: 0, size: 0 },
    ...{ mtime: '2020-01-02T03:04:05.6Z', target: '', major: 0, minor: 0, depth: path.split('/').length - 2 },
    ...more,
  };
}

const listing: Listing = {
  path: '/',
  type: 'dir',
  entries: [
    entry('/etc', { type: 'dir', mode: 0o755 }),
    entry('/etc/passwd', { size: 1234, uid: 1000 }),
    entry('/etc/\u001b[2J\n', { type: 'symlink', mode: 0o777, target: '\u001b]0;x\u0007' }),
    entry('/gone', { type: 'whiteout', mode: 0 }),
  ],
};

describe('files', () => {
  it('are listed as by ls -ln, and no name acts on the terminal', () => {
    expect(listFiles(listing, true)).toBe(
      [
        'drwxr-xr-x    0 0    0 2020-01-02 03:04:05 /etc',
        '-rw-r--r-- 1000 0 1234 2020-01-02 03:04:05 /etc/passwd',
        'lrwxrwxrwx    0 0    0 2020-01-02 03:04:05 /etc/^[[2J^J -> ^[]0;x^G',
        'c---------    0 0 0, 0 2020-01-02 03:04:05 /gone (deleted here)',
        '',
      ].join('\n'),
    );
    expect(listNames(listing.entries.map(({ name }) => name))).toBe('etc\npasswd\n^[[2J^J\ngone\n');
  });

  it('are drawn as a tree', () => {
    expect(drawFiles(listing, 'app', plain)).toBe(
      [
        'app',
        '├─ etc/',
        '│  ├─ passwd  1234',
        '│  └─ ^[[2J^J -> ^[]0;x^G',
        '└─ gone (deleted here)',
        '',
        '1 folders, 3 files',
        '',
      ].join('\n'),
    );
  });

  // coreutils' filemode.
  it.each([
    [0o4755, '-rwsr-xr-x'],
    [0o4644, '-rwSr--r--'],
    [0o2711, '-rwx--s--x'],
    [0o1777, '-rwxrwxrwt'],
    [0o1000, '---------T'],
  ])('of mode %o are %s', (mode, text) => {
    expect(modeText({ type: 'file', mode })).toBe(text);
  });
});

const digest = (digit: string) => `sha256:${digit.repeat(64)}` as const;
const layer: LayerSummary = {
  ...{ index: 0, instruction: 'ADD \u001b[31mfile', createdBy: '', created: '', size: 4000 },
  ...{ diffId: digest('a'), chainId: digest('b'), cacheId: 'c'.repeat(25), added: 3, changed: 0, deleted: 0 },
  sharedWith: [],
};

describe('layers', () => {
  it('are drawn newest first, with bars by size', () => {
    const other = {
      ...layer,
      index: 1,
      size: 1000,
      changed: 1,
      deleted: 2,
      added: 0,
      sharedWith: ['x:1', digest('d')],
    };
    expect(drawLayers([layer, other], plain, 100)).toBe(
      [
        '1      1kB  █████                 ADD ^[[31mfile',
        '   +0 ~1 -2 files  chain bbbbbbbbbbbb  diff aaaaaaaaaaaa  cache cccccccccccc',
        '   shared with dddddddddddd, x:1',
        '0      4kB  ████████████████████  ADD ^[[31mfile',
        '   +3 ~0 -0 files  chain bbbbbbbbbbbb  diff aaaaaaaaaaaa  cache cccccccccccc',
        '2 layers, 5kB',
        '',
      ].join('\n'),
    );
  });

  it('that have anything show a bar', () => {
    expect([bar(0, 10, 4), bar(1, 1e9, 4), bar(5, 10, 4), bar(10, 10, 4)]).toEqual(['    ', '▏   ', '██  ', '████']);
  });
});

const explanation: Explanation = {
  ...{ kind: 'image', name: 'x', id: digest('1'), ok: false },
  layers: [{ instruction: 'RUN make', chainId: digest('b') }],
  steps: [
    {
      ...{ number: 1, name: 'image id', layer: undefined, formula: 'sha256(config)', hashed: undefined },
      ...{ expected: 'id', found: 'id', ok: true, where: 'image', command: 'sha256sum < image' },
    },
    {
      ...{ number: 2, name: 'chain_id', layer: 0, formula: 'sha256("a b")', hashed: 'A B' },
      ...{ expected: 'chain', found: undefined, ok: false, where: 'layerdb', command: "printf %s 'A B' | sha256sum" },
    },
  ],
};

describe('a derivation', () => {
  it('is drawn with what is hashed and what does not hold', () => {
    expect(drawExplanation(explanation, plain, 80)).toBe(
      [
        `image x  ${digest('1')}`,
        '│  1 ✓ image id  id',
        '│                = sha256(config)',
        '│                in image',
        '└─ ● layer 0  RUN make',
        '   │  2 ✗ chain_id  chain',
        '   │                = sha256("A B")',
        '   │                on disk: (nothing)',
        '   │                in layerdb',
        '',
        '1 of 2 steps do not hold',
        '--step N shows one with the command that proves it',
        '',
      ].join('\n'),
    );
  });

  it('shows one step with the command that proves it', () => {
    const [, step] = explanation.steps;
    if (step === undefined) throw new Error('no step');
    const text = drawStep(explanation, step, plain);
    expect(text).toMatch(/^step 2 of 2: chain_id, layer 0: RUN make\n/);
    expect(text).toContain('  hashed    "A B"\n');
    expect(text).toMatch(/\n {2}printf %s 'A B' \| sha256sum\n$/);
  });
});

describe('a data-root', () => {
  it('is drawn as by tree, with notes', () => {
    const node: TreeNode = {
      name: 'x',
      path: 'x',
      type: 'file',
      size: 1,
      target: '',
      note: '',
      children: [],
      folded: undefined,
      closed: false,
    };
    const root: TreeNode = {
      ...{ ...node, name: '/r', path: '', type: 'dir', note: 'a data-root' },
      children: [
        { ...node, name: 'diff', type: 'dir', note: 'the files', folded: 1000 },
        { ...node, name: 'l', type: 'symlink', target: '../\u001b', note: 'layer 1' },
        { ...node, name: 'secret', type: 'dir', closed: true },
      ],
    };
    expect(drawTree(root, plain, 100)).toBe(
      [
        '/r  # a data-root',
        '├── diff  # the files; 1000 or more of them, not shown',
        '├── l -> ../^[  # layer 1',
        '└── secret  # may not be read by this user',
        '',
        '2 directories, 1 files',
        '',
      ].join('\n'),
    );
  });
});
