import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Lab } from './lab.ts';

// Needs root: RUN mounts overlays.
describe.each(['buildkit', 'classic'])('the build cache of %s', (builder) => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
    lab.ok(['base']);
    lab.write('a', 'one');
    lab.write('b', 'two');
    lab.write(
      'Dockerfile',
      'FROM layerlab/base\nCOPY a /a\nRUN date +%s%N > /first\nARG X=1\nCOPY b /b\nRUN date +%s%N > /second\nCMD ["x"]\n',
    );
  });
  afterEach(() => lab.remove());

  const build = (...more: string[]) => lab.build(['--builder', builder, ...more]);
  const layers = (id: string): string[] => JSON.parse(lab.ok(['inspect', '-f', '{{json .RootFS.Layers}}', id]));

  it('runs nothing and gives the same image where nothing changed', () => {
    const first = build();
    expect(first).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(build()).toBe(first);
    expect(build('--no-cache')).not.toBe(first);
  });

  it('keeps what stands before a change, and runs what stands behind it again', () => {
    const before = layers(build());
    lab.write('b', 'another');
    const after = layers(build());
    expect(after.slice(0, 3)).toEqual(before.slice(0, 3));
    expect(after[3]).not.toBe(before[3]);
    expect(after[4]).not.toBe(before[4]);
    lab.write('b', 'two');
    expect(layers(build())).toEqual(before);
  });

  it('takes a file that was only touched for unchanged, and one of new mode for changed', () => {
    const before = layers(build());
    lab.write('a', 'one');
    expect(layers(build())).toEqual(before);
    chmodSync(join(lab.context, 'a'), 0o755);
    expect(layers(build())[1]).not.toBe(before[1]);
  });

  it('runs again what a build argument is in scope of', () => {
    const before = layers(build());
    const after = layers(build('--build-arg', 'X=2'));
    expect(after.slice(0, 3)).toEqual(before.slice(0, 3));
    expect(after[4]).not.toBe(before[4]);
  });

  it('keeps the finished steps of a build that fails, and tags nothing', () => {
    lab.write('Dockerfile', 'FROM layerlab/base\nRUN date +%s%N > /first\nRUN exit 7\n');
    const failed = lab.run(['build', '--builder', builder, '-t', 'never', lab.context]);
    expect(failed.status).toBe(builder === 'classic' ? 7 : 1);
    expect(failed.stderr).toContain(
      builder === 'classic'
        ? "The command '/bin/sh -c exit 7' returned a non-zero code: 7"
        : 'process "/bin/sh -c exit 7" did not complete successfully: exit code: 7',
    );
    expect(lab.ok(['images', '-q', 'never'])).toBe('');
    lab.write('Dockerfile', 'FROM layerlab/base\nRUN date +%s%N > /first\nRUN true\n');
    const again = lab.run(['build', '--builder', builder, lab.context]);
    expect(again.stdout + again.stderr).toContain(builder === 'classic' ? 'Using cache' : 'CACHED');
  });
});

// Needs root: RUN mounts overlays.
describe('a layer that no image stands on yet', () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
    lab.ok(['base']);
    lab.write('a', 'one');
  });
  afterEach(() => lab.remove());

  it('is made and recorded by the classic builder all the same', () => {
    lab.write('f', 'content\n');
    lab.write('Dockerfile', 'FROM scratch\nCOPY f /f\nCOPY missing /x\n');
    expect(lab.run(['build', lab.context]).status).toBe(1);
    lab.write('Dockerfile', 'FROM scratch\nCOPY f /f\n');
    lab.build(['--builder', 'classic', '-t', 'x']);
    lab.ok(['save', '-o', '/dev/null', 'x']);
  });

  it('is made again where what it stands on was removed and made anew', () => {
    const steps = 'FROM layerlab/base\nCOPY a /a\n';
    lab.write('Dockerfile', steps);
    const first = lab.build(['--timestamp', '1700000000']);
    lab.write('Dockerfile', `${steps}RUN touch /x\nRUN exit 1\n`);
    expect(lab.run(['build', '--timestamp', '1700000000', lab.context]).status).toBe(1);
    lab.ok(['rmi', '-f', first]);
    lab.write('Dockerfile', `${steps}RUN touch /x\nRUN test -f /a && touch /y\n`);
    const id = lab.build(['--timestamp', '1700000000', '-t', 'whole']);
    lab.ok(['save', '-o', '/dev/null', 'whole']);
    expect(lab.build(['--timestamp', '1700000000'])).toBe(id);
  });
});
