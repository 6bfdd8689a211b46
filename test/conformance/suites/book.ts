import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Builder } from '../harness/case.ts';
import { file } from '../harness/case.ts';
import { materialise } from '../harness/context.ts';
import { allTags, listHistories, listImages } from '../harness/listing.ts';
import { apiGet, layerlabTool, type Tool } from '../harness/tools.ts';
import type { World } from '../harness/world.ts';

/** Changes, deletes, replaces a folder by another of its name, makes a link and a file with a set-id bit. */
const DOCKERFILE = `FROM conf/base
COPY a /srv/a
RUN rm /opt/data/a.txt && rm -r /opt/data/sub && mkdir /opt/data/sub && echo new > /opt/data/sub/n && ln -s /srv/a /opt/link
RUN chmod 4711 /srv/a && chown 1000:1000 /home/app && rm -r /usr/lib && mkdir /usr/lib
`;
const WORK =
  'echo x > /new; mkdir -p /d/e; echo y > /d/e/f; rm /etc/motd; chmod 700 /home; rm -r /opt/data; mkdir /opt/data';
const CONTAINERS = {
  'book-running': [
    'run',
    '-d',
    '-v',
    '/usr:/mnt/usr:ro',
    '-l',
    'a=b',
    '-e',
    'A=1 < 2',
    'conf/base',
    '/bin/sh',
    '-c',
    `${WORK}; sleep 100000`,
  ],
  'book-exited': ['run', 'conf/base', '/bin/sh', '-c', 'echo "q > \\"x\\""; touch "/a b"; exit 3'],
  'book-created': [
    'create',
    '-p',
    '80:80',
    '--user',
    '1000',
    'book/buildkit',
    '/bin/sh',
    '-c',
    'a very long command that is cut',
  ],
  'book-paused': ['run', '-d', 'book/classic', '/bin/sh', '-c', 'rm -r /srv; sleep 100000'],
} as const;
const NAMES = Object.keys(CONTAINERS);
const BUILDERS: readonly Builder[] = ['buildkit', 'classic'];
const IMAGES = BUILDERS.map((builder) => `book/${builder}`);
/** What no mount and none of docker's own files touches. */
const FOLDERS = ['/bin', '/home', '/opt', '/srv', '/usr'];

/** So many images are built that one in a few will do. */
const ONE_IN = 6;

