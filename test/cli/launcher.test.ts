import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import vm from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { wordSumModule } from '../../src/formats/word-sum-module.ts';

// These run dist/cli.cjs, which `npm test` builds first.
const launcher = join(process.cwd(), 'bin/layerlab.js');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerlab-launcher-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function layerlab(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, ...args], {
    encoding: 'utf8',
    env: { ...process.env, LAYERLAB_DATA_ROOT: join(folder, 'data') },
  });
  return { status, stdout, stderr };
}

describe('the launcher', () => {
  it('answers --version without the bundle', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(layerlab('--version')).toEqual({ status: 0, stdout: `layerlab version ${version}\n`, stderr: '' });
    expect(layerlab('version', '--format', '{{.Version}}').stdout).toBe(`${version}\n`);
  });

  it('says what to do where the bundle is missing', () => {
    const copy = join(folder, 'copy');
    mkdirSync(copy, { recursive: true });
    cpSync('bin', join(copy, 'bin'), { recursive: true });
    writeFileSync(join(copy, 'package.json'), '{"type":"module"}');
    const { status, stderr } = spawnSync(process.execPath, [join(copy, 'bin/layerlab.js'), 'images'], {
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(stderr).toContain('Run "npm run build" first.');
  });
});

describe('what a build from the cache loads of Node', () => {
  it('is neither node:crypto nor streams, where what Node is linked with can be called', () => {
    const context = join(folder, 'label');
    mkdirSync(context);
    writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\nLABEL a=b\n');
    const tell = join(folder, 'tell.cjs');
    writeFileSync(tell, "process.on('exit', () => require('node:fs').writeSync(2, process.moduleLoadList.join()));");
    const root = join(folder, 'label-root');
    const build = () =>
      spawnSync(process.execPath, ['-r', tell, launcher, 'build', '--data-root', root, '-q', '-t', 'a', context], {
        encoding: 'utf8',
      });
    const first = build();
    const second = build();
    expect(second.stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/);
    expect(second.stdout).toBe(first.stdout);
    const isKnown = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);
    expect(second.stderr).toContain('NativeModule fs');
    for (const name of ['crypto', 'stream']) {
      expect(`${second.stderr},`.includes(`NativeModule ${name},`)).toBe(!isKnown);
    }
  });
});

