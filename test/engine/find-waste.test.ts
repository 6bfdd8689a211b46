import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FileTable } from '../../src/engine/image-files/file-table.ts';
import type { LayerEntry } from '../../src/engine/image-files/layer-entries.ts';
import { findWaste } from '../../src/engine/waste/find-waste.ts';
import { dir, entry, file, link, opaque, whiteout } from './layer-entry.ts';

const told = (...layers: readonly (readonly LayerEntry[])[]): readonly string[] =>
  findWaste(layers).copies.map(
    ({ path, bytes, layer, by, cause, movedTo }) =>
      `${path} ${bytes} ${layer}>${by} ${cause}${movedTo === undefined ? '' : ` ${movedTo}`}`,
  );

describe('bytes that later layers hide', () => {
  it('are told with their cause', () => {
    expect(told([file('a', 5, '1')], [whiteout('a')])).toEqual(['a 5 0>1 deleted']);
    expect(told([file('a', 5, '1')], [file('a', 6, '2')])).toEqual(['a 5 0>1 replaced']);
    expect(told([file('a', 5, '1')], [entry('a', { size: 5, crc: '1', mode: 0o755 })])).toEqual(['a 5 0>1 rewritten']);
    expect(told([file('a', 5, '1')], [file('b', 5, '1'), whiteout('a')])).toEqual(['a 5 0>1 moved b']);
  });

  it('are those of whole folders: deleted, made opaque, or replaced by a file or a link', () => {
    const below = [dir('d'), dir('d/e'), file('d/e/a', 5, '1'), file('d/b', 7, '2')];
    const gone = ['d/e/a 5 0>1 deleted', 'd/b 7 0>1 deleted'];
    expect(told(below, [whiteout('d')])).toEqual(gone);
    expect(told(below, [dir('d'), opaque('d')])).toEqual(gone);
    expect(told(below, [file('d', 9, '3')])).toEqual(gone);
    expect(told(below, [entry('d', { kind: 'symlink', target: 'x' })])).toEqual(gone);
    expect(told(below, [opaque('')])).toEqual(gone);
  });

  it('a folder that is written once more hides nothing, one in the place of a file hides that', () => {
    expect(told([dir('d'), file('d/a', 5, '1')], [dir('d'), file('d/b', 5, '2')])).toEqual([]);
    expect(told([file('d', 5, '1')], [dir('d'), file('d/b', 5, '2')])).toEqual(['d 5 0>1 deleted']);
  });

  it('a file of an opaque folder that is written again stays where it is', () => {
    const below = [dir('d'), file('d/a', 5, '1'), file('d/b', 7, '2')];
    expect(told(below, [dir('d'), opaque('d'), file('d/a', 5, '1'), file('d/b', 8, '3')])).toEqual([
      'd/a 5 0>1 rewritten',
      'd/b 7 0>1 replaced',
    ]);
  });

  it('a mark behind the files of its own layer does not touch them', () => {
    expect(told([dir('d'), file('d/a', 5, '1')], [dir('d'), file('d/a', 6, '2'), opaque('d')])).toEqual([
      'd/a 5 0>1 replaced',
    ]);
    expect(told([], [file('a', 5, '1'), whiteout('a')])).toEqual([]);
  });

  it('a file is hidden when the last of its names is', () => {
    const below = [file('a', 5, '1'), link('b', 'a')];
    expect(told(below, [whiteout('a')])).toEqual([]);
    expect(told(below, [whiteout('a')], [whiteout('b')])).toEqual(['b 5 0>2 deleted']);
    expect(findWaste([below]).totalBytes).toBe(5);
  });

  it('empty files do not count, nor does what was never there', () => {
    expect(
      told([file('a', 0, '')], [whiteout('a'), whiteout('no/such'), opaque('none'), link('x', 'nowhere')]),
    ).toEqual([]);
  });

  it('a path is seen where its last copy is', () => {
    const { seen } = findWaste([
      [file('a', 1, '1'), file('b', 1, '1'), file('c', 1, '1')],
      [whiteout('a'), whiteout('b'), file('c', 2, '2')],
      [file('a', 3, '3'), whiteout('c')],
    ]);
    expect([...seen]).toEqual(['a']);
  });

  it('are found below names of any depth', () => {
    const deep = `${'d/'.repeat(60_000)}a`;
    expect(findWaste([[file(deep, 5, '1')], [whiteout('d')]]).copies).toHaveLength(1);
    const table = new FileTable();
    table.add([file(deep, 5, '1')]);
    expect([...table.files()]).toHaveLength(1);
  });

  it('are found in big images within seconds', () => {
    const layers = Array.from({ length: 20 }, (_, layer) =>
      Array.from({ length: 10_000 }, (_, at) => file(`usr/lib/${at % 100}/file${at}`, 10, `${layer}`)),
    );
    // Time of the processor: others may be at work on the machine.
    const begin = process.cpuUsage();
    const { copies, totalBytes } = findWaste(layers);
    expect(process.cpuUsage(begin).user / 1e6).toBeLessThan(8);
    expect([copies.length, totalBytes]).toEqual([190_000, 2_000_000]);
  });
});

