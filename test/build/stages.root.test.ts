import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Lab } from './lab.ts';

// Needs root: RUN mounts overlays.
describe('independent stages', () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
    lab.ok(['base']);
  });
  afterEach(() => lab.remove());

  const layers = (id: string): string[] => JSON.parse(lab.ok(['inspect', '-f', '{{json .RootFS.Layers}}', id]));
  const stage = (name: string, command: string): string => `FROM layerlab/base AS ${name}\nRUN ${command}\n`;
  const taken = (...stages: readonly string[]): string =>
    `FROM scratch\n${stages.map((name) => `COPY --from=${name} /out /${name}\n`).join('')}`;

  it('run at the same time', () => {
    const beginAndEnd = 'date +%s%N > /out; sleep 0.6; date +%s%N >> /out';
    lab.write('Dockerfile', stage('a', `: a; ${beginAndEnd}`) + stage('b', `: b; ${beginAndEnd}`) + taken('a', 'b'));
    lab.build(['-t', 'both']);
    const diffs = readdirSync(join(lab.dataRoot, 'overlay2')).map((id) => join(lab.dataRoot, 'overlay2', id, 'diff'));
    const spans = ['a', 'b'].map((name) => {
      const found = diffs.flatMap((diff) => {
        try {
          return [readFileSync(join(diff, name), 'utf8').trim().split('\n').map(BigInt)];
        } catch {
          return [];
        }
      });
      return found[0] as [bigint, bigint];
    });
    const [[beganA, endedA], [beganB, endedB]] = spans as [[bigint, bigint], [bigint, bigint]];
    expect(beganA < endedB && beganB < endedA).toBe(true);
  });

  it('that do the same do it once', () => {
    const same = 'cat /proc/sys/kernel/random/uuid > /out';
    lab.write(
      'Dockerfile',
      `${stage('a', same)}${stage('b', same)}FROM a\nCOPY --from=b /out /again\nRUN cmp /out /again\n`,
    );
    lab.build();
    lab.build(['--no-cache']);
  });

  it('give one image whatever the order and the load', () => {
    const text = ['a', 'b', 'c', 'd', 'e', 'f'].map((name, at) =>
      stage(name, `sleep 0.${(at * 7) % 5}; echo ${name} > /out`),
    );
    const file = text.join('') + taken('a', 'b', 'c', 'd', 'e', 'f');
    lab.write('Dockerfile', file);
    const first = lab.build(['--timestamp', '1700000000']);
    lab.write('Dockerfile', file.replaceAll('sleep 0.', 'sleep 0.0'));
    const again = lab.build(['--timestamp', '1700000000', '--no-cache']);
    expect(layers(again)).toEqual(layers(first));
    const cached = lab.build(['--timestamp', '1700000000']);
    expect(cached).toBe(again);
  });

  it('stop when one fails, with the words of docker, and leave nothing half-made', () => {
    lab.write(
      'Dockerfile',
      stage('slow', 'echo begun; sleep 60; touch /out') + stage('bad', 'sleep 0.7; exit 3') + taken('slow', 'bad'),
    );
    const began = Date.now();
    const failed = lab.run(['build', '--progress', 'plain', '--network', 'none', '-t', 'never', lab.context]);
    expect(Date.now() - began).toBeLessThan(30_000);
    expect(failed.status).toBe(1);
    expect(failed.stderr).toMatch(/^#\d+ CANCELED$/m);
    expect(failed.stderr).toMatch(/^#\d+ ERROR: process "\/bin\/sh -c sleep 0\.7; exit 3" did not complete/m);
    expect(failed.stderr).toContain(
      'ERROR: failed to solve: process "/bin/sh -c sleep 0.7; exit 3" did not complete successfully: exit code: 3',
    );
    expect(lab.ok(['images', '-q', 'never'])).toBe('');
    // Nothing of the two steps is left: the base alone, and the folder of links.
    expect(readdirSync(join(lab.dataRoot, 'overlay2'))).toHaveLength(2);
    expect(readdirSync(join(lab.dataRoot, 'layerlab/tmp'))).toEqual([]);
  });
});
