import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Lab } from './lab.ts';

/** Nanoseconds. */
const HOUR = 3_600_000_000_000n;

describe('without the cache, a copy whose layer an earlier build made', () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
    for (const name of ['d/a', 'd/b', 'd/sub/c']) lab.write(name, 'one');
    lab.write('Dockerfile', 'FROM scratch\nCOPY d /d\n');
  });
  afterEach(() => lab.remove());

  const snapshots = (): readonly string[] => readdirSync(join(lab.dataRoot, 'overlay2')).filter((name) => name !== 'l');
  const lastChange = (): bigint => statSync(join(lab.dataRoot, 'overlay2'), { bigint: true }).mtimeNs;
  const layers = (name: string): string => lab.ok(['inspect', '-f', '{{json .RootFS.Layers}}', name]);

  it('is read, and not written once more', () => {
    lab.build(['-t', 'first']);
    const [before, made] = [lastChange(), snapshots()];
    const progress = lab.run(['build', '--progress', 'plain', '--no-cache', '-t', 'second', lab.context]).stderr;
    expect(progress).not.toContain('CACHED');
    expect(layers('second')).toBe(layers('first'));
    expect(snapshots()).toEqual(made);
    // A snapshot that comes and goes would show here.
    expect(lastChange()).toBe(before);
    expect(lab.ok(['check', '--full'])).toMatch(/: sound, /);
  });

  it.each([
    ['into a folder that is there', 'FROM scratch AS b\nCOPY d/a /d/sub/x\nFROM b\nCOPY d /d\n', 2],
    ['onto files that are there', 'FROM scratch AS b\nCOPY d/a /d/a\nFROM b\nCOPY d /d\n', 2],
    ['into a folder that a link leads to', 'FROM scratch AS b\nCOPY l /l\nCOPY d/a /e/a\nFROM b\nCOPY d /l\n', 3],
    ['with an owner', 'FROM scratch\nCOPY --chown=7:8 d /d\n', 1],
    ['into the root', 'FROM scratch\nCOPY d /\n', 1],
  ])('is the same %s', (_, dockerfile, count) => {
    lab.write('d/empty', '');
    lab.write(`d/sub/${'long'.repeat(40)}`, 'long');
    symlinkSync('a', join(lab.context, 'd/link'));
    mkdirSync(join(lab.context, 'l'));
    symlinkSync('../e', join(lab.context, 'l/d'));
    lab.write('Dockerfile', dockerfile.replace('COPY d /l', 'COPY d /l/d'));
    // Folders on the way are made anew, with the time of the build.
    const fixed = ['--timestamp', '1700000000', '-t'];
    lab.build([...fixed, 'first']);
    const [before, made] = [lastChange(), snapshots()];
    expect(made).toHaveLength(count);
    lab.build(['--no-cache', ...fixed, 'second']);
    expect(layers('second')).toBe(layers('first'));
    expect([snapshots(), lastChange()]).toEqual([made, before]);
    expect(lab.ok(['check', '--full'])).toMatch(/: sound, /);
  });

  it('is written at once where a folder on its way is made anew', async () => {
    lab.write('Dockerfile', 'FROM scratch\nCOPY d /new/d\nCOPY . /whole\n');
    lab.build(['-t', 'first']);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    lab.build(['--no-cache', '-t', 'second']);
    expect(layers('second')).not.toBe(layers('first'));
    expect(snapshots()).toHaveLength(4);
    const fixed = ['--no-cache', '--timestamp', '1700000000', '-t'];
    lab.build([...fixed, 'third']);
    lab.build([...fixed, 'fourth']);
    expect(layers('fourth')).toBe(layers('third'));
    expect(snapshots()).toHaveLength(6);
  });

  it('is in the cache of the next build as before', async () => {
    // Longer than the coarsest clock of a file system ticks, so that what was kept of a file is believed.
    await new Promise((resolve) => setTimeout(resolve, 2100));
    lab.build(['--no-cache', '-t', 'first']);
    const second = lab.build(['--no-cache', '-t', 'second']);
    expect(second).not.toBe(lab.ok(['inspect', '-f', '{{.Id}}', 'first']));
    expect(lab.build()).toBe(second);
    lab.write('d/b', 'two');
    expect(lab.ok(['cat', `${lab.build().replace('sha256:', '')}:/d/b`])).toBe('two');
    // The files that were not touched are known by their own marks, of the first build.
    lab.write('d/b', 'one');
    expect(layers(lab.build().replace('sha256:', ''))).toBe(layers('first'));
  });

  it('is written where the context has other bytes', () => {
    lab.build(['-t', 'first']);
    lab.write('d/b', 'two');
    lab.build(['--no-cache', '-t', 'second']);
    expect(snapshots()).toHaveLength(2);
    expect(lab.ok(['cat', 'second:/d/b'])).toBe('two');
  });

  const records = (dataRoot: string): string[] => {
    const steps = join(dataRoot, 'layerlab/cache/steps');
    return readdirSync(steps).flatMap((key) =>
      readdirSync(join(steps, key))
        .filter((name) => name.endsWith('.json'))
        .map((name) => join(steps, key, name)),
    );
  };
  const stampOf = (record: string): string => JSON.parse(readFileSync(record, 'utf8')).stamp;
  const aged = (record: string, nanos: bigint): string => {
    const value = JSON.parse(record) as { readAt: string };
    return JSON.stringify({ ...value, readAt: String(BigInt(value.readAt) + nanos) });
  };

  // Nobody can make a file look the same with other bytes in it, so it is the cache that is made to say so.
  it.each([
    ['written', 'a folder', 'COPY d /d', 'in the tick of its change', 0n, 'two'],
    ['believed', 'a folder', 'COPY d /d', 'long after its change', HOUR, 'one'],
    ['written', 'what is planned', 'COPY d/[ab] d/sub /d/', 'in the tick of its change', 0n, 'two'],
    ['believed', 'what is planned', 'COPY d/[ab] d/sub /d/', 'long after its change', HOUR, 'one'],
  ])('is %s where the sources look the same: %s (%s), read %s', (_, __, line, ___, later, expected) => {
    // A folder that is made has the time of the build.
    const fixed = ['--no-cache', '--timestamp', '1700000000', '-t'];
    lab.write('Dockerfile', `FROM scratch\n${line}\n`);
    lab.build([...fixed, 'first']);
    const other = `${lab.dataRoot}-other`;
    cpSync(lab.dataRoot, other, { recursive: true, verbatimSymlinks: true });
    const [known = ''] = records(lab.dataRoot);
    const old = stampOf(known);
    lab.write('d/b', 'two');
    lab.build([...fixed, 'x']);
    const fresh = records(lab.dataRoot)
      .map(stampOf)
      .find((stamp) => stamp !== old);
    const [spoiled = ''] = records(other);
    writeFileSync(spoiled, aged(readFileSync(spoiled, 'utf8').replace(old, fresh ?? ''), later));
    expect(stampOf(spoiled)).toBe(fresh);
    lab.build([...fixed, 'second'], { dataRoot: other });
    expect(lab.ok(['cat', 'second:/d/b'], { dataRoot: other })).toBe(expected);
    expect(lab.ok(['cat', 'first:/d/b'], { dataRoot: other })).toBe('one');
  });

  it('is written where the kept layer stands on another', () => {
    lab.write('Dockerfile', 'FROM scratch AS b\nCOPY d/a /x\nFROM b\nCOPY d /d\n');
    lab.build(['-t', 'first']);
    const all = records(lab.dataRoot);
    const [below = '', above = ''] = all.sort(
      (a, b) =>
        Number(readFileSync(a, 'utf8').includes('"parent"')) - Number(readFileSync(b, 'utf8').includes('"parent"')),
    );
    const lower = JSON.parse(readFileSync(below, 'utf8'));
    const spoiled = { ...lower, stamp: stampOf(above), readAt: lower.readAt };
    writeFileSync(above, aged(JSON.stringify(spoiled), HOUR));
    lab.build(['--no-cache', '-t', 'second']);
    expect(layers('second')).toBe(layers('first'));
    expect(lab.ok(['cat', 'second:/d/sub/c'])).toBe('one');
    expect(lab.ok(['check', '--full'])).toMatch(/: sound, /);
  });

  it('is written where two kept layers are said to come of the same files', () => {
    lab.build(['-t', 'first']);
    const [first = ''] = records(lab.dataRoot);
    lab.write('d/b', 'two');
    lab.build(['-t', 'second']);
    const second = records(lab.dataRoot).find((name) => name !== first) ?? '';
    const spoiled = readFileSync(first, 'utf8').replace(stampOf(first), stampOf(second));
    writeFileSync(first, aged(spoiled, HOUR));
    writeFileSync(second, aged(readFileSync(second, 'utf8'), HOUR));
    lab.build(['--no-cache', '-t', 'third']);
    expect(lab.ok(['cat', 'third:/d/b'])).toBe('two');
  });

  // BuildKit's client does not send such a file, and dockerd builds with the old one, also without the cache.
  it('is written where a file has other bytes, and the size and the time that it had', async () => {
    utimesSync(join(lab.context, 'd/b'), 1_600_000_000, 1_600_000_000);
    await new Promise((resolve) => setTimeout(resolve, 2100));
    lab.build(['--no-cache', '-t', 'first']);
    lab.write('d/b', 'two');
    utimesSync(join(lab.context, 'd/b'), 1_600_000_000, 1_600_000_000);
    lab.build(['--no-cache', '-t', 'second']);
    expect(lab.ok(['cat', 'second:/d/b'])).toBe('two');
  });

  it('is there before a thread for its large file is up, which ends with the build all the same', async () => {
    lab.write('d/large', 'x'.repeat(25 * 1024 * 1024));
    await new Promise((resolve) => setTimeout(resolve, 2100));
    const ends = Array.from({ length: 8 }, () => {
      const { status, signal, stderr } = lab.run(['build', '-q', '--no-cache', lab.context]);
      return { status, signal, stderr };
    });
    expect(ends).toEqual(ends.map(() => ({ status: 0, signal: null, stderr: '' })));
  });

  it('keeps the moment at which its files were read', async () => {
    await new Promise((resolve) => setTimeout(resolve, 2100));
    const readAt = (): string => JSON.parse(readFileSync(records(lab.dataRoot)[0] ?? '', 'utf8')).readAt;
    lab.build(['--no-cache']);
    const first = readAt();
    lab.build(['--no-cache']);
    expect(readAt()).toBe(first);
  });

  it('is written where its snapshot is gone', () => {
    lab.build(['-t', 'first']);
    lab.ok(['rmi', 'first']);
    lab.ok(['builder', 'prune', '-a', '-f']);
    lab.build(['--no-cache', '-t', 'second']);
    expect(lab.ok(['cat', 'second:/d/sub/c'])).toBe('one');
    expect(lab.ok(['check', '--full'])).toMatch(/: sound, /);
  });

  it('is read in every stage that copies, and written in the one whose files are others', () => {
    const stages = ['x', 'y', 'z'];
    for (const stage of stages) {
      for (let n = 0; n < 200; n++) lab.write(`${stage}/${n % 7}/${n}`, `${stage} ${n}`);
    }
    const lines = stages.map((stage) => `FROM scratch AS ${stage}\nCOPY ${stage} /files\n`).join('');
    const collected = stages.map((stage) => `COPY --from=${stage} /files /${stage}\n`).join('');
    lab.write('Dockerfile', `${lines}FROM scratch\n${collected}`);
    lab.build(['--no-cache', '-t', 'first']);
    const made = snapshots().length;
    const again = lab.run(['build', '-q', '--no-cache', '-t', 'second', lab.context]);
    expect([again.status, again.stderr]).toEqual([0, '']);
    expect(layers('second')).toBe(layers('first'));
    lab.write('y/3/3', 'changed');
    lab.build(['--no-cache', '-t', 'third']);
    expect(['first:/y/3/3', 'third:/y/3/3', 'third:/z/3/3'].map((file) => lab.ok(['cat', file]))).toEqual([
      'y 3',
      'changed',
      'z 3',
    ]);
    // A new layer of the stage, and those of the copies that stand on its files.
    expect(snapshots().length).toBeGreaterThan(made);
    expect(lab.ok(['check', '--full'])).toMatch(/: sound, /);
  });
});
