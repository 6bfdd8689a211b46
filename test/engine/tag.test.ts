import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { tag } from '../../src/engine/tag.ts';
import { hexOf } from '../../src/formats/digest.ts';
import { openStore } from '../../src/store/store.ts';
import { removeTempFolders } from '../temp-root.ts';
import { fixtureIds } from '../transports/docker-archive/fixture-archive.ts';
import { loadedRoot } from './loaded-root.ts';

afterEach(removeTempFolders);

describe('tag', () => {
  it('adds a name, and writes the time of it', async () => {
    const dataRoot = await loadedRoot('classic');
    tag({ dataRoot, source: hexOf(fixtureIds.classic).slice(0, 12), target: 'ghcr.io/me/app' });
    const store = openStore(dataRoot, { mode: 'read' });
    expect(store.references.byImage(fixtureIds.classic).map(({ reference }) => reference)).toEqual([
      'h5fx:classic',
      'ghcr.io/me/app:latest',
    ]);
    const time = readFileSync(`${store.paths.imageMetadata}/${hexOf(fixtureIds.classic)}/lastUpdated`, 'utf8');
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/);
  });

  // The words of Docker 28.5 and its client.
  for (const [source, target, message] of [
    ['nope', 'x', 'No such image: nope:latest'],
    ['deadbeefdead', 'x', 'No such image: deadbeefdead:latest'],
    [
      'h5fx:classic',
      'UP',
      'Error parsing reference: "UP" is not a valid repository/tag: invalid reference format: repository name (library/UP) must be lowercase',
    ],
    ['h5fx:classic', `x@sha256:${'a'.repeat(64)}`, 'refusing to create a tag with a digest reference'],
    ['h5fx:classic', 'sha256:abc', 'refusing to create an ambiguous tag using digest algorithm as name'],
  ] as const) {
    it(`refuses ${source} ${target}`, async () => {
      const dataRoot = await loadedRoot('classic');
      expect(() => tag({ dataRoot, source, target })).toThrow(message);
    });
  }
});
