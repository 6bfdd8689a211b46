import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../src/formats/digest.ts';
import { parseReference } from '../../src/formats/reference.ts';
import { openStore } from '../../src/store/store.ts';
import { removeTempFolders, tempFolder } from '../temp-root.ts';

afterEach(removeTempFolders);

const ID = digestOf('image');

function withFile(content: string | Buffer) {
  const store = openStore(tempFolder(), { mode: 'write' });
  writeFileSync(store.paths.repositories, content);
  return store;
}

describe('S06: a hostile repositories.json', () => {
  it('keys that JavaScript knows are names like others, and change nothing', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    const inner = names.map((name) => `"${name}":{"${name}:1":"${ID}"}`).join(',');
    const store = withFile(`{"Repositories":{${inner}}}`);
    expect(
      store.references
        .list()
        .map(({ repository }) => repository)
        .sort(),
    ).toEqual([...names].sort());
    expect(({} as Record<string, unknown>)['constructor:1']).toBeUndefined();
    store.references.set(parseReference('x:1'), ID);
    expect(readFileSync(store.paths.repositories, 'utf8')).toContain('"__proto__":{"__proto__:1"');
  });

  it('of two equal keys the last counts, as in Go', () => {
    const store = withFile(`{"Repositories":{"x":{"x:1":"${digestOf('a')}"},"x":{"x:1":"${ID}"}}}`);
    expect(store.references.resolve(parseReference('x:1'))).toBe(ID);
  });

  for (const [what, content] of [
    ['zero bytes', ''],
    ['half a file', '{"Repositories":{"x":{"x:1":"sha2'],
    ['a list', '[]'],
    ['a text', '"Repositories"'],
    ['repositories that are a list', '{"Repositories":[]}'],
    ['a name that is a number', '{"Repositories":{"x":{"x:1":5}}}'],
    ['a repository that is null', '{"Repositories":{"x":"y"}}'],
    ['deep nesting', `{"Repositories":${'{"a":'.repeat(5000)}`],
  ] as const) {
    it(`${what}: damage is reported, and the file is not written over`, () => {
      const store = withFile(content);
      const damaged = expect.objectContaining({ code: 'LL_CORRUPT' });
      expect(() => store.references.list()).toThrow(damaged);
      expect(() => store.references.set(parseReference('x:1'), ID)).toThrow(damaged);
      expect(readFileSync(store.paths.repositories, 'utf8')).toBe(content);
    });
  }

  it('an id that is none is no image, whatever it looks like', () => {
    const store = withFile('{"Repositories":{"x":{"x:1":"../../etc/passwd","x:2":"sha256:short"}}}');
    expect(store.references.list()).toEqual([]);
    expect(store.references.resolve(parseReference('x:1'))).toBeUndefined();
  });

  it('bytes that are no UTF-8 do no harm', () => {
    const store = withFile(
      Buffer.concat([Buffer.from('{"Repositories":{"a'), Buffer.from([0xff]), Buffer.from('":{}}}')]),
    );
    expect(store.references.list()).toEqual([]);
  });

  it('100 MB are refused before they are read', () => {
    const store = withFile('{');
    truncateSync(store.paths.repositories, 100 << 20);
    expect(() => store.references.list()).toThrow(expect.objectContaining({ code: 'LL_LIMIT' }));
  });
});
