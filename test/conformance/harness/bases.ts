import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { type ContextEntry, dir, file, symlink } from './case.ts';
import { materialise } from './context.ts';
import { resolveTag } from './stored-image.ts';
import type { Tool } from './tools.ts';

const WHOLE_SECOND = '1600000000';

const applets = (): readonly ContextEntry[] => {
  const busybox = execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim();
  const names = execFileSync(busybox, ['--list'], { encoding: 'utf8' }).trim().split('\n');
  return [
    file('bin/busybox', fs.readFileSync(busybox), { mode: 0o755, mtime: WHOLE_SECOND }),
    ...names.filter((name) => name !== 'busybox').map((name) => symlink(`bin/${name}`, 'busybox', WHOLE_SECOND)),
  ];
};

/** A small system: users, groups, symlinked folders, the mount points that containers need. */
const system: readonly ContextEntry[] = [
  ...['dev', 'proc', 'sys', 'run', 'var', 'var/lib', 'usr/lib', 'usr/bin', 'opt', 'srv', 'home/app/.config'].map(
    (name) => dir(name),
  ),
  dir('tmp', { mode: 0o1777 }),
  dir('root', { mode: 0o700 }),
  dir('home/app', { uid: 1000, gid: 1000, mode: 0o750 }),
  file(
    'etc/passwd',
    'root:x:0:0:root:/root:/bin/sh\nbin:x:2:2:bin:/bin:/bin/false\napp:x:1000:1000::/home/app:/bin/sh\n',
  ),
  file('etc/group', 'root:x:0:\nbin:x:2:\napp:x:1000:\nstaff:x:50:app\n'),
  file('etc/shadow', 'root:*:::::::\n', { mode: 0o640, gid: 42 }),
  file('etc/motd', 'welcome\n'),
  file('usr/lib/one.txt', 'one\n'),
  file('opt/data/a.txt', 'a\n'),
  file('opt/data/b.txt', 'b\n'),
  file('opt/data/sub/c.txt', 'c\n'),
  file('opt/tool', '#!/bin/sh\necho tool\n', { mode: 0o4755 }),
  symlink('lib', 'usr/lib'),
  symlink('var/run', '/run'),
  symlink('opt/current', 'data'),
  symlink('opt/absolute', '/opt/data'),
];

/** Bases whose config says much, so that what a build inherits and what it resets shows. */
const RICH = `FROM conf/base
MAINTAINER base maintainer <base@example.org>
ENV BASE_ONE=1 BASE_TWO="two words"
LABEL org.example.base=yes
EXPOSE 8080
VOLUME /data
USER app
WORKDIR /home/app
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=5s --retries=2 CMD true
ENTRYPOINT ["/bin/echo"]
CMD ["from", "base"]
`;

const ONBUILD = `FROM conf/base
ONBUILD ENV TRIGGERED=yes
ONBUILD COPY trigger.txt /trigger/
ONBUILD RUN echo "$TRIGGERED" > /trigger/ran
`;

const BUILT = [
  { name: 'conf/rich-buildkit', builder: 'buildkit', dockerfile: RICH },
  { name: 'conf/rich-classic', builder: 'classic', dockerfile: RICH },
  { name: 'conf/onbuild', builder: 'buildkit', dockerfile: ONBUILD },
] as const;

/** Base images by name; Dockerfiles of cases may stand on them. `conf/bare` has a shell and nothing else. */
export const BASE_NAMES: readonly string[] = ['conf/base', 'conf/bare', ...BUILT.map(({ name }) => name)];

/**
 * Makes the bases with docker and carries them over by `docker save` and `layerlab load`, so that both data-roots hold
 * the very same images under the very same ids. Returns those ids.
 */
export async function makeBases(scratch: string, docker: Tool, layerlab: Tool): Promise<ReadonlySet<string>> {
  for (const [name, entries] of [
    ['base', [...applets(), ...system]],
    ['bare', applets()],
  ] as const) {
    const tree = path.join(scratch, name);
    materialise(tree, entries);
    const tar = path.join(scratch, `${name}.tar`);
    execFileSync('tar', [
      '--format=ustar',
      '--sort=name',
      '--numeric-owner',
      '-C',
      tree,
      '-cf',
      tar,
      ...fs.readdirSync(tree).sort(),
    ]);
    await docker.runOrThrow(['import', tar, `conf/${name}`]);
  }
  for (const { name, builder, dockerfile } of BUILT) {
    const context = path.join(scratch, name.replace('/', '-'));
    materialise(context, [file('Dockerfile', dockerfile)]);
    await docker.runOrThrow(['build', '--network', 'none', '-q', '-t', name, context], builder);
  }
  const archive = path.join(scratch, 'bases.tar');
  await docker.runOrThrow(['save', '-o', archive, ...BASE_NAMES]);
  await layerlab.runOrThrow(['load', '-i', archive]);
  return new Set(BASE_NAMES.map((name) => resolveTag(docker.dataRoot, name)));
}