/** The merged view the plain way: one list of paths, each with the inode that it leads to. */
function merge(layers: readonly (readonly LayerEntry[])[]): ReadonlyMap<string, { readonly size: number }> {
  const view = new Map<string, { readonly size: number }>();
  const drop = (wanted: (path: string) => boolean): void => {
    for (const path of [...view.keys()]) if (wanted(path)) view.delete(path);
  };
  for (const layer of layers) {
    for (const { kind, path } of layer) {
      if (kind === 'whiteout') drop((one) => one === path || one.startsWith(`${path}/`));
      if (kind === 'opaque') drop((one) => one.startsWith(`${path}/`));
    }
    for (const { kind, path, size, target } of layer) {
      if (kind === 'whiteout' || kind === 'opaque') continue;
      const inode = kind === 'link' ? view.get(target) : { size };
      if (inode === undefined) continue;
      const parents = path.split('/').map((_, at, parts) => parts.slice(0, at).join('/'));
      if (kind === 'dir') {
        drop((one) => one === path);
        continue;
      }
      drop((one) => one === path || one.startsWith(`${path}/`) || parents.includes(one));
      view.set(path, inode);
    }
  }
  return view;
}

const leaves = ['a', 'b', 'c', 'd/a', 'd/b', 'd/e/a', 'd/e/b', 'd'] as const;
const change = fc.record({
  path: fc.constantFrom(...leaves),
  what: fc.constantFrom('file', 'link', 'whiteout', 'opaque'),
  size: fc.nat(9),
});

/** What a builder may write: each path once, nothing below what is a file, links to files of the same layer. */
function layerOf(changes: readonly { path: string; what: string; size: number }[], at: number): readonly LayerEntry[] {
  const entries = new Map<string, LayerEntry>();
  const isFile = (path: string): boolean => entries.get(path)?.kind === 'file';
  for (const { path, what, size } of changes) {
    const below = [...entries.keys()].some((one) => one.startsWith(`${path}/`));
    if (entries.has(path) || below || (path.startsWith('d/') && entries.has('d'))) continue;
    const first = [...entries.keys()].find(isFile);
    if (what === 'opaque' && path === 'd') entries.set('d/', opaque('d'));
    else if (what === 'whiteout') entries.set(path, whiteout(path));
    else if (what === 'link' && first !== undefined) entries.set(path, link(path, first));
    else entries.set(path, file(path, size, `${at}-${path}`));
  }
  return [...entries.values()];
}

describe('waste', () => {
  it('is the bytes of all layers without those of the merged view, hard links counted once', () => {
    fc.assert(
      fc.property(fc.array(fc.array(change, { maxLength: 8 }), { maxLength: 5 }), (changes) => {
        const layers = changes.map(layerOf);
        const { copies, totalBytes, layerBytes } = findWaste(layers);
        const sum = (sizes: Iterable<{ readonly size: number }>): number =>
          [...sizes].reduce((all, { size }) => all + size, 0);
        const stored = sum(layers.flat().filter(({ kind }) => kind === 'file'));
        const seen = sum(new Set(merge(layers).values()));
        expect(totalBytes).toBe(stored);
        expect(layerBytes.reduce((all, bytes) => all + bytes, 0)).toBe(stored);
        expect(copies.reduce((all, { bytes }) => all + bytes, 0)).toBe(stored - seen);
      }),
      { numRuns: 500 },
    );
  });
});
