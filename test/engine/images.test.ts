import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { images } from '../../src/engine/images.ts';
import { remove } from '../../src/engine/remove.ts';
import { tag } from '../../src/engine/tag.ts';
import { digestOf, hexOf } from '../../src/formats/digest.ts';
import { openStore } from '../../src/store/store.ts';
import { removeTempFolders, tempFolder } from '../temp-root.ts';
import { fixtureIds } from '../transports/docker-archive/fixture-archive.ts';
import { loadedRoot } from './loaded-root.ts';

afterEach(removeTempFolders);

const shown = (rows: ReturnType<typeof images>): string[] =>
  rows.map(({ repository, tag: name }) => `${repository}:${name}`);

describe('images', () => {
  it('lists what the daemon lists, newest first, the names of an image in its order', async () => {
    const dataRoot = await loadedRoot('several');
    interface Summary {
      readonly Id: string;
      readonly Created: number;
      readonly RepoTags: readonly string[];
      readonly Labels: Readonly<Record<string, string>>;
      readonly Size: number;
    }
    const golden: readonly Summary[] = JSON.parse(
      readFileSync(new URL('./fixtures/images.json', import.meta.url), 'utf8'),
    );
    const rows = images({ dataRoot });
    expect(shown(rows)).toEqual(golden.flatMap(({ RepoTags }) => RepoTags));
    for (const { Id, Created, Labels, Size } of golden) {
      const row = rows.find(({ id }) => id === Id);
      // That daemon still had BuildKit's own layer, whose size leaves out the text of one link of 5 bytes.
      const size = Id === fixtureIds.buildkit ? Size + 5 : Size;
      expect(row).toMatchObject({ created: Created, labels: Labels, size, digest: '<none>' });
    }
  });

  // Docker 28.5 keeps what was built with --platform windows/amd64, refuses to name it, and lists it nowhere.
  it.each(['windows', 'darwin', 'freebsd'])('leaves out what is for %s', async (os) => {
    const dataRoot = await loadedRoot('several');
    const before = images({ dataRoot, all: true });
    const store = openStore(dataRoot, { mode: 'write' });
    const path = `${dataRoot}/image/overlay2/imagedb/content/sha256/${hexOf(fixtureIds.buildkit)}`;
    store.images.create(Buffer.from(readFileSync(path, 'utf8').replace('"os":"linux"', `"os":"${os}"`)));
    expect(store.images.list()).toHaveLength(new Set(before.map(({ id }) => id)).size + 1);
    store.close();
    expect(images({ dataRoot, all: true })).toEqual(before);
  });

  it('hides images that others stand on, but not from -a, and shows dangling ones', async () => {
    const dataRoot = await loadedRoot('several');
    const store = openStore(dataRoot, { mode: 'write' });
    for (const name of ['h5fx:classic', 'h5fx/other:v1', 'h5fx:buildkit']) store.references.delete(name);
    store.close();
    expect(images({ dataRoot }).map(({ id }) => id)).toEqual([fixtureIds.buildkit, fixtureIds.child]);
    expect(images({ dataRoot, all: true }).map(({ id }) => id)).toEqual([
      fixtureIds.buildkit,
      fixtureIds.child,
      fixtureIds.classic,
    ]);
    expect(images({ dataRoot, all: true, filters: ['dangling=true'] }).map(({ id }) => id)).toEqual([
      fixtureIds.buildkit,
    ]);
    expect(shown(images({ dataRoot, filters: ['dangling=false'] }))).toEqual(['h5fx:child']);
  });

  it('filters by name, label and time', async () => {
    const dataRoot = await loadedRoot('several');
    const filtered = (...filters: readonly string[]): string[] => shown(images({ dataRoot, filters }));
    // The first four as Docker 28.5 answered them.
    expect(filtered('reference=h5fx*/*')).toEqual(['h5fx/other:v1']);
    expect(filtered('reference=h5*:ch*')).toEqual(['h5fx:child']);
    expect(shown(images({ dataRoot, reference: 'h5fx:c*' }))).toEqual(['h5fx:child', 'h5fx:classic']);
    expect(filtered('reference=*')).toEqual(['h5fx:buildkit', 'h5fx:child', 'h5fx:classic']);
    expect(filtered('label=org.example.title')).toHaveLength(4);
    expect(filtered('label=org.example.title=fixture <one>', 'reference=h5fx:child')).toEqual(['h5fx:child']);
    expect(filtered('label=org.example.title=other')).toEqual([]);
    expect(filtered('before=h5fx:child')).toEqual(['h5fx:classic']);
    expect(filtered('since=h5fx:child')).toEqual(['h5fx/other:v1', 'h5fx:buildkit']);
    expect(filtered('until=2026-11-21T02:58:38Z')).toEqual(['h5fx:child', 'h5fx:classic']);
    expect(filtered('until=1000')).toEqual([]);
  });

  // Docker 28.5's words.
  for (const [filter, message] of [
    ['foo=bar', "invalid filter 'foo'"],
    ['dangling=x', "invalid filter 'dangling=[x]'"],
    ['before=nope', 'No such image: nope:latest'],
    ['until=zz', 'failed to parse value as time or duration: "zz"'],
  ] as const) {
    it(`refuses the filter ${filter}`, async () => {
      const dataRoot = await loadedRoot('classic');
      expect(() => images({ dataRoot, filters: [filter] })).toThrow(message);
    });
  }

  it('goes on past a damaged image', async () => {
    const dataRoot = await loadedRoot('several');
    const { paths } = openStore(dataRoot, { mode: 'read' });
    writeFileSync(`${paths.imageContent}/${hexOf(fixtureIds.classic)}`, 'damaged');
    expect(shown(images({ dataRoot }))).toEqual(['h5fx/other:v1', 'h5fx:buildkit', 'h5fx:child']);
  });

  it('shows names by digest that were pulled', async () => {
    const dataRoot = await loadedRoot('classic');
    const store = openStore(dataRoot, { mode: 'write' });
    store.references.set(
      { domain: 'docker.io', path: 'library/h5fx', tag: undefined, digest: digestOf('m') },
      fixtureIds.classic,
    );
    store.references.set({ domain: 'ghcr.io', path: 'a/b', tag: undefined, digest: digestOf('n') }, fixtureIds.classic);
    store.close();
    expect(images({ dataRoot }).map((row) => [row.repository, row.tag, row.digest])).toEqual([
      ['h5fx', 'classic', digestOf('m')],
      ['ghcr.io/a/b', '<none>', digestOf('n')],
    ]);
    tag({ dataRoot, source: `h5fx@${digestOf('m')}`, target: 'by-digest' });
    expect(remove({ dataRoot, images: ['by-digest'] }).records).toEqual([{ untagged: 'by-digest:latest' }]);
  });

  it('is empty for a data-root that is not there', () => {
    expect(images({ dataRoot: `${tempFolder()}/none` })).toEqual([]);
  });
});
