import { chmodSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { importImage } from '../../src/engine/import.ts';
import { openStore } from '../../src/store/store.ts';
import { removeTempFolders, tempFolder } from '../temp-root.ts';

afterEach(removeTempFolders);

describe('import of a folder', () => {
  it('makes a layer of a folder by the rules of D.1 and D.2', async () => {
    const folder = tempFolder();
    // buildkit client/testdata/compatibility v30, second layer; all times 2015-10-21T07:28:00Z, owner root.
    mkdirSync(`${folder}/generated/deeper`, { recursive: true });
    writeFileSync(`${folder}/generated/deeper/nested.txt`, 'nested-exec\n');
    writeFileSync(`${folder}/generated/exec.txt`, 'exec-fixture\n');
    const paths = ['generated/deeper/nested.txt', 'generated/exec.txt', 'generated/deeper', 'generated'];
    for (const path of paths) {
      chmodSync(`${folder}/${path}`, path.endsWith('.txt') ? 0o644 : 0o755);
      utimesSync(`${folder}/${path}`, 1445412480, 1445412480);
    }
    const dataRoot = `${tempFolder()}/root`;
    await importImage({ dataRoot, source: folder });
    const store = openStore(dataRoot, { mode: 'read' });
    expect(store.layers.list()[0]?.diffId.slice(7, 15)).toBe('672c0da8');
  });
});
