import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { buildSync } from 'esbuild';
import { cleanupStaleMounts } from '../../../src/executor/run/stale-mounts.ts';
import { mountPointsBelow } from '../../../src/host/overlay-mount.ts';
import { freshFolder, listing, makeRootfs } from './rootfs.ts';

const project = fileURLToPath(new URL('../../..', import.meta.url));
/** Inside the project, so that koffi is found from there. */
const program = join(project, 'node_modules/.cache/layerlab-run-test', `${process.pid}.cjs`);

/** Runs a command in a process of its own; its result and output come as JSON. */
const source = `
  import { runCommand } from './src/executor/run/run-command.ts';
  const [folder, command] = process.argv.slice(2);
  let output = '';
  const at = (name) => folder + '/' + name;
  runCommand({
    builder: 'buildkit', lowers: [at('base')], upper: at('upper'), work: at('work'), merged: at('merged'),
    scratchDir: at('scratch'), args: ['/bin/sh', '-c', command], env: ['PATH=/bin'], user: '', workingDir: '/',
    hostname: 'h', network: 'none', volumes: [], runtime: 'auto',
    onOutput: (stream, data) => { output += data; if (output === 'ready\\n') process.stdout.write(output); },
  }).then(
    (result) => console.log(JSON.stringify({ ...result, opaques: [...result.opaques], output })),
    ({ code, hint }) => console.log(JSON.stringify({ code, hint })),
  );
`;

let folder = '';
beforeAll(() => {
  buildSync({
    stdin: { contents: source, resolveDir: project, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile: program,
    logLevel: 'error',
  });
});
afterAll(() => rmSync(program, { force: true }));
beforeEach(() => {
  folder = freshFolder();
  makeRootfs(join(folder, 'base'));
  for (const name of ['upper', 'work']) mkdirSync(join(folder, name));
});
afterEach(() => {
  cleanupStaleMounts(folder);
  rmSync(folder, { recursive: true, force: true });
});

interface Outcome {
  readonly ranWith?: string;
  readonly exitCode?: number;
  readonly opaques?: readonly string[];
  readonly code?: string;
  readonly hint?: string;
  readonly output?: string;
}

function runWith(prefix: readonly string[], command: string): Outcome {
  const [file = process.execPath, ...args] = [...prefix, process.execPath, program, folder, command];
  return JSON.parse(execFileSync(file, args, { encoding: 'utf8' }));
}

describe('a RUN without CAP_SYS_ADMIN', () => {
  it('tells of the folders it cannot mark, and leaves the rest as an overlay does', () => {
    const outcome = runWith(
      ['setpriv', '--bounding-set=-sys_admin'],
      'rm -r /home; mkdir -p /home/u/deep; rm /etc/group; echo x > /etc/x; echo y > /dev/null; cat /etc/hosts',
    );
    expect(outcome).toMatchObject({ ranWith: 'chroot-copy', exitCode: 0, opaques: ['home'] });
    expect(outcome.output).toMatch(/^127\.0\.0\.1\tlocalhost h\n/);
    expect(listing(join(folder, 'upper'), new Set(outcome.opaques))).toEqual([
      'dev 40755 new',
      'etc 40755 new',
      'etc/group whiteout new',
      'etc/x 100644 new "x\\n"',
      'home 40755 new opaque',
      'home/u 40755 new',
      'home/u/deep 40755 new',
      'proc 40755 new',
      'sys 40755 new',
    ]);
  });

  it('says what would make it possible where nothing does', () => {
    const outcome = runWith(['setpriv', '--bounding-set=-sys_admin,-sys_chroot'], 'true');
    expect(outcome.code).toBe('LL_RUN_IMPOSSIBLE');
    expect(outcome.hint).toContain('CAP_SYS_ADMIN');
  });
});

describe('a RUN whose process is killed by SIGKILL', () => {
  it('takes its command along and leaves nothing but a mount that can be dropped', async () => {
    const child = spawn(process.execPath, [program, folder, 'sleep 4343 & echo ready; sleep 4343'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGKILL');
    await ended;
    const running = (): boolean => /^sleep 4343$/m.test(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }));
    for (let tries = 0; running() && tries < 50; tries++) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(running()).toBe(false);
    expect(mountPointsBelow(folder)).toEqual([join(folder, 'merged')]);
    cleanupStaleMounts(folder);
    rmSync(folder, { recursive: true });
    expect(existsSync(folder)).toBe(false);
  });
});
