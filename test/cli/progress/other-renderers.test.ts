import { describe, expect, it } from '@jest/globals';
import { chooseProgress } from '../../../src/cli/progress/choose-progress.ts';
import { ClassicProgress } from '../../../src/cli/progress/classic.ts';
import { PlainProgress } from '../../../src/cli/progress/plain.ts';
import { quietProgress } from '../../../src/cli/progress/quiet.ts';
import { RawJsonProgress } from '../../../src/cli/progress/raw-json.ts';
import { progressBar, TtyProgress } from '../../../src/cli/progress/tty.ts';
import type { BuildEvent } from '../../../src/engine/build-event.ts';
import { fakeOutput } from '../fake-output.ts';

const container = 'b051916c97e9aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';
const image = (short: string) => `sha256:${short.padEnd(64, '0')}`;

describe('classic progress', () => {
  const events: BuildEvent[] = [
    { kind: 'context-sent', bytes: 13_310 },
    { kind: 'step', index: 1, total: 3, text: 'FROM bb AS base' },
    { kind: 'image', id: image('dd0be8828944') },
    { kind: 'step', index: 2, total: 3, text: 'RUN echo one; echo two >&2' },
    { kind: 'running', container },
    { kind: 'output', stream: 2, data: Buffer.from('two\n') },
    { kind: 'output', stream: 1, data: Buffer.from('one\n') },
    { kind: 'removed', container },
    { kind: 'image', id: image('1827979188c9') },
    { kind: 'step', index: 3, total: 3, text: 'CMD ["sh"]' },
    { kind: 'using-cache' },
    { kind: 'image', id: image('31fcec0dd4e3') },
    { kind: 'warning', text: '[Warning] One or more build-args [nope] were not consumed' },
    { kind: 'built', id: image('31fcec0dd4e3') },
    { kind: 'tagged', name: 'h4x:c' },
  ];

  // What DOCKER_BUILDKIT=0 docker build printed on stdout, but for the red that it sends into a pipe too.
  it('prints a build as docker does', () => {
    const output = fakeOutput();
    const progress = new ClassicProgress(output, { colours: true });
    for (const event of events) progress.event(event);
    expect(output.text()).toBe(
      `Sending build context to Docker daemon  13.31kB\r\r
Step 1/3 : FROM bb AS base
 ---> dd0be8828944
Step 2/3 : RUN echo one; echo two >&2
 ---> Running in b051916c97e9
two
one
 ---> Removed intermediate container b051916c97e9
 ---> 1827979188c9
Step 3/3 : CMD ["sh"]
 ---> Using cache
 ---> 31fcec0dd4e3
[Warning] One or more build-args [nope] were not consumed
Successfully built 31fcec0dd4e3
Successfully tagged h4x:c
`,
    );
  });

  it('paints what a command writes on stderr red, on a terminal that may have colours', () => {
    const show = (colours: boolean) => {
      const output = fakeOutput(true);
      new ClassicProgress(output, { colours }).event({ kind: 'output', stream: 2, data: Buffer.from('x\u001b[2J\n') });
      return output.text();
    };
    expect(show(true)).toBe('\u001b[91mx^[[2J\n\u001b[0m');
    expect(show(false)).toBe('x^[[2J\n');
  });
});

describe('quiet progress', () => {
  const events: BuildEvent[] = [
    { kind: 'vertex-start', id: 1, name: 'a', time: 0 },
    { kind: 'vertex-end', id: 1, time: 0, outcome: 'error', error: 'no' },
  ];

  it('stays silent when all goes well and tells everything when not', () => {
    const output = fakeOutput();
    const progress = quietProgress(new PlainProgress(output));
    for (const event of events) progress.event(event);
    expect(output.text()).toBe('');
    progress.finish(true);
    expect(output.text()).toBe('#1 a\n#1 ERROR: no\n------\n > a:\n------\n');
  });
});

