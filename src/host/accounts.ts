import { readFileSync } from 'node:fs';
import { type ByteString, toByteString } from '../formats/bytestring.ts';

const MAX_ACCOUNTS = 100_000;

/**
 * The names of this host's users and groups by their numbers, from `/etc/passwd` and `/etc/group`; empty for a number that
 * is nobody's. Each file is read when it is first asked for. Where a file is missing, 0 is root all the same.
 */
export function hostAccounts(
  passwd = '/etc/passwd',
  group = '/etc/group',
): { user(uid: number): ByteString; group(gid: number): ByteString } {
  return { user: lookup(passwd), group: lookup(group) };
}

/** The accounts that every host has: root alone. */
export const ROOT_ACCOUNT = Object.freeze({
  user: (uid: number): ByteString => (uid === 0 ? toByteString('root') : ''),
  group: (gid: number): ByteString => (gid === 0 ? toByteString('root') : ''),
});

function lookup(file: string): (id: number) => ByteString {
  let names: ReadonlyMap<number, ByteString> | undefined;
  return (id) => {
    names ??= readNames(file);
    return names.get(id) ?? '';
  };
}

/** The first row of a number counts, as getpwuid(3) has it. */
function readNames(file: string): ReadonlyMap<number, ByteString> {
  const names = new Map<number, ByteString>();
  for (const row of readRows(file).slice(0, MAX_ACCOUNTS)) {
    const [name = '', , id = ''] = row.split(':');
    if (name !== '' && /^\d{1,10}$/.test(id) && !names.has(Number(id))) names.set(Number(id), name);
  }
  if (names.size === 0) names.set(0, toByteString('root'));
  return names;
}

function readRows(file: string): readonly ByteString[] {
  try {
    return readFileSync(file, 'latin1').split('\n');
  } catch {
    return [];
  }
}
