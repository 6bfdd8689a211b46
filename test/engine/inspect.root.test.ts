import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { inspect } from '../../src/engine/inspect.ts';
import { tag } from '../../src/engine/tag.ts';
import { hexOf } from '../../src/formats/digest.ts';
import { encodeGoJson } from '../../src/formats/go-json.ts';
import { openStore } from '../../src/store/store.ts';
import { removeTempFolders } from '../temp-root.ts';
import { fixtureIds } from '../transports/docker-archive/fixture-archive.ts';
import { loadedRoot } from './loaded-root.ts';

afterEach(removeTempFolders);

/** Cache-ids are random, and the daemon's data-root lies elsewhere: each path becomes `<root>/overlay2/<n>`, n by appearance. */
function anonymous(json: string): string {
  const seen: string[] = [];
  return json.trim().replace(/[^":]*\/overlay2\/([0-9a-z]{25,64})\//g, (_, cacheId: string) => {
    if (!seen.includes(cacheId)) seen.push(cacheId);
    return `<root>/overlay2/${seen.indexOf(cacheId)}/`;
  });
}

function golden(name: string): string {
  return readFileSync(new URL(`./fixtures/inspect-${name}.txt`, import.meta.url), 'utf8');
}

describe('inspect', () => {
  for (const name of ['classic', 'child'] as const) {
    it(`says what the daemon says of the same image, key by key: ${name}`, async () => {
      const dataRoot = await loadedRoot('several');
      const { found, missing } = inspect({ dataRoot, names: [`h5fx:${name}`] });
      expect(missing).toEqual([]);
      expect(found).toHaveLength(1);
      expect(anonymous(encodeGoJson(found[0] ?? null))).toBe(anonymous(golden(name)));
      expect(encodeGoJson(found[0] ?? null)).toContain(`${dataRoot}/overlay2/`);
    });
  }

  it('finds images by name, id and the beginning of one, and says what it does not find', async () => {
    const dataRoot = await loadedRoot('several');
    const hex = hexOf(fixtureIds.buildkit);
    const names = [
      'h5fx:buildkit',
      'h5fx/other:v1',
      'docker.io/library/h5fx:buildkit',
      hex,
      `sha256:${hex}`,
      hex.slice(0, 5),
    ];
    const { found, missing } = inspect({
      dataRoot,
      names: [...names, 'nope', `sha256:${hex.slice(0, 7)}`, 'a'.repeat(64)],
    });
    expect(found.map(({ fields }) => fields[0]?.[1])).toEqual(Array(7).fill(fixtureIds.buildkit));
    expect(missing).toEqual(['nope', 'a'.repeat(64)]);
  });

  it('takes the comment of the last row where the image has none', async () => {
    const { found } = inspect({ dataRoot: await loadedRoot('buildkit'), names: ['h5fx:buildkit'] });
    expect(encodeGoJson(found)).toContain('"Comment":"buildkit.dockerfile.v0"');
  });

  it('tells the time of the last tagging', async () => {
    const dataRoot = await loadedRoot('classic');
    tag({ dataRoot, source: 'h5fx:classic', target: 'x' });
    const text = encodeGoJson(inspect({ dataRoot, names: ['x'] }).found);
    const [, time = ''] = /"LastTagTime":"([^"]+)"/.exec(text) ?? [];
    expect(Math.abs(Date.parse(time) - Date.now())).toBeLessThan(60_000);
    expect(text).toContain('"RepoTags":["h5fx:classic","x:latest"]');
  });

  it('says which image is damaged', async () => {
    const dataRoot = await loadedRoot('classic');
    const { paths } = openStore(dataRoot, { mode: 'read' });
    writeFileSync(`${paths.imageContent}/${hexOf(fixtureIds.classic)}`, '{}');
    expect(() => inspect({ dataRoot, names: ['h5fx:classic'] })).toThrow(
      expect.objectContaining({ code: 'LL_CORRUPT' }),
    );
  });

  it('refuses a name that can be none', async () => {
    const dataRoot = await loadedRoot('classic');
    expect(() => inspect({ dataRoot, names: ['UPPER'] })).toThrow(/must be lowercase/);
  });
});
