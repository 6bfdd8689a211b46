import { mkdtempSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { startThread, type Thread } from '../../../src/committer/ahead/open-writers.ts';
import { HashThread } from '../../../src/committer/hash-thread/hash-thread.ts';
import { inThread } from '../../../src/committer/hash-thread/stream-hash.ts';
import { type Entry, tarOf, unpackBothWays } from './unpack-both-ways.ts';

const BUILT = fileURLToPath(new URL('../../../dist/hash-worker.cjs', import.meta.url));
const READER = fileURLToPath(new URL('../../../dist/writer-thread.cjs', import.meta.url));

let folder: string;
let threads: HashThread[] = [];
let stop: Int32Array;
let reader: Thread;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerlab-hash-early-'));
  stop = new Int32Array(new SharedArrayBuffer(4));
  reader = startThread(READER, stop);
});
afterEach(async () => {
  stop[0] = 1;
  await reader.close();
  for (const thread of threads) thread.stop();
  threads = [];
  rmSync(folder, { recursive: true, force: true });
});

const file = (name: string, content = `content of ${name}`): Entry => ({ name, content });
const dir = (name: string, mode = 0o755): Entry => ({ name: `${name}/`, type: '5', mode });
const link = (name: string, linkname: string): Entry => ({ name, type: '2', linkname });
const again = (name: string, linkname: string): Entry => ({ name, type: '1', linkname });
const large = 'large '.repeat(100_000);

describe('a layer that is hashed from the archive while its files are on their way', () => {
  // A busy machine takes its time to start a thread. What is refused leaves one at work that cannot be used any more.
  const hash = (script = BUILT, startMs = 60_000) => {
    const thread = new HashThread(script, startMs);
    threads.push(thread);
    return inThread(thread);
  };
  /** What one more thread reads for it; that is given nothing before the first is there. */
  const readers = { read: (work: Parameters<Thread['send']>[0]) => reader.send(work) };
  const wakened = () => {
    const thread = new HashThread(BUILT, 60_000);
    threads.push(thread);
    thread.finish();
    return inThread(thread);
  };

  it.each<[string, readonly Entry[]]>([
    ['files in any order', [dir('b'), file('b/2'), file('b/1'), dir('a', 0o700), file('a/x', large), file('top')]],
    ['contents that end where a block does', [file('a', 'x'.repeat(512)), file('b', 'y'.repeat(1024)), file('c')]],
    ['folders that are never named', [file('a/b/c'), file('d/e')]],
    ['several names of one file', [file('m'), again('z', 'm'), again('a', 'z'), file('other')]],
    ['several names of an empty file', [file('m', ''), again('a', 'm')]],
    ['empty files alone', [file('a', ''), dir('d'), file('d/b', '')]],
    ['nothing', []],
    ['links', [link('l', 'f'), file('f'), link('d', 'e'), dir('e'), link('e/up', '../f')]],
    ['a file that an empty one replaces', [file('a', 'first'), file('b'), file('a', '')]],
    ['a file that a folder replaces', [file('a'), file('b'), dir('a'), file('c')]],
    ['names that take more than one header', [file(`${'long/'.repeat(40)}name`), file('c')]],
    [
      'more than the thread has memory for',
      [...Array(9000).keys()].map((at) => file(`f/${at}`, `${at}`.repeat(at % 300))),
    ],
  ])('is that of two passes for %s', async (_, entries) => {
    for (const form of [{ hash }, { gzip: true, hash: wakened, readers }]) {
      const { early, twoPasses } = await unpackBothWays(folder, tarOf(entries), { faithful: false, ...form });
      expect(early).toEqual(twoPasses);
      expect(early.files).toBeDefined();
    }
  });

  it.each([
    ['bounded', { latestTime: 1_000_000_000n * 1_000_000_000n }],
    ['whole seconds', { asFromTar: true }],
  ])('has times that are %s as in two passes', async (_, form) => {
    const tar = tarOf([dir('a'), file('a/b'), link('a/l', 'b'), file('c')]);
    const { early, twoPasses } = await unpackBothWays(folder, tar, { faithful: false, hash: () => hash(), ...form });
    expect(early).toEqual(twoPasses);
  });

  it('is hashed by the caller where the thread does not come up', async () => {
    const tar = tarOf([...Array(400).keys()].map((at) => file(`f/${at}`)));
    const none = () => hash(join(folder, 'not there'), 1);
    const { early, twoPasses } = await unpackBothWays(folder, tar, { faithful: false, hash: none });
    expect(early).toEqual(twoPasses);
    expect(early.files).toBeDefined();
  });

  it('is the same for any archive', async () => {
    const name = fc
      .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 })
      .map((names) => names.join('/'));
    const text = fc.constantFrom('', 'x', 'y'.repeat(511), 'z'.repeat(512), 'w'.repeat(70_000));
    const entry = fc.oneof(
      { arbitrary: fc.tuple(name, text).map(([n, content]) => file(n, content)), weight: 4 },
      { arbitrary: name.map((n) => dir(n)), weight: 2 },
      { arbitrary: fc.tuple(name, name).map(([n, to]) => link(n, to)), weight: 1 },
      { arbitrary: fc.tuple(name, name).map(([n, to]) => again(n, to)), weight: 1 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 8 }), async (entries) => {
        const { early, twoPasses } = await unpackBothWays(folder, tarOf(entries), {
          faithful: false,
          hash: () => hash(),
        });
        expect(early).toEqual(twoPasses);
        for (const thread of threads.splice(0)) thread.stop();
      }),
      { numRuns: 60 },
    );
  });

  it('is refused where a content is not the one any more that was written, whatever the file system says of the archive', async () => {
    const bytes = tarOf([file('a', large), file('b')]);
    const archive = join(folder, 'archive');
    const meanwhile = (): void => {
      const { atime, mtime } = statSync(archive);
      writeFileSync(archive, Buffer.from(bytes).fill('X', 512 + 300_000, 512 + 300_001), { flag: 'r+' });
      utimesSync(archive, atime, mtime);
    };
    const settled = (): void => utimesSync(archive, 1_400_000_000, 1_400_000_000);
    const first = await unpackBothWays(folder, bytes, { faithful: false, hash: () => hash(), meanwhile: settled });
    // The stamp that was noted is another one by now.
    expect(first.early.layer).toMatch(/LayerlabError: .*archive changed while it was read/);
    for (const form of [{ hash: () => hash() }, { hash: wakened, readers }]) {
      const second = await unpackBothWays(folder, bytes, { faithful: false, meanwhile, ...form });
      expect(second.early.layer).toMatch(/archive changed while it was read/);
    }
  });

  it('is refused where the archive is cut meanwhile', async () => {
    const meanwhile = (): void => truncateSync(join(folder, 'archive'), 2000);
    for (const form of [{ hash: () => hash() }, { hash: wakened, readers }]) {
      const { early } = await unpackBothWays(folder, tarOf([file('a', large)]), {
        faithful: false,
        meanwhile,
        ...form,
      });
      expect(early.layer).toMatch(/archive (changed|became shorter) while it was read/);
    }
  });
});
