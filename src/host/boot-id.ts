import { readFileSync } from 'node:fs';

let id: string | undefined;

/** Names the time since this host was started: another after each start. Empty where the host tells none. */
export function bootId(): string {
  id ??= read();
  return id;
}

function read(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return '';
  }
}
