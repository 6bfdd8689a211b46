import { randomChanges } from './random-changes.ts';
import type { RandomSource } from './random-source.ts';
import { randomGap } from './random-words.ts';

const COMMANDS = [
  ...['touch /f', 'mkdir -p /m/n && touch /m/n/o', 'rm -rf /w', 'rm -f /f', 'mkdir -p /q && ln -s /nowhere /q/l'],
  ...['echo "$A|$B|$C|$DIR" > /v', 'mkdir -p /o && echo x > /o/x && chown -R 5:6 /o', 'touch /t && chmod 4755 /t'],
  ...[
    'mkdir -p /h && echo 1 > /h/1 && ln /h/1 /h/2',
    'pwd > /pwd',
    'id > /id',
    'mv /f /g || true',
    'mkfifo /p',
    'true',
  ],
  ...['mkdir -p /m && rm -rf /m && mkdir /m', 'mkdir -p /w && chmod 1777 /w', 'umask > /um', 'echo $0 $# > /args'],
  ...['rm -rf /m/n; mkdir -p /m/n; touch /m/n/z', 'echo \'a  b\' \\\n  "c" > /e', 'rm -rf /etc && mkdir /etc'],
];

/** A RUN in either form, without mounts. */
export function randomRun(random: RandomSource): string {
  const plain = random.pick(COMMANDS);
  const command = random.percent(50) ? randomChanges(random) : random.pick([plain, `${plain} || true`]);
  if (random.percent(70)) return `RUN${randomGap(random)}${command}`;
  return `RUN ${JSON.stringify(['/bin/sh', '-c', command.replaceAll('\\\n', ' ')])}`;
}
