import { describe, expect, it } from '@jest/globals';
import { sameLayer } from '../../src/engine/compare/compare-files.ts';
import { configValues } from '../../src/engine/compare/config-values.ts';
import { builderOfImage } from '../../src/engine/image-files/builder-of-image.ts';
import { FileTable } from '../../src/engine/image-files/file-table.ts';
import { comparableText, linesOfRows, sameKind } from '../../src/engine/image-files/lines-of-rows.ts';
import { adviceFor } from '../../src/engine/waste/advice.ts';
import { emptyContainerConfig } from '../../src/formats/container-config.ts';
import { type HistoryRow, parseImageConfig } from '../../src/formats/image-config.ts';
import { dir, entry, file, link, opaque, whiteout } from './layer-entry.ts';

function imageOf(history: readonly Readonly<Record<string, unknown>>[]) {
  return parseImageConfig(
    Buffer.from(
      JSON.stringify({ architecture: 'amd64', os: 'linux', config: {}, history, rootfs: { type: 'layers' } }),
    ),
  );
}
const history = (...rows: readonly string[]): readonly HistoryRow[] =>
  imageOf(rows.map((created_by) => ({ created_by }))).history;

describe('the merged view', () => {
  it('has parents before children, names by their bytes, and follows no link', () => {
    const table = new FileTable();
    table.add([dir('b'), file('b/\u00ff', 1, '1'), file('b/a', 1, '1'), file('B', 1, '1'), dir('')]);
    table.add([entry('l', { kind: 'symlink', target: 'b' }), link('b/h', 'B'), link('b/x', 'no/such')]);
    expect([...table.files()].map(({ path }) => path)).toEqual(['B', 'b', 'b/a', 'b/h', 'b/\u00ff', 'l']);
    expect(table.get('l/a')).toBeUndefined();
    expect(table.get('b/h')).toMatchObject({ path: 'b/h', layer: 1, entry: { kind: 'file' }, content: { path: 'B' } });
  });
});

describe('a layer that changes its mind', () => {
  it('makes a file of a folder and a folder of a file, as the last word has it', () => {
    const table = new FileTable();
    table.add([file('d/a', 1, '1'), file('d', 2, '2'), file('d/b', 3, '3')]);
    expect([...table.files()].map(({ path }) => path)).toEqual(['d/b']);
    table.add([file('d', 4, '4')]);
    table.add([whiteout('d'), file('d/c', 5, '5')]);
    expect([...table.files()].map(({ path }) => path)).toEqual(['d/c']);
  });
});

describe('two layers', () => {
  it('are the same by all that a tar tells of their files', () => {
    const layer = [dir('d'), file('d/a', 1, '1'), whiteout('w'), opaque('d')];
    expect(sameLayer(layer, layer.toReversed(), false)).toBe(true);
    expect(sameLayer(layer, layer.slice(1), false)).toBe(false);
    expect(sameLayer(layer.slice(1), layer, false)).toBe(false);
    expect(sameLayer([whiteout('w')], [file('w', 0, '')], true)).toBe(false);
    expect(sameLayer([entry('a', { mtime: 1 })], [entry('a', { mtime: 2 })], false)).toBe(false);
    expect(sameLayer([entry('a', { mtime: 1 })], [entry('a', { mtime: 2 })], true)).toBe(true);
    const xattrs = (value: string) => new Map([['user.a', Buffer.from(value)]]);
    expect(sameLayer([entry('a', { xattrs: xattrs('1') })], [entry('a', { xattrs: xattrs('2') })], true)).toBe(false);
  });
});

describe('the builder of an image', () => {
  it('is told by its newest row', () => {
    const buildkit = { created_by: 'RUN a', comment: 'buildkit.dockerfile.v0' };
    const classic = { created_by: '/bin/sh -c a' };
    expect(builderOfImage(imageOf([classic, buildkit]))).toBe('buildkit');
    expect(builderOfImage(imageOf([buildkit, classic]))).toBe('classic');
    expect(builderOfImage(imageOf([]))).toBe('buildkit');
  });
});

describe('lines of rows', () => {
  it('are compared without the hash of the sources, with arguments and blanks', () => {
    const [hash, planned] = ['ab'.repeat(32), '$'.concat('{HASH}')];
    expect(comparableText(`/bin/sh -c #(nop) COPY dir:${hash} in /x `)).toBe('COPY # in /x');
    expect(comparableText(`/bin/sh -c #(nop) ADD ${planned} in /x `)).toBe('ADD # in /x');
    expect(comparableText('RUN |1 A=b /bin/sh -c x  y # buildkit')).toBe('RUN x  y |1 A=b');
    expect(comparableText('|1 A=b /bin/sh -c x  y')).toBe('RUN x  y |1 A=b');
    expect(sameKind('RUN a', 'run b')).toBe(true);
    expect(sameKind('', '')).toBe(false);
  });

  it('are found above the base, and by kind for what was edited', () => {
    const planned = [
      { line: 2, text: 'RUN a', createdBy: 'RUN /bin/sh -c a # buildkit', layer: true },
      { line: 4, text: 'COPY x /', createdBy: 'COPY x / # buildkit', layer: true },
      { line: 5, text: 'RUN c', createdBy: 'RUN /bin/sh -c c # buildkit', layer: true },
    ];
    const rows = history(
      'ADD rootfs',
      'RUN /bin/sh -c a # buildkit',
      'COPY y / # buildkit',
      'USER x',
      'RUN /bin/sh -c c # buildkit',
    );
    expect([...linesOfRows(rows, 1, planned)]).toEqual([
      [1, 2],
      [2, 4],
      [4, 5],
    ]);
    expect([...linesOfRows([], 0, planned)]).toEqual([]);
  });
});

describe('a config by keys', () => {
  it('leaves out what is empty', () => {
    expect([...configValues(emptyContainerConfig, '')]).toEqual([]);
    const config = { ...emptyContainerConfig, env: ['A=b=c', 'B'], healthcheck: { test: ['NONE'], retries: 0 } };
    expect([...configValues(config, 'me')]).toEqual([
      ['Env.A', 'b=c'],
      ['Env.B', ''],
      ['Author', 'me'],
      ['Healthcheck.Test', '["NONE"]'],
    ]);
  });
});

describe('advice', () => {
  it('fits who wrote and who hides', () => {
    const copy = { text: 'COPY a /', base: false };
    const run = { text: 'RUN a', base: false };
    const below = { text: 'ADD rootfs /', base: true };
    expect(adviceFor('deleted', run, run)).toContain('same RUN');
    expect(adviceFor('deleted', copy, run)).toContain('.dockerignore');
    expect(adviceFor('rewritten', copy, run)).toContain('COPY --chown');
    expect(adviceFor('deleted', below, run)).toContain('smaller base');
    expect(adviceFor('deleted', below, below)).toContain('another base image');
  });
});
