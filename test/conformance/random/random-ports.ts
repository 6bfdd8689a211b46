import type { RandomSource } from './random-source.ts';

const PORTS = ['80', '81', '8000-8003', '080', '1', '65535', '$' + '{P:-82}', '443'];
const ODD_PORTS = [
  '65536',
  '0',
  '-1',
  '8003-8000',
  '1-',
  '',
  'http',
  '+5',
  '127.0.0.1:80:80',
  '[::1]:80:80',
  '80:81',
  ':80',
  '1-2:3-4',
  '1-2:3-5',
  '$A',
];
const PROTOCOLS = ['', '', '/tcp', '/udp', '/UDP', '/sctp'];
const ODD_PROTOCOLS = ['/', '/x', '/tcp/udp', '/"tcp"', '/ tcp'];

/** The words of an EXPOSE. */
export function randomPorts(random: RandomSource): string {
  const one = (): string => random.mostly(PORTS, ODD_PORTS) + random.mostly(PROTOCOLS, ODD_PROTOCOLS);
  return random.several(1, 2, one).join(random.pick([' ', ' ', '\t', ' \\\n']));
}
