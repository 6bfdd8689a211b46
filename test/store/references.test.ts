import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../src/formats/digest.ts';
import { parseReference } from '../../src/formats/reference.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { removeTempFolders, tempFolder } from '../temp-root.ts';

afterEach(removeTempFolders);

const [A, B] = [digestOf('a'), digestOf('b')];

function withNames(...names: readonly string[]): Store {
  const store = openStore(tempFolder(), { mode: 'write' });
  for (const name of names) store.references.set(parseReference(name), A);
  return store;
}

const fileOf = (store: Store): string => readFileSync(store.paths.repositories, 'utf8');

describe('repositories.json', () => {
  it('is written byte for byte as dockerd does: sorted, compact, no newline, 0600', () => {
    const store = withNames('zz:1', 'docker.io/library/bb:latest', 'ghcr.io/me/app:v1', 'bb:2', `bb@${B}`);
    expect(fileOf(store)).toBe(
      `{"Repositories":{"bb":{"bb:2":"${A}","bb:latest":"${A}","bb@${B}":"${A}"},` +
        `"ghcr.io/me/app":{"ghcr.io/me/app:v1":"${A}"},"zz":{"zz:1":"${A}"}}}`,
    );
    expect(lstatSync(store.paths.repositories).mode & 0o777).toBe(0o600);
    expect(readdirSync(store.paths.image).filter((name) => name.startsWith('.tmp'))).toEqual([]);
  });

  // The order that Docker 28.5 gave for the names of one image.
  it('lists the names of an image in the order of their whole text', () => {
    const store = withNames('zz5:1', 'mm5/x:1', 'localhost:5000/a:1', 'zz5:0.9', 'h5fx:child');
    expect(store.references.byImage(A).map(({ reference }) => reference)).toEqual([
      'h5fx:child',
      'zz5:0.9',
      'zz5:1',
      'mm5/x:1',
      'localhost:5000/a:1',
    ]);
  });

  it('moves a name, and says where it was', () => {
    const store = withNames('x:1');
    expect(store.references.set(parseReference('x:1'), B)).toBe(A);
    expect(store.references.resolve(parseReference('docker.io/library/x:1'))).toBe(B);
    expect(store.references.byImage(A)).toEqual([]);
  });

  it('sees what another process wrote since it was last asked', () => {
    const store = withNames('x:1');
    expect(store.references.list().map(({ reference }) => reference)).toEqual(['x:1']);
    openStore(store.dataRoot, { mode: 'write' }).references.set(parseReference('y:1'), B);
    expect(store.references.list().map(({ reference }) => reference)).toEqual(['x:1', 'y:1']);
    expect(store.references.byImage(B).map(({ reference }) => reference)).toEqual(['y:1']);
  });

  it('drops a name, and the repository with its last one', () => {
    const store = withNames('x:1', 'x:2');
    expect(store.references.delete('x:1')).toBe(true);
    expect(store.references.delete('x:1')).toBe(false);
    expect(fileOf(store)).toBe(`{"Repositories":{"x":{"x:2":"${A}"}}}`);
    store.references.delete('x:2');
    expect(fileOf(store)).toBe('{"Repositories":{}}');
  });

  it('keeps names that it does not understand when it writes', () => {
    const store = withNames('x:1');
    writeFileSync(store.paths.repositories, '{"Repositories":{"NOT/valid":{"NOT/valid:1":"odd"},"x":{}}}');
    store.references.set(parseReference('x:1'), A);
    expect(fileOf(store)).toBe(`{"Repositories":{"NOT/valid":{"NOT/valid:1":"odd"},"x":{"x:1":"${A}"}}}`);
    expect(store.references.list()).toEqual([{ repository: 'x', reference: 'x:1', id: A }]);
  });

  it('reads the file anew each time: others write it too', () => {
    const store = withNames('x:1');
    writeFileSync(store.paths.repositories, `{"Repositories":{"y":{"y:1":"${B}"}}}`);
    expect(store.references.resolve(parseReference('y:1'))).toBe(B);
  });
});
