import { readdirSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Lab } from './lab.ts';

/** Longer than the coarsest clock of a file system ticks, so that what was kept of a file is believed. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2100));

describe.each(['buildkit', 'classic'])('files that the %s builder has read before', (builder) => {
  let lab: Lab;
  beforeEach(async () => {
    lab = new Lab();
    for (const name of ['d/a', 'd/b', 'd/sub/c']) lab.write(name, 'one');
    lab.write('Dockerfile', 'FROM scratch\nCOPY d /d\n');
    await settle();
  });
  afterEach(() => lab.remove());

  const path = (name: string): string => join(lab.context, name);
  const build = (...more: string[]): string => lab.build(['--builder', builder, ...more]);
  const contents = (id: string): string[] =>
    ['a', 'b', 'sub/c'].map((name) => lab.ok(['cat', `${id.replace('sha256:', '')}:/d/${name}`]));

  it('are the cached image where nothing was done to them', () => {
    const first = build();
    expect(build()).toBe(first);
    expect(build()).toBe(first);
  });

  it('are read again where one has the same size and its time was put back', () => {
    build();
    const { atime, mtime } = statSync(path('d/sub/c'));
    writeFileSync(path('d/sub/c'), 'two');
    utimesSync(path('d/sub/c'), atime, mtime);
    expect(contents(build())).toEqual(['one', 'one', 'two']);
  });

  it('are read again where another file took the name of one', () => {
    build();
    const { atime, mtime } = statSync(path('d/b'));
    writeFileSync(path('other'), 'two');
    utimesSync(path('other'), atime, mtime);
    renameSync(path('other'), path('d/b'));
    expect(contents(build())).toEqual(['one', 'two', 'one']);
  });

  it('are read again right after a change, however young it is', () => {
    build();
    for (const text of ['two', 'six', 'ten']) {
      writeFileSync(path('d/a'), text);
      expect(contents(build())).toEqual([text, 'one', 'one']);
    }
  });

  it('do not matter to a cache that was spoiled', () => {
    const first = build();
    const folder = join(lab.dataRoot, 'layerlab/cache/stats');
    if (builder === 'classic') {
      for (const name of readdirSync(folder)) writeFileSync(join(folder, name), 'spoiled');
    }
    expect(build()).toBe(first);
    expect(lab.ok(['check', '--full'])).toContain('sound');
    lab.ok(['builder', 'prune', '-f']);
    expect(build()).toBe(first);
  });
});
