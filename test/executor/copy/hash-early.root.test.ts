import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { HashThread } from '../../../src/committer/hash-thread/hash-thread.ts';
import { inThread } from '../../../src/committer/hash-thread/stream-hash.ts';
import { type Entry, tarOf, unpackBothWays } from './unpack-both-ways.ts';

const BUILT = fileURLToPath(new URL('../../../dist/hash-worker.cjs', import.meta.url));

let folder: string;
let threads: HashThread[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerlab-hash-early-'));
});
afterEach(() => {
  for (const thread of threads) thread.stop();
  threads = [];
  rmSync(folder, { recursive: true, force: true });
});

const hash = () => {
  const thread = new HashThread(BUILT, 60_000);
  threads.push(thread);
  return inThread(thread);
};
const file = (name: string, more: Partial<Entry> = {}): Entry => ({ name, content: `content of ${name}`, ...more });
const dir = (name: string, more: Partial<Entry> = {}): Entry => ({ name: `${name}/`, type: '5', mode: 0o755, ...more });

// Needs root: owners, special bits, devices.
it('hashes a layer from the archive, and gives files what only root can, as two passes do', async () => {
  const entries = [
    dir('a', { mode: 0o2775, gid: 50 }),
    file('a/b', { uid: 1000, gid: 1001 }),
    dir('a/c', { mode: 0 }),
    file('a/c/d', { mode: 0o4755, uid: 3 }),
    { name: 'a/empty', uid: 9 },
    { name: 'a/link', type: '2', linkname: 'b', uid: 4 } as const,
    file('caps', {
      xattrs: new Map([['security.capability', Buffer.from('0100000200040000000000000000000000000000', 'hex')]]),
    }),
    { name: 'null', type: '3', devmajor: 1, devminor: 3, mode: 0o666 } as const,
    { name: 'pipe', type: '6', mode: 0o600 } as const,
    { name: 'pipe-too', type: '1', linkname: 'pipe' } as const,
    file('z'),
    { name: 'again', type: '1', linkname: 'z', uid: 2, mode: 0o600 } as const,
  ];
  for (const asFromTar of [false, true]) {
    for (const gzip of [false, true]) {
      const form = { faithful: true, asFromTar, gzip, hash };
      const { early, twoPasses } = await unpackBothWays(folder, tarOf(entries), form);
      expect(early).toEqual(twoPasses);
      expect(early.files).toBeDefined();
    }
  }
});
