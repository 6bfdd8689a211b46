import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Lab } from './lab.ts';

// What a daemon 28.5 does with the same files; needs root for fifos, owners and RUN.
describe('what the daemon does', () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
    lab.ok(['base']);
  });
  afterEach(() => lab.remove());

  const inspect = (name: string, format: string): string => lab.ok(['inspect', '-f', format, name]);
  const cacheId = (name: string): string =>
    /overlay2\/([^/]+)\/diff/.exec(inspect(name, '{{.GraphDriver.Data.UpperDir}}'))?.[1] ?? '';
  const diff = (name: string): string => join(lab.dataRoot, 'overlay2', cacheId(name), 'diff');

  it('a classic build makes its own layer where a failed BuildKit build left the same one', () => {
    lab.write('f', 'x');
    execFileSync('touch', ['-d', '@1600000000', join(lab.context, 'f')]);
    lab.write('Dockerfile', 'FROM scratch\nCOPY f /f\nRUN ["/f"]\n');
    expect(lab.run(['build', '-q', '--builder', 'buildkit', lab.context]).status).not.toBe(0);
    lab.write('Dockerfile', 'FROM scratch\nCOPY f /f\n');
    lab.build(['--builder', 'classic', '-t', 'own']);
    expect(readFileSync(join(diff('own'), 'f'), 'utf8')).toBe('x');
  });

  it('BuildKit makes an empty file of a socket and a character device of a block device', () => {
    lab.write('d/f', 'x');
    const listen = "require('net').createServer().listen('s', () => process.kill(process.pid, 'SIGKILL'))";
    try {
      execFileSync(process.execPath, ['-e', listen], { cwd: join(lab.context, 'd') });
    } catch {
      // It ends by a signal, so that the socket stays.
    }
    execFileSync('mknod', [join(lab.context, 'd/blk'), 'b', '7', '3']);
    lab.write('Dockerfile', 'FROM scratch\nCOPY d /d\n');
    lab.build(['--builder', 'buildkit', '-t', 'odd']);
    const kinds = readdirSync(join(diff('odd'), 'd')).map((name) => {
      const stat = statSync(join(diff('odd'), 'd', name));
      return `${name} ${stat.isFile() ? `file ${stat.size}` : stat.isCharacterDevice() ? 'char' : 'other'}`;
    });
    expect(kinds).toEqual(['blk char', 'f file 1', 's file 0']);
  });

  it('classic puts a file in the place of a folder', () => {
    lab.write('a', 'file');
    lab.write('Dockerfile', 'FROM layerlab/base\nRUN mkdir -p /srv/a/b\nCOPY a /srv/\n');
    lab.build(['--builder', 'classic', '-t', 'replaced']);
    expect(readFileSync(join(diff('replaced'), 'srv/a'), 'utf8')).toBe('file');
  });

  it('classic leaves the folder of an ignored Dockerfile, empty', () => {
    lab.write('docker/Dockerfile', 'FROM scratch\nCOPY . /c/\n');
    lab.write('docker/other', 'x');
    lab.write('kept', 'x');
    lab.write('.dockerignore', 'docker\n');
    lab.build(['--builder', 'classic', '-t', 'held', '-f', join(lab.context, 'docker/Dockerfile')]);
    expect(readdirSync(join(diff('held'), 'c'))).toEqual(['.dockerignore', 'docker', 'kept']);
    expect(readdirSync(join(diff('held'), 'c/docker'))).toEqual([]);
  });

  it('classic marks the layer that COPY --from takes from as one that is used', () => {
    lab.write('f', 'x');
    lab.write('Dockerfile', 'FROM scratch\nCOPY f /only-here\n');
    lab.build(['--builder', 'classic', '-t', 'source']);
    const committed = join(lab.dataRoot, 'overlay2', cacheId('source'), 'committed');
    expect(statSync(committed, { throwIfNoEntry: false })).toBeUndefined();
    lab.write('Dockerfile', 'FROM scratch\nCOPY --from=source /only-here /x\n');
    lab.build(['--builder', 'classic']);
    expect(statSync(committed).size).toBe(0);
  });

  it('classic fills what a health check leaves open from the image', () => {
    lab.write(
      'Dockerfile',
      'FROM layerlab/base\nHEALTHCHECK --interval=5s --retries=3 CMD a\nHEALTHCHECK --timeout=2s CMD b\n',
    );
    const id = lab.build(['--builder', 'classic']).replace('sha256:', '');
    const config = JSON.parse(readFileSync(join(lab.dataRoot, 'image/overlay2/imagedb/content/sha256', id), 'utf8'));
    expect(config.container_config.Healthcheck).toEqual({
      Test: ['CMD-SHELL', 'b'],
      Interval: 5_000_000_000,
      Timeout: 2_000_000_000,
      Retries: 3,
    });
  });

  it('classic counts a link to a folder that was not sent as its own name', () => {
    const hash = (): string => /dir:[0-9a-f]{64}/.exec(lab.ok(['history', '--no-trunc', 'links']))?.[0] ?? '';
    mkdirSync(join(lab.context, 'src'));
    lab.write('src/a', 'a');
    lab.write('.dockerignore', 'src\n!src/a\nDockerfile\n');
    lab.write('Dockerfile', 'FROM scratch\nCOPY . /c/\n');
    symlinkSync('src', join(lab.context, 'link'));
    lab.build(['--builder', 'classic', '-t', 'links']);
    const implied = hash();
    lab.write('.dockerignore', 'Dockerfile\n');
    lab.build(['--builder', 'classic', '-t', 'links']);
    expect(hash()).not.toBe(implied);
  });

  it.each([
    ['buildkit', 'WORKDIR /etc/passwd/x', 'lstat /etc/passwd/x: not a directory'],
    ['classic', 'WORKDIR /etc/passwd', 'Cannot mkdir: /etc/passwd is not a directory'],
    ['classic', 'COPY --from=0 /none /x', 'COPY failed: stat none: file does not exist'],
    ['buildkit', 'COPY --from=0 /none /x', 'lstat /none: no such file or directory'],
  ])('%s says of %s: %s', (builder, line, message) => {
    lab.write('f', 'x');
    lab.write('Dockerfile', `FROM layerlab/base\nENV A=1\nFROM layerlab/base\n${line}\n`);
    const { stderr } = lab.run(['build', '--no-cache', '--builder', builder, lab.context]);
    expect(stderr).toContain(message);
  });
});
