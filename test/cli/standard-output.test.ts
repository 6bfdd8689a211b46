import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mayBeTerminal, standardOutput } from '../../src/cli/standard-output.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerlab-output-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('stdout and stderr without streams of Node', () => {
  const unused = (): never => {
    throw new Error('no stream is needed');
  };

  it('write texts and bytes to a file', () => {
    const fd = openSync(join(folder, 'out'), 'w');
    const output = standardOutput(fd, unused);
    output.write('größer\n');
    output.write(Uint8Array.of(0xff, 0x0a));
    closeSync(fd);
    expect(readFileSync(join(folder, 'out'), 'latin1')).toBe('gr\xc3\xb6\xc3\x9fer\n\xff\n');
    expect([output.isTTY, output.size()]).toEqual([false, { columns: 80, rows: 24 }]);
  });

  it('hand over to a stream of Node when a pipe that does not wait is full', () => {
    expect(spawnSync('mkfifo', [join(folder, 'pipe')]).status).toBe(0);
    const reader = openSync(join(folder, 'pipe'), constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(join(folder, 'pipe'), constants.O_WRONLY | constants.O_NONBLOCK);
    const rest = new PassThrough();
    const output = standardOutput(writer, () => rest as unknown as NodeJS.WriteStream);
    const all = Array.from({ length: 40_000 }, (_, i) => `${i}\n`).join('');
    output.write(all);
    output.write('end\n');
    const room = Buffer.alloc(1 << 20);
    const piped = room.subarray(0, readSync(reader, room)).toString('latin1');
    closeSync(writer);
    closeSync(reader);
    expect(piped.length).toBeLessThan(all.length);
    expect(piped + String(rest.read())).toBe(`${all}end\n`);
  });

  it('know what is no terminal', () => {
    const fd = openSync('/dev/null', 'w');
    expect(mayBeTerminal(fd)).toBe(process.platform !== 'linux');
    closeSync(fd);
  });
});
