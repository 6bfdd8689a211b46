import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Lab } from './lab.ts';

describe('COPY --exclude and --parents from the command line', () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
    for (const name of ['src/a.txt', 'src/a.log', 'src/deep/b.txt']) lab.write(name, name);
  });
  afterEach(() => lab.remove());

  const layers = (id: string): string => lab.ok(['inspect', '-f', '{{json .RootFS.Layers}}', id]);
  const created = (id: string): string => lab.ok(['inspect', '-f', '{{.Created}}', id]);

  it('takes a layer from the cache when only a file that is left out changed', () => {
    lab.write('Dockerfile', 'FROM scratch\nCOPY --exclude=**/*.log src /s/\n');
    const before = lab.build();
    lab.write('src/a.log', 'changed');
    lab.write('src/deep/new.log', 'new');
    const after = lab.build();
    expect([layers(after), created(after)]).toEqual([layers(before), created(before)]);
    lab.write('src/a.txt', 'changed');
    expect(layers(lab.build())).not.toBe(layers(before));
  });

  it.each([
    ['', []],
    ['# syntax=docker/dockerfile:1.19\n', []],
    ['# syntax=docker/dockerfile:1-labs\n', ['--builder', 'classic']],
    ['# syntax=docker/dockerfile:1-labs\n', ['--build-arg', 'BUILDKIT_SYNTAX=docker/dockerfile:1.7']],
  ])('does not know --parents with %j and %j', (syntax, flags) => {
    lab.write('Dockerfile', `${syntax}FROM scratch\nCOPY --parents src/deep/b.txt /s/\n`);
    const failed = lab.run(['build', ...flags, lab.context]);
    expect(failed.status).not.toBe(0);
    expect(failed.stderr).toMatch(/dockerfile parse error on line \d: unknown flag: --parents/);
    expect(failed.stderr).toContain('# syntax=docker/dockerfile:1.20');
  });

  it('knows --parents where the frontend does, and shows it in the history', () => {
    lab.write('Dockerfile', '# syntax=docker/dockerfile:1\nFROM scratch\nCOPY --parents src/*/b.txt src/./a.txt /s/\n');
    const id = lab.build();
    const [row] = lab.ok(['history', '--no-trunc', '--format', '{{.CreatedBy}}', id]).split('\n');
    expect(row).toBe('COPY --parents src/*/b.txt src/./a.txt /s/ # buildkit');
    expect(lab.build(['--build-arg', 'BUILDKIT_SYNTAX=docker/dockerfile:1-labs'])).toBe(id);
  });

  it('plans what a changed file costs', () => {
    lab.write(
      'Dockerfile',
      '# syntax=docker/dockerfile:1\nFROM scratch\nCOPY --exclude=**/*.log src /s/\nCOPY --parents src/./deep/** /p/\nCOPY --parents none/./** /p/\n',
    );
    const lines = (file: string): unknown => {
      const rows = lab.ok(['plan', '--format', '{{.Line}} {{.Cache}}', '--changed', file, lab.context]).split('\n');
      return rows.filter((row) => row.endsWith(' source')).map((row) => Number.parseInt(row, 10));
    };
    expect(lines('src/a.txt')).toEqual([3]);
    expect(lines('src/a.log')).toEqual([]);
    expect(lines('src/deep/b.txt')).toEqual([3, 4]);
    expect(lines('src/deep/later.txt')).toEqual([3, 4]);
    expect(lines('src/deep')).toEqual([3, 4]);
    expect(lines('src')).toEqual([3, 4]);
    expect(lines('none/x')).toEqual([5]);
  });
});
