import { describe, expect, it } from '@jest/globals';
import { PlainProgress } from '../../../src/cli/progress/plain.ts';
import type { BuildEvent } from '../../../src/engine/build-event.ts';
import { fakeOutput } from '../fake-output.ts';

const T0 = 1_795_000_000_000;

const start = (id: number, name: string, at = 0): BuildEvent => ({ kind: 'vertex-start', id, name, time: T0 + at });
const log = (id: number, text: string, at: number, stream: 1 | 2 = 1): BuildEvent => ({
  kind: 'vertex-log',
  id,
  stream,
  data: Buffer.from(text),
  time: T0 + at,
});
const status = (id: number, name: string, current: number, at: number, done = true, total = 0): BuildEvent => ({
  kind: 'vertex-status',
  id,
  name,
  current,
  total,
  time: T0 + at,
  done,
});
const end = (id: number, at = 0): BuildEvent => ({ kind: 'vertex-end', id, time: T0 + at, outcome: 'done' });
const cached = (id: number): BuildEvent => ({ kind: 'vertex-end', id, time: T0, outcome: 'cached' });

function render(events: readonly BuildEvent[], failed = false, tty = false): string {
  const output = fakeOutput(tty);
  const progress = new PlainProgress(output);
  for (const event of events) progress.event(event);
  progress.finish(failed);
  return output.text();
}

// The texts are what `docker build --progress plain` printed for these builds with a daemon 28.5, without the lines of
// vertex digests that only clients before 23 print, and with numbers in the order of printing, as clients since 23 count.
describe('plain progress', () => {
  it('prints a build as docker does', () => {
    const events: BuildEvent[] = [
      start(1, '[internal] load build definition from Dockerfile'),
      status(1, 'transferring dockerfile:', 209, 1),
      end(1, 4),
      start(3, '[internal] load metadata for docker.io/library/bb:latest'),
      end(3, 1),
      start(9, '[base 1/2] FROM docker.io/library/bb:latest'),
      cached(9),
      start(6, '[internal] load build context'),
      status(6, 'transferring context:', 35, 1),
      end(6, 2),
      start(8, "[base 2/2] RUN echo one; echo two >&2; printf 'no newline'"),
      log(8, 'one\nno newline', 92),
      log(8, 'two\n', 93, 2),
      end(8, 310),
      start(4, '[stage-1 3/3] RUN echo second $X; sleep 1.2; echo third'),
      log(4, 'second\n', 77),
      log(4, 'third\n', 1278),
      end(4, 1320),
      start(10, 'exporting to image'),
      status(10, 'exporting layers', 0, 1, false),
      status(10, 'exporting layers', 0, 15),
      status(10, 'writing image sha256:e8679af71bf288100c4358790f1310acc48b41d0ce58308f8a74a63ccdddb680', 0, 16),
      status(10, 'naming to docker.io/library/h4x:latest', 0, 17),
      end(10, 20),
    ];
    expect(render(events)).toBe(`#1 [internal] load build definition from Dockerfile
#1 transferring dockerfile: 209B done
#1 DONE 0.0s

#2 [internal] load metadata for docker.io/library/bb:latest
#2 DONE 0.0s

#3 [base 1/2] FROM docker.io/library/bb:latest
#3 CACHED

#4 [internal] load build context
#4 transferring context: 35B done
#4 DONE 0.0s

#5 [base 2/2] RUN echo one; echo two >&2; printf 'no newline'
#5 0.092 one
#5 0.092 no newlinetwo
#5 DONE 0.3s

#6 [stage-1 3/3] RUN echo second $X; sleep 1.2; echo third
#6 0.077 second
#6 1.278 third
#6 DONE 1.3s

#7 exporting to image
#7 exporting layers 0.0s done
#7 writing image sha256:e8679af71bf288100c4358790f1310acc48b41d0ce58308f8a74a63ccdddb680 done
#7 naming to docker.io/library/h4x:latest done
#7 DONE 0.0s
`);
  });

  it('repeats the last log lines of what failed', () => {
    const error =
      'process "/bin/sh -c echo before; echo err >&2;     exit 7" did not complete successfully: exit code: 7';
    const events: BuildEvent[] = [
      start(4, '[2/2] RUN echo before; echo err >&2;     exit 7'),
      log(4, 'err\n', 80, 2),
      log(4, 'before\n', 80),
      { kind: 'vertex-end', id: 4, time: T0 + 200, outcome: 'error', error },
    ];
    // Docker 28 prints the log inside the block (BuildKit printErrorLogs); the client of 20.10 left it out.
    expect(render(events, true)).toBe(`#1 [2/2] RUN echo before; echo err >&2;     exit 7
#1 0.080 err
#1 0.080 before
#1 ERROR: ${error}
------
 > [2/2] RUN echo before; echo err >&2;     exit 7:
0.080 err
0.080 before
------
`);
  });

  it('marks a vertex that it leaves open, and comes back to it', () => {
    const events = [
      start(1, 'a'),
      log(1, 'part', 10),
      start(2, 'b'),
      log(2, 'x\n', 5),
      end(2, 20),
      log(1, 'ial\n', 30),
      end(1, 40),
    ];
    expect(render(events)).toBe(
      '#1 a\n#1 0.010 part\n#1 ...\n\n#2 b\n#2 0.005 x\n#2 DONE 0.0s\n\n#1 a\n#1 0.030 ial\n#1 DONE 0.0s\n',
    );
  });

  it('prints a status again only when it is well ahead', () => {
    const name = 'transferring context:';
    const events = [
      start(1, 'load'),
      status(1, name, 1000, 0, false, 100_000),
      status(1, name, 20_000, 200, false, 100_000),
      status(1, name, 20_100, 300, false, 100_000),
      status(1, name, 60_000, 400, false, 100_000),
      status(1, name, 100_000, 900, true, 100_000),
      end(1, 950),
    ];
    expect(render(events)).toBe(`#1 load
#1 transferring context: 20.00kB / 100.00kB 0.2s
#1 transferring context: 60.00kB / 100.00kB 0.4s
#1 transferring context: 100.00kB / 100.00kB 0.9s done
#1 DONE 0.9s
`);
  });

  it('says CANCELED of what was stopped', () => {
    expect(render([start(1, 'a'), { kind: 'vertex-end', id: 1, time: T0, outcome: 'cancelled' }])).toBe(
      '#1 a\n#1 CANCELED\n',
    );
  });

  it('gives fewer decimals to later log lines', () => {
    const events = [start(1, 'a'), log(1, 'x\n', 12_345), log(1, 'y\n', 123_456), end(1, 123_500)];
    expect(render(events)).toBe('#1 a\n#1 12.35 x\n#1 123.5 y\n#1 DONE 123.5s\n');
  });

  it('hands bytes through to a pipe and makes them harmless on a terminal', () => {
    const events = [start(1, 'a\u001b[2J'), log(1, '\u001b[31mred\r\n', 0), end(1)];
    expect(render(events)).toBe('#1 a\u001b[2J\n#1 0.000 \u001b[31mred\r\n#1 DONE 0.0s\n');
    expect(render(events, false, true)).toBe('#1 a^[[2J\n#1 0.000 ^[[31mred\n#1 DONE 0.0s\n');
  });

  it('counts warnings at the end', () => {
    expect(render([start(1, 'a'), end(1), { kind: 'warning', text: 'Old: say it otherwise' }])).toBe(
      '#1 a\n#1 DONE 0.0s\n\n 1 warning found:\n - Old: say it otherwise\n',
    );
  });
});
