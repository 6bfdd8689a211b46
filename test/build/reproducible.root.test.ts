import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Lab } from './lab.ts';

const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
const withoutMounts = ['setpriv', '--bounding-set=-sys_admin', '--inh-caps=-sys_admin'];

// Needs root: it takes rights away to compare.
describe('a build that is told its time', () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
    lab.write('site/index.html', '<p>hi</p>');
    lab.write('site/sub/x', 'x');
  });
  afterEach(() => lab.remove());

  it.each(['buildkit', 'classic'])('has the same id in any data-root (%s)', (builder) => {
    lab.write(
      'Dockerfile',
      'FROM layerlab/base\nWORKDIR /w\nCOPY site /srv\nRUN mkdir /m && date > /m/now && date +%N >> /dev/null && echo hi > /m/hi && rm /m/now\nENV A=1\n',
    );
    const ids = ['one', 'two'].map((name) => {
      const dataRoot = join(lab.home, name);
      lab.ok(['base'], { dataRoot });
      return lab.build(['--builder', builder, '--timestamp', '1700000000'], { dataRoot });
    });
    expect(ids[0]).toBe(ids[1]);
  });

  it('takes SOURCE_DATE_EPOCH from the build arguments', () => {
    lab.write('Dockerfile', 'FROM scratch\nCOPY site /srv\n');
    const id = lab.build(['--build-arg', 'SOURCE_DATE_EPOCH=1700000000']);
    expect(lab.build(['--timestamp', '1700000000'], { dataRoot: join(lab.home, 'other') })).toBe(id);
    expect(lab.ok(['inspect', '-f', '{{.Created}}', id])).toBe('2023-11-14T22:13:20Z');
  });

  it('has the same id for a user without any rights', () => {
    lab.write(
      'Dockerfile',
      'FROM scratch AS a\nCOPY --chown=5:6 --chmod=4711 site /data\nWORKDIR /data/sub\nFROM scratch\nCOPY --from=a /data /copied\nCOPY site/index.html /copied/sub/\n',
    );
    const asRoot = lab.build(['--timestamp', '1700000000']);
    const theirs = join(lab.home, 'theirs');
    mkdirSync(theirs);
    chmodSync(theirs, 0o777);
    const dataRoot = join(theirs, 'root');
    expect(lab.build(['--timestamp', '1700000000'], { dataRoot, by: nobody })).toBe(asRoot);
    expect(lab.build(['--timestamp', '1700000000'], { dataRoot, by: nobody })).toBe(asRoot);
  });

  it('has the same id where nothing can be mounted, RUN and all', () => {
    lab.write(
      'Dockerfile',
      [
        'FROM layerlab/base',
        'RUN mkdir -p /t/d /o/sub && echo old > /t/f && ln /t/f /t/hl && touch /o/sub/x && rm /bin/yes /bin/tac',
        'RUN rm -r /o/sub && mkdir /o/sub && touch /o/sub/new && mv /t/d /t/e && chmod 700 /home && rm /t/hl',
        'COPY site /s',
        'RUN ln -s x /s/link && rm -r /o && touch /var/y',
        '',
      ].join('\n'),
    );
    lab.ok(['base']);
    const mounted = lab.build(['--timestamp', '1700000000']);
    const dataRoot = join(lab.home, 'copied');
    lab.ok(['base'], { dataRoot, by: withoutMounts });
    expect(lab.build(['--timestamp', '1700000000'], { dataRoot, by: withoutMounts })).toBe(mounted);
  });

  it('says what would make RUN work where it cannot be had', () => {
    lab.write('Dockerfile', 'FROM scratch\nCOPY site /bin\nRUN ["/bin/x"]\n');
    const theirs = join(lab.home, 'theirs');
    mkdirSync(theirs);
    chmodSync(theirs, 0o777);
    const run = lab.run(['build', lab.context], { dataRoot: join(theirs, 'root'), by: nobody });
    expect(run.status).toBe(6);
    expect(run.stderr).toContain('LL_RUN_IMPOSSIBLE');
    expect(run.stderr).toContain('hint:');
  });
});
