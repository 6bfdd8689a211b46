import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { history } from '../../src/engine/history.ts';
import { removeTempFolders } from '../temp-root.ts';
import { loadedRoot } from './loaded-root.ts';

afterEach(removeTempFolders);

interface DaemonRow {
  readonly Comment: string;
  readonly Created: number;
  readonly CreatedBy: string;
  readonly Id: string;
  readonly Size: number;
  readonly Tags: readonly string[] | null;
}

describe('history', () => {
  for (const name of ['classic', 'child'] as const) {
    it(`gives the daemon's rows for the same image: ${name}`, async () => {
      const dataRoot = await loadedRoot('several');
      const golden: readonly DaemonRow[] = JSON.parse(
        readFileSync(new URL(`./fixtures/history-${name}.json`, import.meta.url), 'utf8'),
      );
      const rows = history({ dataRoot, image: `h5fx:${name}` });
      expect(
        rows.map((row) => ({
          Comment: row.comment,
          Created: row.created,
          CreatedBy: row.createdBy,
          Id: row.id,
          Size: row.size,
          Tags: row.tags.length === 0 ? null : row.tags,
        })),
      ).toEqual(golden);
      expect(rows.every((row) => Math.floor(Date.parse(row.createdAt) / 1000) === row.created)).toBe(true);
    });
  }

  it('says that there is no such image', async () => {
    const dataRoot = await loadedRoot('classic');
    expect(() => history({ dataRoot, image: 'nope' })).toThrow('No such image: nope:latest');
  });
});
