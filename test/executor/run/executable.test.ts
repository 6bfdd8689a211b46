import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { whyNotExecutable } from '../../../src/executor/run/executable.ts';
import { freshFolder } from './rootfs.ts';

let root = '';
beforeAll(() => {
  root = freshFolder();
  for (const name of ['bin', 'etc', 'w/sub']) mkdirSync(join(root, name), { recursive: true });
  writeFileSync(join(root, 'bin/busybox'), '', { mode: 0o755 });
  writeFileSync(join(root, 'etc/passwd'), '', { mode: 0o644 });
  writeFileSync(join(root, 'w/tool'), '', { mode: 0o755 });
  symlinkSync('/bin/busybox', join(root, 'bin/sh'));
  symlinkSync('/nowhere', join(root, 'bin/dangling'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The texts are those of Docker 28.5 for the same RUN line. */
describe('whyNotExecutable', () => {
  it.each([
    ['sh', undefined],
    ['/bin/sh', undefined],
    ['./tool', undefined],
    ['/proc/self/exe', undefined],
    ['nosuch', 'exec: "nosuch": executable file not found in $PATH'],
    ['', 'exec: "": executable file not found in $PATH'],
    ['dangling', 'exec: "dangling": executable file not found in $PATH'],
    ['/nosuch/x', 'exec: "/nosuch/x": stat /nosuch/x: no such file or directory'],
    ['bin/busybox', 'exec: "bin/busybox": stat bin/busybox: no such file or directory'],
    ['/etc', 'exec: "/etc": is a directory'],
    ['/etc/passwd', 'exec: "/etc/passwd": permission denied'],
  ])('%j', (name, why) => {
    expect(whyNotExecutable(root, name, ['PATH=/sbin:/bin'], '/w')).toBe(why);
  });

  it('finds nothing in an empty PATH', () => {
    expect(whyNotExecutable(root, 'sh', ['PATH='], '/')).toBe('exec: "sh": executable file not found in $PATH');
    expect(whyNotExecutable(root, 'sh', [], '/')).toBe('exec: "sh": executable file not found in $PATH');
  });

  it('refuses what a relative PATH finds', () => {
    expect(whyNotExecutable(root, 'tool', ['PATH=.:/bin'], '/w')).toBe(
      'exec: "tool": cannot run executable found relative to current directory',
    );
  });
});
