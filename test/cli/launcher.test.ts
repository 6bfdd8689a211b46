import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

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

describe('the compiled form of the bundle', () => {
  it('is not used for a bundle of another build', () => {
    const copy = join(folder, 'other-build');
    mkdirSync(join(copy, 'dist'), { recursive: true });
    cpSync('bin', join(copy, 'bin'), { recursive: true });
    if (existsSync('dist/cli.cache')) cpSync('dist/cli.cache', join(copy, 'dist/cli.cache'));
    writeFileSync(join(copy, 'package.json'), '{"type":"module"}');
    const { length } = readFileSync('dist/cli.cjs', 'utf8');
    const other = "// other\nexports.run = () => console.log('another build');\n";
    writeFileSync(join(copy, 'dist/cli.cjs'), other.padEnd(length, '\n'));
    const { stdout } = spawnSync(process.execPath, [join(copy, 'bin/layerlab.js'), 'images'], { encoding: 'utf8' });
    expect(stdout).toBe('another build\n');
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
