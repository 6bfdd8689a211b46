import { afterEach, describe, expect, it } from '@jest/globals';
import { tryLockFile } from '../../src/store/file-lock.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { removeTempFolders, tempFolder } from '../temp-root.ts';

afterEach(removeTempFolders);

const fresh = (): Store => openStore(tempFolder(), { mode: 'write' });

/** Whether somebody else could take the lock at this moment: another open file stands for another process. */
function isFree({ paths }: Store): boolean {
  const lock = tryLockFile(paths.lock);
  lock?.release();
  return lock !== undefined;
}

describe('the lock of a store', () => {
  it('is held within a call, and within calls in it', () => {
    const store = fresh();
    const seen = store.lock(() => [isFree(store), store.lock(() => isFree(store)), isFree(store)]);
    expect([...seen, isFree(store)]).toEqual([false, false, false, true]);
  });

  it('is let go of when a call fails', () => {
    const store = fresh();
    const fail = (): never => {
      throw new Error('no');
    };
    expect(() => store.lock(fail)).toThrow('no');
    expect(isFree(store)).toBe(true);
  });
});
