import { describe, expect, it } from '@jest/globals';
import { type CopyRequest, copyByFolder } from '../../../src/executor/copy/copy-buildkit.ts';
import { copies28, copies2010 } from '../../../src/profiles/copy-format.ts';
import type { ChangeNode } from '../../../src/snapshot/change-node.ts';
import { changeOn, memoryTree } from '../../snapshot/memory-tree.ts';

const NOW = 9000n;

describe('a copy of a folder, folder by folder', () => {
  const request = (more: Partial<CopyRequest> = {}): CopyRequest => ({
    source: memoryTree(['s/a', 's/b/x', 's/c/y/z', 's/d'], 2000n),
    sources: ['s'],
    excludes: [],
    parents: false,
    fetched: new Map(),
    unpacksFetched: false,
    documents: [],
    destination: '/to',
    owner: undefined,
    mode: undefined,
    archives: undefined,
    madeTime: undefined,
    now: () => NOW,
    format: copies28,
    ...more,
  });

  it('settles each before anything comes into it, and closes it behind the last name', () => {
    const tree = changeOn(memoryTree([]), NOW);
    const seen: string[] = [];
    const shown = (dir: ChangeNode, path: string): string[] => [
      `${path}${dir.isOpen ? '...' : ''} ${dir.mtime}`,
      ...[...dir.children].flatMap(([name, node]) =>
        node.kind === 'dir' ? shown(node, `${path}/${name}`) : [`${path}/${name}`],
      ),
    ];
    const destinations: (readonly string[])[] = [];
    const steps = copyByFolder(tree, request({ onDestination: (to) => destinations.push(to) }));
    if (steps === undefined) throw new Error('no steps');
    expect(destinations).toEqual([['to']]);
    while (steps.next().done !== true) seen.push(shown(tree.root, '').slice(1).join(' '));
    expect(seen).toEqual([
      '/to... 2000 /to/a /to/b 2000 /to/b/x',
      '/to... 2000 /to/a /to/b 2000 /to/b/x /to/c... 2000 /to/c/y 2000 /to/c/y/z',
      '/to... 2000 /to/a /to/b 2000 /to/b/x /to/c 2000 /to/c/y 2000 /to/c/y/z',
      '/to 2000 /to/a /to/b 2000 /to/b/x /to/c 2000 /to/c/y 2000 /to/c/y/z /to/d',
    ]);
  });

  it('is not where what comes later moves a time, or comes elsewhere', () => {
    const of = (more: Partial<CopyRequest>) => copyByFolder(changeOn(memoryTree([]), NOW), request(more));
    expect(of({ sources: ['s', 's/b'] })).toBeUndefined();
    expect(of({ sources: ['s/*'] })).toBeUndefined();
    expect(of({ sources: ['s/a'] })).toBeUndefined();
    expect(of({ excludes: ['x'] })).toBeUndefined();
    expect(of({ parents: true })).toBeUndefined();
    expect(of({ format: copies2010 })).toBeUndefined();
    expect(of({})).toBeDefined();
  });
});
