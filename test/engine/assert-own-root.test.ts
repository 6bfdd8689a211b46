import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { assertOwnRoot } from '../../src/engine/assert-own-root.ts';
import { removeTempFolders, tempFolder } from '../temp-root.ts';
import { loadedRoot } from './loaded-root.ts';

afterEach(removeTempFolders);

describe('assertOwnRoot', () => {
  it("refuses a dockerd's data-root", () => {
    const dataRoot = tempFolder();
    mkdirSync(join(dataRoot, 'image/overlay2'), { recursive: true });
    writeFileSync(join(dataRoot, 'engine-id'), 'x');
    expect(() => assertOwnRoot(dataRoot)).toThrow(expect.objectContaining({ code: 'LL_FOREIGN_ROOT', exitCode: 2 }));
  });

  it('lets pass what layerlab made, what is empty and what is not there', async () => {
    const own = await loadedRoot('several');
    const empty = tempFolder();
    for (const dataRoot of [own, empty, join(empty, 'missing')]) expect(() => assertOwnRoot(dataRoot)).not.toThrow();
  });
});
