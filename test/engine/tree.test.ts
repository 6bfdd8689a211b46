import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type TreeNode, tree } from '../../src/engine/tree.ts';
import { removeTempFolders } from '../temp-root.ts';
import { packed } from './layered-root.ts';
import { seed, seedRoot } from './seed-root.ts';

afterEach(removeTempFolders);

function flat(node: TreeNode): TreeNode[] {
  return [node, ...node.children.flatMap(flat)];
}

/** As `tree` draws it, without the notes. */
function drawn(node: TreeNode, below = ''): string[] {
  return node.children.flatMap((child, at) => {
    const last = at === node.children.length - 1;
    const link = child.target === '' ? '' : ` -> ${child.target}`;
    return [
      `${below}${last ? '└── ' : '├── '}${child.name}${link}`,
      ...drawn(child, `${below}${last ? '    ' : '│   '}`),
    ];
  });
}

describe('tree', () => {
  it('draws the links of overlay2 as the seed does, and says whose they are', () => {
    const { dataRoot } = seedRoot();
    const links = tree({ dataRoot, path: 'overlay2/l' });
    const shown = readFileSync(new URL('./fixtures/seed-overlay2-l.txt', import.meta.url), 'utf8');
    expect(`${drawn(links).join('\n')}\n`).toBe(shown);
    const notes = new Map(links.children.map(({ name, note }) => [name, note]));
    expect(notes.get(seed.links[1])).toBe(`layer 1 of ${seed.name}: RUN apk add --no-cache build-base`);
    expect(notes.get(seed.mountLink)).toBe('what container openresty-app-1 writes');
    expect(notes.get(seed.initLink)).toBe("docker's own files below container openresty-app-1");
  });

  it('says of every record whom it points to', () => {
    const { dataRoot } = seedRoot();
    for (const root of [dataRoot, packed(dataRoot)]) {
      const notes = new Map(flat(tree({ dataRoot: root, path: 'image' })).map(({ path, note }) => [path, note]));
      const layer = `image/overlay2/layerdb/sha256/${seed.chainIds[3].slice(7)}`;
      expect(notes.get(layer)).toMatch(/^layer 3 of russellgao\/openresty/);
      expect(notes.get(`${layer}/parent`)).toMatch(/^on layer 2 of russellgao\/openresty/);
      expect(notes.get(`${layer}/cache-id`)).toBe('overlay2/5da215c4f218');
      expect(notes.get(`${layer}/size`)).toBe('1591 bytes');
      const mounts = `image/overlay2/layerdb/mounts/${seed.container}`;
      expect(notes.get(mounts)).toBe(`container openresty-app-1, of ${seed.name}, running`);
      expect(notes.get(`${mounts}/parent`)).toMatch(/^stands on layer 3 of /);
    }
  });

  it('stops at the depth that was asked for, two levels for the whole', () => {
    const { dataRoot } = seedRoot();
    const deepest = (node: TreeNode) => Math.max(...flat(node).map(({ path }) => path.split('/').length));
    expect(deepest(tree({ dataRoot }))).toBe(2);
    expect(deepest(tree({ dataRoot, depth: 1 }))).toBe(1);
  });

  it('follows no link and leaves no data-root', () => {
    const { dataRoot } = seedRoot();
    expect(() => tree({ dataRoot, path: '../..' })).toThrow(expect.objectContaining({ code: 'LL_BREAKOUT' }));
    expect(() => tree({ dataRoot, path: join('overlay2/l', seed.links[0], 'etc') })).toThrow(
      expect.objectContaining({ code: 'LL_NOT_FOUND' }),
    );
  });
});