/** layerlab looks into the data-root of a dockerd that runs, and into a tar of it: what docker itself says is right. */
export function describeBook(world: () => World): void {
  describe('layerlab looks into a data-root of dockerd', () => {
    const ours = (): Tool => layerlabTool(world().docker.dataRoot);
    const text = async (tool: Tool, args: readonly string[]): Promise<string> =>
      (await tool.runOrThrow(args)).toString('utf8');
    const lines = async (tool: Tool, args: readonly string[]): Promise<readonly string[]> =>
      (await text(tool, args)).trim().split('\n').sort();

    beforeAll(async () => {
      const { docker, scratch } = world();
      const context = path.join(scratch, 'book');
      materialise(context, [file('Dockerfile', DOCKERFILE), file('a', 'a\n')]);
      for (const builder of BUILDERS) {
        await docker.runOrThrow(['build', '-q', '--network', 'none', '-t', `book/${builder}`, context], builder);
      }
      for (const [name, [verb, ...rest]] of Object.entries(CONTAINERS)) {
        await docker.run([verb, '--name', name, '--network', 'none', ...rest]);
      }
      await docker.runOrThrow(['pause', 'book-paused']);
      // What has been deleted by now is deleted before anybody looks.
      for (const name of ['book-running', 'book-paused']) await settled(docker, name);
    }, 300_000);

    afterAll(async () => {
      const { docker } = world();
      await docker.run(['unpause', 'book-paused']);
      await docker.run(['rm', '-f', ...NAMES]);
      await docker.run(['rmi', '-f', ...IMAGES]);
    }, 120_000);

    it('ps', async () => {
      const fields = [
        'ID',
        'Names',
        'Image',
        'Command',
        'CreatedAt',
        'State',
        'Ports',
        'Size',
        'Labels',
        'Mounts',
        'Networks',
      ];
      const format = fields.map((field) => `{{.${field}}}`).join('|');
      for (const more of [['-a'], [], ['-a', '--no-trunc'], ['-a', '-f', 'status=exited'], ['-n', '2']]) {
        const args = ['ps', ...more, '--format', format];
        expect(await lines(ours(), args)).toEqual(await lines(world().docker, args));
      }
      expect((await text(ours(), ['ps', '-aq', '-f', 'name=book-'])).trim().split('\n')).toHaveLength(NAMES.length);
    });

    for (const name of NAMES) {
      it(`inspect ${name}`, async () => {
        const said = await apiGet(world().socket, `/v1.51/containers/${name}/json`);
        expect((await text(ours(), ['inspect', '--format', 'json', name])).trim()).toBe(`[${said.trim()}]`);
      });

      it(`diff ${name}`, async () => {
        expect(await lines(ours(), ['diff', name])).toEqual(await lines(world().docker, ['diff', name]));
      });

      it(`explain ${name}`, async () => {
        expect((await ours().run(['explain', name])).code).toBe(0);
      });
    }

    it('explain finds every step true', async () => {
      const wrong: string[] = [];
      const tags = allTags(world().docker.dataRoot).filter((_, at) => at % ONE_IN === 0);
      for (const tag of tags) {
        const outcome = await ours().run(['explain', '--format', '{{.OK}} {{.Number}} {{.Name}}', tag]);
        if (outcome.code !== 0) wrong.push(`${tag}: ${outcome.stdout.toString('utf8')}${outcome.stderr}`);
      }
      expect(wrong).toEqual([]);
    }, 600_000);

    it('explain puts every layer of an image together again', async () => {
      for (const image of IMAGES) expect((await ours().run(['explain', '--contents', image])).code).toBe(0);
    });

    for (const image of IMAGES) {
      it(`ls of ${image}`, async () => {
        const stat = [
          '/bin/busybox',
          'find',
          ...FOLDERS,
          '-exec',
          '/bin/busybox',
          'stat',
          '-c',
          '%A|%u|%g|%Y|%n',
          '{}',
          ';',
        ];
        const run = [
          'run',
          '--rm',
          '--network',
          'none',
          '--user',
          '0',
          '--entrypoint',
          stat[0] ?? '',
          image,
          ...stat.slice(1),
        ];
        const theirs = await lines(world().docker, run);
        const found: string[] = [];
        for (const folder of FOLDERS) {
          const format = '{{.Mode}}|{{.UID}}|{{.GID}}|{{.MTime}}|{{.Path}}';
          found.push(...(await lines(ours(), ['ls', '-R', '--format', format, `${image}:${folder}`])));
        }
        const roots = new Set(FOLDERS);
        const below = theirs.filter((line) => !roots.has(line.split('|')[4] ?? ''));
        expect(below.length).toBeGreaterThan(20);
        expect(
          found
            .filter((line) => line !== '')
            .map(wholeSeconds)
            .sort(),
        ).toEqual(below);
      });

      it(`cat of ${image}`, async () => {
        for (const name of ['/opt/data/sub/n', '/opt/link', '/bin/busybox']) {
          const run = [
            'run',
            '--rm',
            '--network',
            'none',
            '--user',
            '0',
            '--entrypoint',
            '/bin/busybox',
            image,
            'cat',
            name,
          ];
          const theirs = await world().docker.runOrThrow(run);
          expect((await ours().runOrThrow(['cat', `${image}:${name}`])).equals(theirs)).toBe(true);
        }
      });
    }

    it('a tar of the data-root gives the same answers', async () => {
      const { docker, scratch } = world();
      const packed = path.join(scratch, 'docker.tar');
      execFileSync('bash', [
        '-c',
        'cd "$1" && tar --xattrs --xattrs-include="*" --exclude="*/merged" --transform "s,^,var/lib/docker/,S" -cf "$2" image overlay2 containers',
        ...['pack', docker.dataRoot, packed],
      ]);
      const tar = layerlabTool(packed);
      expect(await listImages(tar)).toEqual(await listImages(docker));
      expect(await listHistories(tar, IMAGES)).toEqual(await listHistories(docker, IMAGES));
      for (const args of [
        ['ps', '-a', '--no-trunc', '--format', '{{.ID}} {{.Image}} {{.Command}} {{.Size}}'],
        ['diff', 'book-running'],
        ['diff', 'book-paused'],
        ['layers', '--format', 'json', IMAGES[0] ?? ''],
        ['ls', '-R', '--format', '{{.Mode}} {{.UID}} {{.GID}} {{.Size}} {{.Path}} {{.Target}}', IMAGES[1] ?? ''],
        ['which-layer', '--format', 'json', IMAGES[0] ?? '', '/opt/data/sub/c.txt'],
        ['cat', `${IMAGES[0]}:/opt/data/sub/n`],
      ]) {
        expect([args, await text(tar, args)]).toEqual([args, await text(ours(), args)]);
      }
      expect((await tar.run(['explain', IMAGES[0] ?? ''])).code).toBe(0);
    }, 300_000);

    it('writes nothing there', async () => {
      const refused = await ours().run(['tag', 'conf/base', 'book/other']);
      expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('LL_FOREIGN_ROOT')]);
      const busy = await ours().run(['--write', 'tag', 'conf/base', 'book/other']);
      expect([busy.code, busy.stderr]).toEqual([7, expect.stringContaining('LL_DATA_ROOT_IN_USE')]);
    });
  });
}

/** RFC 3339 with nanoseconds as whole seconds since 1970, the fourth field of a line. */
function wholeSeconds(line: string): string {
  const parts = line.split('|');
  return parts.map((part, at) => (at === 3 ? String(Math.floor(Date.parse(part) / 1000)) : part)).join('|');
}

/** Waits until a container's own work is done: it sleeps then, and `diff` says the same twice. */
async function settled(docker: Tool, name: string): Promise<void> {
  for (let last = '', tries = 0; tries < 50; tries++) {
    const now = (await docker.runOrThrow(['diff', name])).toString('utf8').split('\n').sort().join('\n');
    if (now === last && now !== '') return;
    last = now;
    await new Promise((done) => setTimeout(done, 200));
  }
}
