import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Lab } from './lab.ts';

// Needs root: RUN mounts overlays. What must come of each was asked of Docker 28.5 through BuildKit's own API, as its client
// of 20.10 has no such flag.
describe('a named context', () => {
  let lab: Lab;
  let other: string;
  beforeEach(() => {
    lab = new Lab();
    lab.ok(['base']);
    lab.write('f', 'main\n');
    other = join(lab.home, 'other');
    mkdirSync(join(other, 'sub'), { recursive: true });
    for (const [name, text] of [
      ['f', 'other\n'],
      ['hidden', 'x\n'],
      ['.dockerignore', 'hidden\n'],
      ['sub/x', 'x\n'],
    ] as const)
      writeFileSync(join(other, name), text);
  });
  afterEach(() => lab.remove());

  const names = (text: string, ...contexts: readonly string[]) => {
    lab.write('Dockerfile', text);
    const flags = contexts.flatMap((each) => ['--build-context', each]);
    const result = lab.run(['build', '--progress', 'plain', '--network', 'none', '-t', 'out', ...flags, lab.context]);
    return { code: result.status, text: result.stderr };
  };

  it('that is a folder is copied from, without what its own .dockerignore leaves out', () => {
    lab.write('.dockerignore', 'sub\n');
    const { code, text } = names(
      'FROM layerlab/base\nCOPY --from=o . /o/\nRUN cat /o/f && ls -A /o /o/sub | tr "\\n" " "\n',
      `o=${other}`,
    );
    expect(text).toContain('other');
    expect(text).toContain('/o: .dockerignore f sub  /o/sub: x');
    expect(text).toContain('[context o] load from client');
    expect(code).toBe(0);
  });

  // The digests are those of Docker 28.5 for the same files.
  it('that is a folder gives the layers that BuildKit makes of it', () => {
    for (const [name, text, mode] of [
      ['f', 'other\n', 0o640],
      ['sub/x', 'x\n', 0o2755],
      ['.dockerignore', 'h\n', 0o644],
    ] as const) {
      writeFileSync(join(other, name), text);
      chmodSync(join(other, name), mode);
      utimesSync(join(other, name), 1_600_000_000, 1_600_000_000);
    }
    names('FROM scratch\nCOPY --from=o f /f\nCOPY --from=o sub /\nCOPY --from=o .dockerignore /d\n', `o=${other}`);
    expect(JSON.parse(lab.ok(['inspect', '-f', '{{json .RootFS.Layers}}', 'out']))).toEqual([
      'sha256:28b2ef9edf94aa8d53eca4af5d6e6c887167526ee754dc7f8065ecab0f242655',
      'sha256:4150e9da3e092c83fa6c9392636d05692cbdd73a0ed76f5b3a5b5db6db31b9b5',
      'sha256:7dbb937de33c6c82229abcaec8d3cc230c2d9f927c1fcbbffc54e06de7006016',
    ]);
  });

  it('stands for the whole of a stage of its name, also where that is named by index', () => {
    const { code, text } = names(
      'FROM layerlab/base AS o\nRUN exit 9\nFROM layerlab/base\nCOPY --from=o f /a\nCOPY --from=0 f /b\nRUN cat /a /b\n',
      `o=${other}`,
    );
    expect(code).toBe(0);
    expect(text.match(/ other\n/g)).toHaveLength(2);
  });

  it('is found by any form of an image name, as a base and as a source', () => {
    const contexts = ['docker.io/library/xx:latest=docker-image://layerlab/base', `yy=${other}`];
    const { code, text } = names('FROM xx\nCOPY --from=library/yy:latest f /f\nRUN cat /f\n', ...contexts);
    expect(text).toContain('[context xx] layerlab/base');
    expect(text).toMatch(/ other\n/);
    expect(code).toBe(0);
    expect(names('FROM xx:other\nRUN true\n', ...contexts).text).toContain(
      'base image xx:other is not in the data-root',
    );
  });

  it('that is an OCI layout is a base for this build and leaves no image behind', () => {
    const layout = join(lab.home, 'layout');
    mkdirSync(layout);
    lab.ok(['save', '-o', join(lab.home, 'base.tar'), 'layerlab/base']);
    execFileSync('tar', ['-xf', join(lab.home, 'base.tar'), '-C', layout]);
    const there: readonly string[] = JSON.parse(lab.ok(['inspect', '-f', '{{json .RootFS.Layers}}', 'layerlab/base']));
    lab.ok(['rmi', 'layerlab/base']);
    const { code } = names('FROM xx\nRUN test ! -e /f\nCOPY f /f\n', `xx=oci-layout://${layout}`);
    expect(code).toBe(0);
    expect(JSON.parse(lab.ok(['inspect', '-f', '{{json .RootFS.Layers}}', 'out'])).slice(0, there.length)).toEqual(
      there,
    );
    expect(lab.ok(['images', '-aq']).split('\n')).toHaveLength(1);
    lab.ok(['rmi', 'out']);
    names('FROM scratch\nCOPY --from=xx /bin /bin\n', `xx=oci-layout://${layout}:latest`);
    const layers = readdirSync(join(lab.dataRoot, 'image/overlay2/layerdb/sha256'));
    expect(layers).toHaveLength(1);
    expect(names('FROM xx\n', `xx=oci-layout://${layout}@sha256:${'1'.repeat(64)}`).text).toContain('LL_ARCHIVE');
  });

  it('that is a folder is what a stage begins with, its layer without a row of its own, and never cached', () => {
    utimesSync(join(other, 'f'), 1_600_000_000, 1_600_000_000);
    const text = 'FROM o AS a\nENV A=b\nWORKDIR /w\nFROM a\nCOPY --from=o f /g\n';
    expect(names(text, `o=${other}`).code).toBe(0);
    const again = names(text, `o=${other}`);
    expect(again.text).not.toContain('CACHED');
    expect(again.text.match(/load from client/g)).toHaveLength(1);
    expect(again.text).toContain('[stage-1 1/1] COPY --from=o f /g');
    // As in the config that Docker 28.5 writes for the same file.
    const rows = lab.ok(['history', '--format', '{{.CreatedBy}}|{{.Comment}}', '--no-trunc', 'out']).trimEnd();
    expect(rows.split('\n')).toEqual([
      '[stage-1 1/1] COPY --from=o f /g|buildkit.exporter.image.v0',
      'COPY f /g # buildkit|buildkit.dockerfile.v0',
      'WORKDIR /w|buildkit.dockerfile.v0',
      'ENV A=b|buildkit.dockerfile.v0',
    ]);
    expect(lab.ok(['ls', 'out']).split('\n').join(' ')).not.toContain('hidden');
  });

  it('that cannot be had is an error in words', () => {
    const one = (context: string) => names('FROM scratch\nCOPY --from=o f /f\n', context).text;
    expect(one(`o=${other}/nothing`)).toContain('failed to get build context o: stat');
    expect(one(`o=${other}/f`)).toContain('not a directory');
    expect(one('o=docker-image://nosuch')).toContain('No such image: nosuch');
    expect(one('o=https://example.org/x.git')).toContain('is remote');
    expect(one('o')).toContain('invalid context value: o, expected key=value');
    expect(one(`O O=${other}`)).toContain('invalid context name O O');
    expect(lab.run(['build', '--builder', 'classic', '--build-context', `o=${other}`, lab.context]).stderr).toContain(
      'the --build-context option requires BuildKit',
    );
  });
});
