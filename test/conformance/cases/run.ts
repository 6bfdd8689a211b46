import type { ConformanceCase } from '../harness/case.ts';
import { file } from '../harness/case.ts';

const run = (name: string, ...commands: readonly string[]): ConformanceCase => ({
  name,
  dockerfile: `FROM conf/base\n${commands.map((command) => `RUN ${command}`).join('\n')}\n`,
});

/** RUN: whatever a command does to the files. */
export const runs: readonly ConformanceCase[] = [
  run('run-create', 'echo hello > /srv/new', 'mkdir -p /srv/d/e && echo x > /srv/d/e/f && chmod 600 /srv/d/e/f'),
  run('run-modify', 'echo more >> /etc/motd', 'echo less > /opt/data/a.txt'),
  run('run-delete', 'rm /etc/motd', 'rm -r /opt/data'),
  run('create-then-delete', 'echo eeee > /home/a.txt', 'rm -f /home/a.txt'),
  run(
    'two-deletions',
    'echo ffff > /home/a.txt',
    'rm -f /home/a.txt',
    'mkdir /home/test',
    'echo eeee111 > /home/test/b.txt',
    'rm -f /home/test/b.txt',
  ),
  run('create-and-delete-in-one', 'echo x > /srv/x && rm /srv/x'),
  run('run-nothing', 'true', ':'),
  run('run-rename', 'mv /opt/data/a.txt /opt/data/z.txt', 'mv /opt/data /opt/moved'),
  run(
    'run-replace-dir',
    'rm -r /opt/data && mkdir /opt/data && echo n > /opt/data/n',
    'rm -r /opt/data && echo file > /opt/data',
    'rm /opt/data && mkdir -m 700 /opt/data',
  ),
  run('run-opaque-nested', 'rm -r /opt && mkdir -p /opt/data/sub && echo 1 > /opt/data/sub/new'),
  run('run-chmod-only', 'chmod 700 /opt/data', 'chmod 4711 /opt/tool && chmod a-r /etc/motd'),
  run('run-chown-only', 'chown -R app:staff /opt/data', 'chown -h 9:9 /opt/current'),
  run('run-touch-only', 'touch -d @1234567890 /etc/motd', 'touch -d @1234567890 /opt/data'),
  run(
    'run-links',
    'ln /etc/motd /etc/motd2',
    'ln -s nowhere /srv/l && ln /opt/data/a.txt /srv/a && ln /opt/data/a.txt /opt/data/aa',
    'echo changed > /etc/motd2',
  ),
  run(
    'run-symlink-flip',
    'rm /opt/current && ln -s absolute /opt/current',
    'rm /opt/current && mkdir /opt/current',
    'rmdir /opt/current && ln -s data /opt/current',
  ),
  run('run-devices', 'mknod /srv/null c 1 3 && mkfifo /srv/p && mknod /srv/blk b 7 0'),
  run(
    'run-many-kinds',
    'mkdir -p /srv/{a,b} /srv/c && echo "ü" > "/srv/c/ü ß" && touch /srv/c/.wh && mkdir -m 1777 /srv/s && umask > /srv/u',
  ),
  run(
    'run-environment',
    'env | grep -v ^HOSTNAME= | sort > /env; id >> /env; pwd >> /env; umask >> /env; cat /proc/self/status | grep -E "^(Cap|NoNewPrivs|Groups)" >> /env',
  ),
  run('run-delete-recreate-same', 'rm /opt/data/a.txt && echo a > /opt/data/a.txt'),
  run(
    'run-etc',
    'echo nameserver 1.2.3.4 > /etc/resolv.conf.d',
    'rm -f /etc/passwd && echo root:x:0:0::/:/bin/sh > /etc/passwd',
  ),
  {
    name: 'run-bare',
    dockerfile: 'FROM conf/bare\nRUN true\nRUN echo x > /x\nRUN mkdir -p /etc && echo x > /etc/x\n',
  },
  {
    name: 'run-forms',
    dockerfile:
      'FROM conf/base\nRUN ["/bin/sh", "-c", "echo $0 > /srv/json", "zero"]\nRUN echo one \\\n  && echo two > /srv/two\nSHELL ["/bin/busybox", "ash", "-xc"]\nRUN echo "$0" > /srv/shell\n',
  },
  {
    name: 'run-user',
    dockerfile:
      'FROM conf/base\nUSER app\nRUN echo "$HOME $(id)" > /home/app/me && mkdir /tmp/mine\nUSER 123:456\nRUN echo "$HOME $(id)" > /tmp/me\nUSER bin:staff\nRUN id > /tmp/bin\n',
  },
  {
    name: 'run-workdir',
    dockerfile: 'FROM conf/base\nWORKDIR /srv/w\nRUN pwd > here\nRUN cd /tmp && pwd > there\n',
  },
  {
    name: 'run-volume',
    dockerfile:
      'FROM conf/base\nVOLUME /opt/data /vol\nRUN echo lost > /opt/data/new && mkdir -p /vol && echo lost > /vol/x && echo kept > /srv/k\nCOPY a /opt/data/copied\n',
    context: [file('a')],
  },
  {
    name: 'run-env-and-args',
    dockerfile:
      'FROM conf/base\nENV E="e e"\nARG A=a\nARG B\nRUN echo "$E$A$B" > /v\nENV A=env\nRUN echo "$E$A$B" >> /v\n',
    buildArgs: { B: 'b b' },
  },
  {
    name: 'run-entrypoint-is-ignored',
    dockerfile: 'FROM conf/rich-buildkit\nRUN pwd > /tmp/p; id > /tmp/id; echo "$BASE_TWO" > /tmp/e\n',
  },
  {
    name: 'run-on-rich-classic',
    dockerfile: 'FROM conf/rich-classic\nRUN echo x > /tmp/x\nUSER root\nRUN echo lost > /data/x; echo y > /tmp/y\n',
  },
  {
    name: 'many-layers',
    dockerfile: `FROM conf/base\n${Array.from({ length: 25 }, (_, i) => `RUN echo ${i} > /srv/f${i % 5}`).join('\n')}\n`,
  },
  {
    name: 'run-with-own-network-files',
    dockerfile:
      'FROM conf/base\nCOPY etc /etc\nRUN echo x > /srv/x\nRUN rm -f /etc/motd; echo y >> /etc/added\nRUN cat /etc/hostname > /dev/null\n',
    context: [file('etc/hosts', '127.0.0.1 own\n'), file('etc/resolv.conf', ''), file('etc/hostname', 'own\n')],
  },
  {
    name: 'run-on-mount-points',
    dockerfile:
      'FROM conf/base\nCOPY tree /\nRUN echo x > /dev/shm/x; echo y > /srv/y\nRUN mkdir -p /run/lock && touch /run/lock/l /var/run/pid\n',
    context: [file('tree/dev/made'), file('tree/proc/left'), file('tree/sys/left'), file('tree/run/left')],
  },
  {
    name: 'run-fails-quietly',
    dockerfile: 'FROM conf/base\nRUN exit 0; echo never\nRUN false || true\nRUN echo out; echo err >&2\n',
  },
  {
    name: 'hundred-layers',
    builders: ['buildkit'],
    dockerfile: `FROM conf/base\n${Array.from({ length: 100 }, (_, i) => `COPY f /srv/f${i}`).join('\n')}\nRUN cat /srv/f* | wc -l > /srv/count && rm /srv/f5\n`,
    context: [file('f')],
  },
  {
    name: 'copy-between-runs',
    dockerfile:
      'FROM conf/base\nCOPY d /srv/d\nRUN rm /srv/d/a && chmod 700 /srv/d/b\nCOPY d /srv/d\nRUN mv /srv/d /srv/e\nCOPY d/a /srv/e/\n',
    context: [file('d/a'), file('d/b'), file('d/c/x')],
  },
];
