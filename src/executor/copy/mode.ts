import { LayerlabError } from '../../errors/layerlab-error.ts';

import { type CopyFormat, copies28 } from '../../profiles/copy-format.ts';

type ModeFormat = Pick<CopyFormat, 'octalMode' | 'symbolicMode'>;

/** A `--chmod` that was understood: what mode a file gets, from its own. */
export interface ModeChange {
  /** The one mode for all, where the text was octal; created parent folders get it too. */
  readonly octal: number | undefined;
  apply(mode: number, isDir: boolean): number;
}

/**
 * Understands `--chmod`: octal `0`-`07777`, or symbolic as chmod(1) has it (`u=rwX,go=rX`). Docker 20.10 knows octal permissions
 * alone; undefined is what it makes of anything else.
 *
 * @throws LL_PARSE in BuildKit's words
 */
export function parseMode(text: string): ModeChange;
export function parseMode(text: string, format: ModeFormat): ModeChange | undefined;
export function parseMode(text: string, format: ModeFormat = copies28): ModeChange | undefined {
  if (/^[0-7]+$/.test(text)) {
    const octal = Number.parseInt(text, 8);
    if (format.octalMode === 'permissions') {
      return { octal: undefined, apply: (mode) => (mode & ~0o777) | (octal & 0o777) };
    }
    if (octal <= 0o7777) return { octal, apply: () => octal };
  }
  if (!format.symbolicMode) return undefined;
  const clauses = text.split(',').map(parseClause);
  if (clauses.some((clause) => clause === undefined)) {
    throw new LayerlabError(
      'LL_PARSE',
      `invalid chmod parameter: '${text}'. it should be octal string and between 0 and 07777`,
    );
  }
  return {
    octal: undefined,
    apply: (mode, isDir) =>
      clauses.reduce((current, clause) => (clause as Clause).reduce((m, op) => op(m, isDir), current), mode),
  };
}

type Operation = (mode: number, isDir: boolean) => number;
type Clause = readonly Operation[];

const who: Readonly<Record<string, number>> = { u: 0o4700, g: 0o2070, o: 0o1007, a: 0o7777 };

function parseClause(text: string): Clause | undefined {
  const match = /^([ugoa]*)((?:[-+=](?:[ugo]|[rwxXst]*))+)$/.exec(text);
  if (match === null) return undefined;
  const letters = match[1] === '' ? 'a' : (match[1] as string);
  const mask = [...letters].reduce((bits, letter) => bits | (who[letter] as number), 0);
  const parts = (match[2] as string).match(/[-+=](?:[ugo](?![rwxXst])|[rwxXst]*)/g) ?? [];
  return parts.map((part) => operation(mask, part[0] as string, part.slice(1)));
}

function operation(mask: number, operator: string, permissions: string): Operation {
  return (mode, isDir) => {
    const bits = permissionBits(permissions, mode, isDir) & mask;
    if (operator === '+') return mode | bits;
    if (operator === '-') return mode & ~bits;
    return (mode & ~(mask & 0o777)) | bits;
  };
}

function permissionBits(permissions: string, mode: number, isDir: boolean): number {
  if (/^[ugo]$/.test(permissions)) {
    const shift = { u: 6, g: 3, o: 0 }[permissions as 'u' | 'g' | 'o'];
    const bits = (mode >> shift) & 7;
    return (bits << 6) | (bits << 3) | bits;
  }
  let bits = 0;
  for (const letter of permissions) {
    if (letter === 'r') bits |= 0o444;
    if (letter === 'w') bits |= 0o222;
    if (letter === 'x') bits |= 0o111;
    if (letter === 'X' && (isDir || (mode & 0o111) !== 0)) bits |= 0o111;
    if (letter === 's') bits |= 0o6000;
    if (letter === 't') bits |= 0o1000;
  }
  return bits;
}
