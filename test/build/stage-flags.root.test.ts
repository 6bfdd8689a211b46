import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Lab } from './lab.ts';

// Needs root: RUN mounts overlays.
describe('the flags about stages and cache', () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
    lab.ok(['base']);
    lab.write('f', 'f\n');
  });
  afterEach(() => lab.remove());

  const layers = (id: string): string[] => JSON.parse(lab.ok(['inspect', '-f', '{{json .RootFS.Layers}}', id]));
  const steps = (...flags: readonly string[]): readonly string[] => {
    const { stderr } = lab.run(['build', '--progress', 'plain', '--network', 'none', ...flags, lab.context]);
    const names = new Map([...stderr.matchAll(/^#(\d+) \[(\S+) \d+\/\d+\] [RC]/gm)].map(([, id, name]) => [id, name]));
    return [...stderr.matchAll(/^#(\d+) (CACHED|DONE)/gm)].flatMap(([, id = '', how = '']) =>
      names.has(id) ? [`${names.get(id)} ${how}`] : [],
    );
  };

  // Which steps Docker 28.5 did again for the same file and filters.
  it('--no-cache-filter builds a stage anew, and what stands on it', () => {
    lab.write(
      'Dockerfile',
      `FROM layerlab/base AS a
RUN cat /proc/sys/kernel/random/uuid > /u
FROM layerlab/base AS b
RUN touch -d @1 /w
FROM layerlab/base AS c
COPY --from=a /u /u
COPY --from=b /w /w
RUN cat /u /w
FROM c
RUN echo last
`,
    );
    const counts = (...flags: readonly string[]) => {
      const done = steps(...flags);
      return ['a', 'b', 'c', 'stage-3'].map((name) => done.filter((step) => step === `${name} DONE`).length);
    };
    expect(counts()).toEqual([1, 1, 3, 1]);
    expect(counts()).toEqual([0, 0, 0, 0]);
    expect(counts('--no-cache-filter', 'B')).toEqual([0, 1, 0, 0]);
    expect(counts('--no-cache-filter', 'c')).toEqual([0, 0, 3, 1]);
    expect(counts('--no-cache-filter', 'nosuch,stage-3,3')).toEqual([0, 0, 0, 0]);
    expect(counts('--no-cache-filter', 'b,A')[0]).toBe(1);
  });

  it('--platform is in the image, and an image of another is no base', () => {
    lab.write('Dockerfile', 'FROM scratch\nARG TARGETPLATFORM\nCOPY f /f\nENV P=$TARGETPLATFORM\n');
    const id = lab.build(['--platform', 'linux/arm64/v8']);
    expect(lab.ok(['inspect', '-f', '{{.Os}}/{{.Architecture}} {{json .Config.Env}}', id])).toContain(
      'linux/arm64 ["PATH',
    );
    expect(lab.ok(['inspect', '-f', '{{json .Config.Env}}', id])).toContain('"P=linux/arm64"');
    lab.write('Dockerfile', 'FROM layerlab/base\nCOPY f /f\n');
    const failed = lab.run(['build', '--platform', 'linux/s390x', lab.context]);
    expect(failed.stderr).toContain('No such image: layerlab/base for linux/s390x; the one that is here is for linux/');
    expect(failed.status).toBe(5);
    expect(lab.run(['build', '--platform', 'linux/amd64,linux/arm64', lab.context]).stderr).toContain(
      'Multi-platform build is not supported',
    );
    expect(lab.run(['build', '--platform', 'x@y', lab.context]).status).toBe(2);
  });

  // The keys and values are what Docker 28.5's exporter told its client.
  it('--metadata-file says id and names, and none is left of a build that failed', () => {
    const file = join(lab.home, 'metadata.json');
    lab.write('Dockerfile', 'FROM scratch\nCOPY f /f\n');
    const id = lab.build(['--metadata-file', file, '-t', 'meta', '-t', 'meta:two']);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      'containerimage.config.digest': id,
      'containerimage.digest': id,
      'image.name': 'docker.io/library/meta:latest,docker.io/library/meta:two',
    });
    lab.write('Dockerfile', 'FROM scratch\nCOPY nothing /f\n');
    expect(lab.run(['build', '--metadata-file', file, lab.context]).status).toBe(1);
    expect(() => readFileSync(file)).toThrow('ENOENT');
  });

  it('say what they do not do', () => {
    lab.write('Dockerfile', 'FROM layerlab/base\nCOPY f /f\n');
    const pulled = lab.run(['build', '--pull', '--cache-from', 'x', lab.context]);
    expect(pulled.status).toBe(0);
    expect(pulled.stderr).toContain('images are never pulled');
    expect(pulled.stderr).toContain('the caches of images are not read');
    const refused = (...flags: readonly string[]) => lab.run(['build', ...flags, lab.context]).stderr;
    expect(refused('--cache-to', 'type=inline')).toContain('Cache export is not supported');
    expect(refused('--cache-from', 'type=gha')).toContain('Cache import of type "gha" is not supported');
    expect(refused('--builder', 'classic', '--no-cache-filter', 'a')).toContain(
      'the --no-cache-filter option requires BuildKit',
    );
  });

  it('--cache-from of the classic builder takes the steps of an image that only its history tells of', () => {
    lab.write('Dockerfile', 'FROM layerlab/base\nCOPY f /f\nRUN cat /proc/sys/kernel/random/uuid > /u\nENV A=b\n');
    const archive = join(lab.home, 'src.tar');
    const classic = (...flags: readonly string[]) => lab.build(['--builder', 'classic', ...flags]);
    const id = classic('-t', 'src');
    lab.ok(['save', '-o', archive, 'src']);
    lab.ok(['rmi', '-f', 'src']);
    lab.ok(['load', '-q', '-i', archive]);
    expect(layers(classic('-t', 'none'))[2]).not.toBe(layers(id)[2]);
    expect(classic('--cache-from', 'nosuch', '--cache-from', 'src')).toBe(id);
  });
});