describe('rawjson progress', () => {
  it('prints one SolveStatus a line', () => {
    const output = fakeOutput();
    const progress = new RawJsonProgress(output);
    const time = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
    progress.event({ kind: 'vertex-start', id: 1, name: 'a', time });
    progress.event({ kind: 'vertex-log', id: 1, stream: 2, data: Buffer.from('hi\n'), time });
    progress.event({ kind: 'vertex-status', id: 1, name: 's', current: 1, total: 2, time, done: true });
    progress.event({ kind: 'vertex-end', id: 1, time, outcome: 'cached' });
    const digest = `sha256:${'1'.padStart(64, '0')}`;
    const at = '2026-01-02T03:04:05.678Z';
    const lines = output.text().trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { vertexes: [{ digest, name: 'a', started: at }] },
      { logs: [{ vertex: digest, stream: 2, data: 'aGkK', timestamp: at }] },
      { statuses: [{ id: 's', vertex: digest, total: 2, current: 1, timestamp: at, started: at, completed: at }] },
      { vertexes: [{ digest, name: 'a', started: at, completed: at, cached: true }] },
    ]);
  });
});

describe('progress on a terminal', () => {
  function draw(colours: boolean, columns: number): string {
    const output = fakeOutput(true, columns);
    const progress = new TtyProgress(output, { colours, now: () => 5000 });
    progress.event({ kind: 'vertex-start', id: 1, name: '[1/2] FROM x', time: 4000 });
    progress.event({ kind: 'vertex-end', id: 1, time: 4000, outcome: 'cached' });
    progress.event({ kind: 'vertex-start', id: 2, name: '[2/2] RUN y\u001b[2J', time: 4000 });
    progress.event({ kind: 'vertex-end', id: 2, time: 5500, outcome: 'done' });
    progress.finish(false);
    // The last drawing is the whole picture.
    return output.text().split('\u001b[?25l').at(-1) ?? '';
  }

  it('draws one line a vertex, its time at the right edge', () => {
    const text = draw(false, 50);
    expect(text).toContain('[+] Building 0.0s (2/2) FINISHED\u001b[K\n');
    expect(text).toContain(` => CACHED [1/2] FROM x                      0.0s\u001b[K\n`);
    expect(text).toContain(` => [2/2] RUN y^[[2J                         1.5s\u001b[K\n`);
  });

  it('cuts names that are too long, and paints only where it may', () => {
    expect(draw(false, 20)).toContain(' => CACHED [1/ 0.0s\u001b[K\n');
    expect(draw(false, 50)).not.toContain('\u001b[34m');
    expect(draw(true, 50)).toContain('\u001b[34m => CACHED');
  });

  it('shows the share of what has a total as a bar', () => {
    expect([0, 0.5, 1, 7].map(progressBar)).toEqual([
      '[                    ]',
      '[=========>          ]',
      '[====================]',
      '[====================]',
    ]);
  });
});

describe('chooseProgress', () => {
  const context = (tty: boolean, env: Record<string, string> = {}) => ({
    stdout: fakeOutput(tty),
    stderr: fakeOutput(tty),
    env,
    now: () => 0,
  });

  it('draws on a terminal and prints plainly elsewhere', () => {
    const onTerminal = chooseProgress('auto', 'buildkit', context(true));
    expect(onTerminal).toBeInstanceOf(TtyProgress);
    onTerminal.finish(false);
    expect(chooseProgress('auto', 'buildkit', context(false))).toBeInstanceOf(PlainProgress);
    expect(chooseProgress('auto', 'buildkit', context(true, { TERM: 'dumb' }))).toBeInstanceOf(PlainProgress);
    expect(chooseProgress('auto', 'classic', context(true))).toBeInstanceOf(ClassicProgress);
  });

  it('refuses tty without a terminal', () => {
    expect(() => chooseProgress('tty', 'buildkit', context(false))).toThrow('failed to get console');
  });
});

describe('a download of the classic builder', () => {
  const events = [
    { kind: 'downloading', bytes: 1_200_000, total: 4_000_000, done: false },
    { kind: 'downloading', bytes: 4_000_000, total: 4_000_000, done: true },
    { kind: 'downloading', bytes: 7, total: 0, done: false },
  ] as const;

  it('is one line that moves on a terminal, and nothing in a log', () => {
    const [terminal, log] = [fakeOutput(true), fakeOutput(false)];
    for (const output of [terminal, log]) {
      const progress = new ClassicProgress(output, { colours: false });
      for (const event of events) progress.event(event);
    }
    expect(log.text()).toBe('');
    expect(terminal.text()).toBe(
      '\rDownloading  1.2MB/4MB\u001b[K\rDownloading  4MB/4MB\u001b[K\n\rDownloading  7B\u001b[K',
    );
  });
});