describe('the compiled form of the bundle', () => {
  const kept = join('dist/cache', `${process.version}-${process.arch}`, 'images.bin');
  const keeps = 'USE_MAIN_CONTEXT_DEFAULT_LOADER' in (vm.constants ?? {});

  /** A package of its own, with a form of `images` that was compiled for it. */
  function packageCopy(name: string): string {
    const copy = join(folder, name);
    cpSync('bin', join(copy, 'bin'), { recursive: true });
    cpSync('package.json', join(copy, 'package.json'));
    mkdirSync(join(copy, 'dist'));
    cpSync('dist/cli.cjs', join(copy, 'dist/cli.cjs'));
    images(copy);
    expect(existsSync(join(copy, kept))).toBe(keeps);
    return copy;
  }

  function images(copy: string): string {
    const ran = spawnSync(process.execPath, [join(copy, 'bin/layerlab.js'), 'images', '--data-root', folder], {
      encoding: 'utf8',
    });
    return ran.stdout + ran.stderr;
  }

  const NONE = /^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE\n$/;

  it('is kept of so many words only: not every word is a command', () => {
    const copy = packageCopy('many-words');
    const forms = join(copy, kept, '..');
    if (!keeps) mkdirSync(forms, { recursive: true });
    for (let word = readdirSync(forms).length; word < 64; word++) writeFileSync(join(forms, `word-${word}.bin`), '');
    rmSync(join(copy, kept), { force: true });
    writeFileSync(join(forms, 'one-more.bin'), '');
    expect(images(copy)).toMatch(NONE);
    expect(readdirSync(forms)).toHaveLength(64);
  });

  it('is not used for a bundle of another build', () => {
    const copy = packageCopy('other-build');
    const { length } = readFileSync('dist/cli.cjs', 'utf8');
    const other = `// ${'0'.repeat(64)}\nexports.run = () => console.log('another build');\n`;
    writeFileSync(join(copy, 'dist/cli.cjs'), other.padEnd(length, '\n'));
    expect(images(copy)).toBe('another build\n');
  });

  it.each([
    ['cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1)],
    ['of its digests alone', (bytes: Buffer) => bytes.subarray(0, 128)],
    [
      'with one bit turned',
      (bytes: Buffer) => bytes.fill((bytes[bytes.length >> 1] ?? 0) ^ 1, bytes.length >> 1, (bytes.length >> 1) + 1),
    ],
    ['of noise', (bytes: Buffer) => bytes.fill(0xa5, 128)],
    ['empty', () => Buffer.alloc(0)],
  ])('does no harm when it is %s', (_how, damage) => {
    const copy = packageCopy(`damaged-${_how}`);
    if (keeps) writeFileSync(join(copy, kept), damage(readFileSync(join(copy, kept))));
    expect(images(copy)).toMatch(NONE);
    expect(images(copy)).toMatch(NONE);
  });

  it('is made anew when a command has used more than there is in it', () => {
    const copy = packageCopy('more');
    const form = keeps ? readFileSync(join(copy, kept)) : undefined;
    images(copy);
    if (form !== undefined) expect(readFileSync(join(copy, kept)).equals(form)).toBe(true);
    cpSync('dist/dockerfile-ast.cjs', join(copy, 'dist/dockerfile-ast.cjs'));
    const build = join(copy, kept, '../build.bin');
    const sizes = [['--check'], []].map((flags) => {
      const args = ['build', ...flags, '-', '--data-root', join(folder, 'built')];
      const ran = spawnSync(process.execPath, [join(copy, 'bin/layerlab.js'), ...args], {
        input: 'FROM scratch\nLABEL a=b\n',
      });
      expect(ran.status).toBe(0);
      return keeps ? readFileSync(build).length : flags.length;
    });
    expect(sizes[1]).not.toBe(sizes[0]);
  });

  it('is made anew once for each kind of work', () => {
    const copy = packageCopy('ways');
    for (const name of readdirSync('dist')) {
      if (name.endsWith('.cjs')) cpSync(join('dist', name), join(copy, 'dist', name));
    }
    symlinkSync(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'));
    const context = join(folder, 'one-file');
    mkdirSync(context);
    writeFileSync(join(context, 'file'), 'text');
    writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\nCOPY file /\n');
    const root = join(folder, 'ways-built');
    const inodes = [['--no-cache'], ['--no-cache'], [], []].map((flags) => {
      const args = ['build', ...flags, context, '--data-root', root];
      expect(spawnSync(process.execPath, [join(copy, 'bin/layerlab.js'), ...args]).status).toBe(0);
      return keeps ? statSync(join(copy, kept, '../build.bin')).ino : flags.length;
    });
    // The third finds the layer in the cache.
    expect(inodes[2]).not.toBe(inodes[1]);
    expect(inodes[3]).toBe(inodes[2]);
  });

  it('is of use to the next process where V8 was told to compile later', () => {
    const copy = packageCopy('later');
    for (const name of readdirSync('dist')) {
      if (name.endsWith('.cjs')) cpSync(join('dist', name), join(copy, 'dist', name));
    }
    symlinkSync(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'));
    const context = join(folder, 'stages');
    const stages = ['a', 'b', 'c'];
    for (const stage of stages) {
      mkdirSync(join(context, stage), { recursive: true });
      for (let file = 0; file < 160; file++) writeFileSync(join(context, stage, `${file}`), `${stage} ${file}`);
    }
    const lines = stages.map((stage) => `FROM scratch AS ${stage}\nCOPY ${stage} /\n`);
    const collected = stages.map((stage) => `COPY --from=${stage} /1 /${stage}\n`);
    writeFileSync(join(context, 'Dockerfile'), `${lines.join('')}FROM scratch\n${collected.join('')}`);
    const form = join(copy, kept, '../build.bin');
    const inodes = [1, 2, 3].map(() => {
      const args = ['build', '--no-cache', context, '--data-root', join(folder, 'stages-built')];
      expect(spawnSync(process.execPath, [join(copy, 'bin/layerlab.js'), ...args]).status).toBe(0);
      return keeps ? statSync(form).ino : 0;
    });
    // Which parts are used depends on what the data-root has.
    expect(inodes[2]).toBe(inodes[1]);
  });

  it('is guarded by a sum of its words', () => {
    const module = Buffer.from(wordSumModule()).toString('base64');
    expect(readFileSync('bin/layerlab.js', 'latin1')).toContain(`'${module}'`);
  });

  it('is done without where it cannot be kept', () => {
    const copy = packageCopy('no-room');
    rmSync(join(copy, 'dist/cache'), { recursive: true, force: true });
    writeFileSync(join(copy, 'dist/cache'), '');
    expect(images(copy)).toMatch(NONE);
    expect(readdirSync(join(copy, 'dist')).sort()).toEqual(['cache', 'cli.cjs']);
  });

  it('is not kept of a command that failed, and leaves nothing behind', () => {
    const copy = packageCopy('failed');
    spawnSync(process.execPath, [join(copy, 'bin/layerlab.js'), 'history', 'no-such-image', '--data-root', folder]);
    if (keeps) expect(readdirSync(join(copy, kept, '..'))).toEqual(['images.bin']);
  });
});

describe('exit codes', () => {
  it.each([
    [0, ['--help']],
    [2, ['nope']],
    [2, ['images', '--nope']],
    [2, ['images', '--format', '{{']],
    [5, ['history', 'no-such-image']],
    [5, ['inspect', 'no-such-image']],
  ])('%d of layerlab %j', (code, args) => {
    const ran = layerlab(...args);
    expect(ran.status).toBe(code);
    expect(ran.stderr).not.toMatch(/^ {4}at /m);
    if (code !== 0) expect(ran.stderr).toMatch(/^ERROR: .+\n {2}code: LL_[A-Z_]+\n/);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('is that of %s while it waits for an archive', async (signal) => {
    const env = { ...process.env, LAYERLAB_DATA_ROOT: join(folder, 'data') };
    const child = spawn(process.execPath, [launcher, 'load'], { stdio: ['pipe', 'ignore', 'ignore'], env });
    const timer = setTimeout(() => child.kill(signal), 1000);
    const ended = await new Promise((done) => child.on('close', (_code, by) => done(by)));
    clearTimeout(timer);
    expect(ended).toBe(signal);
  });

  it.each([
    ['a full disk', '/dev/full', 'w'],
    ['a file that is open for reading only', 'package.json', 'r'],
  ] as const)('is 1 when stdout is %s', (_what, path, flags) => {
    if (!existsSync(path)) return;
    const fd = openSync(path, flags);
    const ran = spawnSync(process.execPath, [launcher, 'images', '--data-root', folder], {
      stdio: ['ignore', fd, 'pipe'],
    });
    closeSync(fd);
    expect(ran.status).toBe(1);
  });

  it('is 0 when the reader of stdout goes away', async () => {
    const child = spawn(process.execPath, [launcher, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (data) => {
      stderr += String(data);
    });
    const code = await new Promise((done) => child.on('close', done));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('docs/ERRORS.md', () => {
  it('is what scripts/make-errors-doc.js makes of the catalogue', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/make-errors-doc.js', '--check'], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
