import { closeSync, mkdirSync, openSync, readdirSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../src/formats/digest.ts';
import { newStringId } from '../../src/formats/ids.ts';
import { flock, LOCK_EX, LOCK_NB } from '../../src/host/syscalls.ts';
import { openStore } from '../../src/store/store.ts';
import { removeTempFolders, tempFolder } from '../temp-root.ts';
import { bundleProgram } from './child-process.ts';

afterEach(removeTempFolders);

describe('leases', () => {
  it('hold ids as long as they are open', () => {
    const root = tempFolder();
    const [mine, other] = [openStore(root, { mode: 'write' }), openStore(root, { mode: 'write' })];
    mine.lease().hold([digestOf('layer')]);
    expect(other.lock(() => other.leases().held.has(digestOf('layer')))).toBe(true);
    mine.close();
    expect(other.lock(() => other.leases().held.size)).toBe(0);
    expect(readdirSync(other.paths.leases)).toEqual([]);
  });

  it('take no id that is out of grammar', () => {
    const store = openStore(tempFolder(), { mode: 'write' });
    expect(() => store.lease().hold(['../../etc'])).toThrow(expect.objectContaining({ code: 'LL_DIGEST' }));
    store.close();
  });

  it('keep the snapshot of a living process from the next writer, and give that of a dead one to it', async () => {
    const root = tempFolder();
    openStore(root, { mode: 'write' }).close();
    const program = bundleProgram(`
      import { openStore } from '@/store/store.ts';
      const store = openStore(process.argv[2], { mode: 'write' });
      store.overlay.createSnapshot({ cacheId: process.argv[3] });
      process.stdout.write('made');
      setInterval(() => {}, 1000);
    `);
    const cacheId = newStringId();
    const child = program.start(root, cacheId);
    await new Promise((made) => child.stdout?.once('data', made));
    expect(openStore(root, { mode: 'write' }).overlay.list()).toEqual([cacheId]);
    await new Promise((gone) => {
      child.on('close', gone);
      child.kill('SIGKILL');
    });
    const store = openStore(root, { mode: 'write' });
    expect(store.overlay.list()).toEqual([]);
    expect(readdirSync(store.paths.links)).toEqual([]);
    expect(readdirSync(store.paths.leases)).toEqual([]);
    program.remove();
  });

  it('leave snapshots that dockerd made alone', () => {
    const root = tempFolder();
    const store = openStore(root, { mode: 'write' });
    const cacheId = newStringId();
    mkdirSync(`${store.paths.overlay}/${cacheId}/diff`, { recursive: true });
    openStore(root, { mode: 'write' }).close();
    expect(store.overlay.list()).toEqual([cacheId]);
  });
});

describe('a data-root that a dockerd runs on', () => {
  for (const database of ['volumes/metadata.db', 'network/files/local-kv.db', 'buildkit/cache.db']) {
    it(`is known by the lock on ${database}: reading is fine, writing is not`, () => {
      const root = tempFolder();
      openStore(root, { mode: 'write' }).close();
      mkdirSync(`${root}/${database.slice(0, database.lastIndexOf('/'))}`, { recursive: true });
      writeFileSync(`${root}/${database}`, 'bolt');
      openStore(root, { mode: 'write' }).close();
      const fd = openSync(`${root}/${database}`, 'r+');
      flock(fd, LOCK_EX | LOCK_NB);
      expect(() => openStore(root, { mode: 'write' })).toThrow(
        expect.objectContaining({ code: 'LL_DATA_ROOT_IN_USE' }),
      );
      expect(openStore(root, { mode: 'read' }).images.list()).toEqual([]);
      closeSync(fd);
      openStore(root, { mode: 'write' }).close();
    });
  }
});
