import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Lab } from './lab.ts';

const launcher = resolve(import.meta.dirname, '../../bin/layerlab.js');

// Needs root: RUN, and the layers of a faithful data-root.
let lab: Lab;
beforeEach(() => {
  lab = new Lab();
});
afterEach(() => lab.remove());

/** Runs a command beside this process; gives its exit code and what it said. */
function beside(...args: readonly string[]): Promise<{ readonly code: number | null; readonly text: string }> {
  const child = spawn(process.execPath, [launcher, '--data-root', lab.dataRoot, ...args]);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      text += data;
    });
  }
  return new Promise((done) => child.once('close', (code) => done({ code, text })));
}

it('several prunes beside several builds take nothing that one of them needs', async () => {
  lab.ok(['base']);
  lab.write('file', 'content\n');
  lab.write(
    'Dockerfile',
    'FROM layerlab/base\nARG N\nRUN echo $N > /first\nCOPY file /file\nRUN cat /first /file > /both; sleep 0.1\n',
  );
  const built = await Promise.all(
    [1, 2, 3, 4].map(async (n) => {
      const results = [];
      for (const round of [1, 2, 3]) {
        const args = ['--build-arg', `N=${n}.${round}`, '-t', `app:${n}`, lab.context];
        results.push(await beside('build', '--progress', 'plain', ...args));
        results.push(await beside('prune', '-f'));
        results.push(await beside('gc', '-f'));
        results.push(await beside('prune', '--cache', '-af'));
      }
      return results;
    }),
  );
  for (const { code, text } of built.flat()) expect({ code, text }).toEqual({ code: 0, text });
  const checked = lab.ok(['check', '--full', '--format', 'json']);
  expect(JSON.parse(checked)).toMatchObject({ damages: [] });
  for (const n of [1, 2, 3, 4]) {
    expect(lab.ok(['cat', `app:${n}:/both`])).toBe(`${n}.3\ncontent`);
  }
  // What was replaced by a later round is gone.
  expect(lab.ok(['images', '-q', '--filter', 'dangling=true'])).toBe('');
});
