import type { RandomSource } from './random-source.ts';

const DURATIONS = ['5s', '1m30s', '1h', '500ms', '0s', '1.5s', '1ms', '1000000ns', '+2s', '0', '1h1m1s1ms'];
const ODD_DURATIONS = ['-1s', '1', '5S', '1us', '', '.5ms', 'x', '1d', '$A'];
const COMMANDS = ['CMD true', 'cmd x $A', 'CMD ["a","b"]', 'CMD  two  spaces', 'NONE', 'none', 'CMD ["a" , "$B"]'];
const ODD_COMMANDS = ['NONE x', 'CMD', 'CMD []', 'CMD-SHELL x', '', '[]', "CMD ['a']", 'CMD ["a"] b', 'CMD [""]'];

/** A HEALTHCHECK with any of its flags. */
export function randomHealthcheck(random: RandomSource): string {
  const flags = ['interval', 'timeout', 'start-period', 'start-interval']
    .filter(() => random.percent(25))
    .map((name) => `--${name}=${random.mostly(DURATIONS, ODD_DURATIONS)}`);
  const retries = random.percent(25)
    ? [`--retries=${random.mostly(['0', '1', '3', '+2', '007'], ['-1', '', 'x', '1.5'])}`]
    : [];
  const command = random.mostly(COMMANDS, ODD_COMMANDS);
  return ['HEALTHCHECK', ...flags, ...retries, command].join(random.pick([' ', ' ', '  ', ' \\\n  ']));
}
