import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Lab } from './lab.ts';

const withoutMounts = ['setpriv', '--bounding-set=-sys_admin', '--inh-caps=-sys_admin'];

// Needs root: RUN mounts overlays.
describe('heredocs', () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
    lab.ok(['base']);
  });
  afterEach(() => lab.remove());

  const dockerfile = (...lines: readonly string[]): void =>
    lab.write('Dockerfile', `FROM layerlab/base\n${lines.join('\n')}\n`);
  const layers = (id: string): string[] => JSON.parse(lab.ok(['inspect', '-f', '{{json .RootFS.Layers}}', id]));

  it('are files to COPY and ADD, beside ordinary ones', () => {
    lab.write('file', 'context\n');
    dockerfile(
      'ARG X=1',
      'COPY <<A file <<"B" /dir/',
      'a $X',
      'A',
      'b $X',
      'B',
      'COPY --chown=1:2 --chmod=0755 <<E /owned',
      'E',
      'ADD <<E /dir/',
      'added',
      'E',
      'RUN cd /dir; cat A B E file; stat -c %a:%u:%g:%n A B E /owned',
    );
    const output = lab.run(['build', '--progress', 'plain', '--network', 'none', lab.context]).stderr;
    for (const line of ['a 1', 'b $X', 'added', 'context', '644:0:0:A', '644:0:0:E', '755:1:2:/owned']) {
      expect(output).toContain(` ${line}\n`);
    }
    expect(output.match(/\[internal\] preparing inline document\n/g)).toHaveLength(4);
  });

  it('are part of the cache key', () => {
    const build = (copied: string, run: string): string => {
      dockerfile('COPY <<E /f', copied, 'E', 'RUN <<E', '#!/bin/sh', `echo ${run}; date +%s%N > /r`, 'E');
      return lab.build();
    };
    const first = build('one', 'one');
    expect(build('one', 'one')).toBe(first);
    expect(layers(build('one', 'two'))[1]).toBe(layers(first)[1]);
    expect(layers(build('one', 'two'))[2]).not.toBe(layers(first)[2]);
    expect(layers(build('two', 'one'))[1]).not.toBe(layers(first)[1]);
    expect(build('one', 'one')).toBe(first);
  });

  it('need no build context', () => {
    lab.write('Dockerfile', 'FROM scratch\nCOPY <<E /f\nx\nE\n');
    lab.ok(['build', '--timestamp', '1700000000', '-t', 'first', lab.context]);
    const again = lab.ok(['build', '-q', '--timestamp', '1700000000', '--no-cache', lab.context]);
    expect(lab.ok(['inspect', '-f', '{{.Id}}', 'first'])).toBe(again);
  });

  it.each([
    ['auto', []],
    ['chroot', []],
    ['chroot', withoutMounts],
  ] as const)('run as a script with %s %j, of which nothing stays', (runtime, by) => {
    dockerfile(
      'RUN mkdir -p /srv && chmod 777 /srv',
      'USER 1000',
      'RUN <<E',
      '#!/bin/sh',
      'stat -c "%a %u %n" /dev/pipes/* > /srv/seen; echo "$0" >> /srv/seen',
      'E',
      'USER 0',
      'RUN cat /srv/seen; ls /dev/pipes; true',
    );
    const result = lab.run(
      ['build', '--progress', 'plain', '--network', 'none', '--runtime', runtime, '-t', 'x', lab.context],
      { by },
    );
    expect(result.stderr).toMatch(/ 755 0 \/dev\/pipes\/E\n.* \/dev\/pipes\/E\n/);
    expect(result.stderr).toMatch(/ls: .*\/dev\/pipes/);
    expect(result.status).toBe(0);
    expect(lab.ok(['history', '--no-trunc', '--format', '{{.CreatedBy}}', 'x'])).toContain(
      'RUN /bin/sh -c /dev/pipes/E # buildkit',
    );
  });

  it('fail with the text that was run', () => {
    dockerfile('RUN <<E', 'echo "é\t"', 'exit 3', 'E');
    expect(lab.run(['build', lab.context]).stderr).toContain(
      'process "/bin/sh -c echo \\"é\\t\\"\\nexit 3\\n" did not complete successfully: exit code: 3',
    );
  });

  it('cannot be named as a deletion', () => {
    dockerfile('COPY <<.wh.etc /', '.wh.etc');
    expect(lab.run(['build', lab.context]).stderr).toContain('names that begin with .wh. mark deletions');
  });
});
