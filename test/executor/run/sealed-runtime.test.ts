import { spawnSync } from 'node:child_process';
import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { sealedRuntime } from '../../../src/executor/run/sealed-runtime.ts';

const runtime = (path: string) => ({ name: 'crun' as const, path, cgroups: true });

describe('a sealed runtime', () => {
  it('runs as the program it is a copy of, and cannot be changed', () => {
    const fd = sealedRuntime(runtime('/bin/echo'), 1);
    if (fd === undefined) throw new Error('there is none');
    const path = `/proc/${process.pid}/fd/${fd}`;
    expect(spawnSync(path, ['it', 'runs'], { encoding: 'utf8' }).stdout).toBe('it runs\n');
    expect(statSync(path).size).toBe(statSync('/bin/echo').size);
    expect(() => writeSync(fd, 'x', 0)).toThrow(/EPERM/);
    const again = openSync(path, 'r+');
    expect(() => writeSync(again, 'x', 0)).toThrow(/EPERM/);
    closeSync(again);
    closeSync(fd);
  });

  it('is none where few containers are to come for a large program, or where the program cannot be read', () => {
    expect(sealedRuntime(runtime(process.execPath), 2)).toBeUndefined();
    expect(sealedRuntime(runtime('/nothing/crun'), 100)).toBeUndefined();
  });
});
