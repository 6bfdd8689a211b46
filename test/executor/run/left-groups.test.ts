import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mayLeaveGroups } from '../../../src/executor/run/left-groups.ts';

describe('a runtime that can leave the control groups of a container to us', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'layerlab-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const program = (help: string): string => {
    const path = join(folder, 'program');
    writeFileSync(path, Buffer.concat([Buffer.from([0x7f, 0x45, 0xff, 0]), Buffer.from(help), Buffer.from([0, 0xfe])]));
    return path;
  };
  // As `runc run --help` of 1.1.5 has it.
  const HELP = 'keep\0do not delete the container after it exits\0pid-file';

  it('is a runc that has the option, where it makes groups', () => {
    const path = program(HELP);
    expect(mayLeaveGroups({ name: 'runc', path, cgroups: true })).toBe(true);
    expect(mayLeaveGroups({ name: 'runc', path, cgroups: false })).toBe(false);
    expect(mayLeaveGroups({ name: 'crun', path, cgroups: true })).toBe(false);
  });

  it('is none that is too old, or that cannot be read', () => {
    expect(mayLeaveGroups({ name: 'runc', path: program('pid-file'), cgroups: true })).toBe(false);
    expect(mayLeaveGroups({ name: 'runc', path: '/nothing/runc', cgroups: true })).toBe(false);
  });
});
