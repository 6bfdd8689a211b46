import type { ExposeInstruction } from '../instruction.ts';
import type { Reporter } from './report.ts';

/** ExposeInvalidFormat and ExposeProtoCasing, for one word of EXPOSE after expansion. */
export function checkExposedPort(port: string, { range }: ExposeInstruction, reporter: Reporter): void {
  const colon = port.lastIndexOf(':');
  const slash = port.indexOf('/', colon + 1);
  const protocol = slash < 0 ? '' : port.slice(slash + 1);
  if (protocol !== protocol.toLowerCase()) {
    const message = `Defined protocol '${port}' in EXPOSE instruction should be lowercase`;
    reporter.report('ExposeProtoCasing', range, message, port);
  }
  // A colon with nothing in front of it names neither an address nor a port.
  if (port.slice(0, Math.max(colon, 0)).replaceAll(':', '') === '') return;
  const message = `EXPOSE instruction should not define an IP address or host-port mapping, found '${port}'`;
  reporter.report('ExposeInvalidFormat', range, message, port);
}
