import { writeSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { openHearing } from '../../../src/executor/run/hearing.ts';
import { type LatePipe, openLatePipe } from '../../../src/executor/run/late-pipe.ts';

// The pipes are made by the C library's pipe2; their other ends are written to here.
describe('what comes out of pipes', () => {
  const pipes: LatePipe[] = [];
  const open = (): LatePipe => {
    const pipe = openLatePipe();
    pipes.push(pipe);
    return pipe;
  };
  afterEach(() => {
    for (const pipe of pipes.splice(0)) pipe.close();
  });
  const heardOf = (): { readonly take: (data: Buffer) => void; readonly text: () => string } => {
    const pieces: Buffer[] = [];
    return { take: (data) => void pieces.push(data), text: () => Buffer.concat(pieces).toString('latin1') };
  };

  it('is not heard before anybody attends, looks or listens', async () => {
    const [hearing, pipe, { take, text }] = [openHearing(), open(), heardOf()];
    void hearing.of(pipe, take);
    writeSync(pipe.writeFd, 'a');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(text()).toBe('');
    hearing.look();
    expect(text()).toBe('a');
    writeSync(pipe.writeFd, 'b');
    hearing.look();
    expect(text()).toBe('ab');
  });

  it.each([false, true])('is whole, in order, up to the end (listening in the middle: %s)', async (listens) => {
    const [hearing, pipe, { take, text }] = [openHearing(), open(), heardOf()];
    const ended = hearing.attend(hearing.of(pipe, take));
    writeSync(pipe.writeFd, 'a'.repeat(60_000));
    await new Promise((resolve) => setTimeout(resolve, 10));
    writeSync(pipe.writeFd, 'b'.repeat(60_000));
    if (listens) hearing.listen();
    await new Promise((resolve) => setTimeout(resolve, 10));
    writeSync(pipe.writeFd, 'c');
    pipe.closeWriting();
    await ended;
    expect(text()).toBe(`${'a'.repeat(60_000)}${'b'.repeat(60_000)}c`);
  });

  it('is over when the pipe is closed, whatever has its number then', async () => {
    const [hearing, pipe, { take, text }] = [openHearing(), open(), heardOf()];
    let ends = 0;
    const ended = hearing.of(pipe, take, () => {
      ends += 1;
    });
    pipe.close();
    const other = open();
    writeSync(other.writeFd, 'of another');
    hearing.look();
    await ended;
    expect([text(), ends]).toEqual(['', 1]);
  });

  it('is heard as a stream from the start where streams are there', async () => {
    const [hearing, pipe, { take, text }] = [openHearing(), open(), heardOf()];
    hearing.listen();
    const ended = hearing.of(pipe, take);
    writeSync(pipe.writeFd, 'said');
    pipe.closeWriting();
    await ended;
    expect(text()).toBe('said');
  });
});
