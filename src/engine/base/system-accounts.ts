import { readFileSync } from 'node:fs';

const FIRST_PERSON = 1000;
const NOBODY = 65534;

/**
 * The system's own rows of a host's passwd or group file: those of people stay on the host. At least root is there.
 *
 * @param file the file on the host
 */
export function systemAccounts(file: string): string {
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    // A host without the file still gets an image with root in it.
  }
  const rows = text.split('\n').filter((row) => {
    const [name, , id] = row.split(':');
    return name !== '' && id !== undefined && /^\d+$/.test(id) && (Number(id) < FIRST_PERSON || Number(id) === NOBODY);
  });
  if (!rows.some((row) => row.startsWith('root:'))) {
    rows.unshift(file.endsWith('group') ? 'root:x:0:' : 'root:x:0:0:root:/root:/bin/sh');
  }
  return `${rows.join('\n')}\n`;
}
