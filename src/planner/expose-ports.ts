import { isIP } from 'node:net';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { goQuote } from '../formats/go-quote.ts';
import type { BuilderProfile } from '../profiles/builder-profile.ts';

/** All ports of all three protocols are fewer. */
const MAX_PORTS = 200_000;

interface PortRange {
  readonly start: number;
  readonly end: number;
}

function portNumber(text: string, signed: boolean): number | undefined {
  if (!(signed ? /^\+?\d+$/ : /^\d+$/).test(text)) return undefined;
  const port = Number(text);
  return port <= 65535 ? port : undefined;
}

function portRange(text: string, signed: boolean): PortRange | undefined {
  const [first = '', last] = text.includes('-')
    ? [text.slice(0, text.indexOf('-')), text.slice(text.indexOf('-') + 1)]
    : [text];
  const start = portNumber(first, signed);
  const end = last === undefined ? start : portNumber(last, signed);
  if (start === undefined || end === undefined || end < start) return undefined;
  return { start, end };
}

function split(word: string): { ip: string; host: string; container: string } {
  const parts = word.split(':');
  const container = parts.pop() ?? '';
  const host = parts.pop() ?? '';
  return { ip: parts.join(':'), host, container };
}

/**
 * The `port/proto` keys of expanded EXPOSE words, in the order given: ranges spelled out, addresses and host ports only
 * checked (buildkit convert_expose.go; classic: go-connections nat). Throws LL_PARSE in the builder's words, LL_LIMIT
 * for more than 200,000.
 */
export function exposedPorts(words: readonly string[], profile: BuilderProfile): readonly string[] {
  const ports: string[] = [];
  for (const word of words) {
    for (const port of portsOf(word, profile.exposeErrors === 'buildkit')) ports.push(port);
    if (ports.length > MAX_PORTS) {
      throw new LayerlabError('LL_LIMIT', 'EXPOSE names more than 200,000 ports', {
        hint: 'There are 65,535 of each protocol: name each range once.',
      });
    }
  }
  return ports;
}

function portsOf(word: string, buildkit: boolean): readonly string[] {
  const fail = (message: string): LayerlabError =>
    new LayerlabError('LL_PARSE', buildkit ? message : message.charAt(0).toUpperCase() + message.slice(1));
  const { ip, host, container } = split(word);
  const slash = container.indexOf('/');
  const ports = slash < 0 ? container : container.slice(0, slash);
  const proto = (slash < 0 ? '' : container.slice(slash + 1)) || 'tcp';
  const lower = proto.toLowerCase();
  if (ports === '')
    throw fail(buildkit ? `invalid port: ${goQuote(word)}: no port specified` : `no port specified: ${word}<empty>`);
  const known = lower === 'tcp' || lower === 'udp' || lower === 'sctp';
  if (!known && buildkit) throw fail(`invalid port: ${goQuote(word)}: invalid proto: ${proto}`);
  const address = ip.startsWith('[') && ip.endsWith(']') ? ip.slice(1, -1) : ip;
  if (address !== '' && isIP(address) === 0) throw fail(`invalid ${buildkit ? 'IP' : 'ip'} address: ${address}`);
  const range = portRange(ports, buildkit);
  if (range === undefined) throw fail(`invalid containerPort: ${ports}`);
  const hostRange = host === '' ? undefined : portRange(host, buildkit);
  if (host !== '' && hostRange === undefined) throw fail(`invalid hostPort: ${host}`);
  if (
    hostRange !== undefined &&
    range.start !== range.end &&
    range.end - range.start !== hostRange.end - hostRange.start
  ) {
    throw fail(`invalid ranges specified for container and host Ports: ${ports} and ${host}`);
  }
  if (!known) throw fail(`invalid proto: ${proto}`);
  return Array.from({ length: range.end - range.start + 1 }, (_, index) => `${range.start + index}/${lower}`);
}
