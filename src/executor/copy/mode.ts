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
  const operations = clauses.flatMap((clause) => clause ?? []);
  return {
    octal: undefined,
    apply: (mode, isDir) => {
      const executable = isDir || (mode & 0o111) !== 0;
      return operations.reduce((current, operation) => operation(current, executable), mode);
    },
  };
}

/** `executable`: of the file as it was before all operations, or a folder; what `X` asks. */
type Operation = (mode: number, executable: boolean) => number;

const who: Readonly<Record<string, number>> = { u: 0o4700, g: 0o2070, o: 0o0007, a: 0o6777 };
const STICKY = 0o1000;

function parseClause(text: string): readonly Operation[] | undefined {
  const match = /^([ugoa]*)((?:[-+=](?:[ugo]|[rwxXst]*))+)$/.exec(text);
  if (match === null) return undefined;
  const letters = match[1] === '' ? 'a' : (match[1] as string);
  const mask = [...letters].reduce((bits, letter) => bits | (who[letter] as number), 0);
  const parts = (match[2] as string).match(/[-+=](?:[ugo](?![rwxXst])|[rwxXst]*)/g) ?? [];
  return parts.map((part) => operation(mask, part[0] as string, part.slice(1)));
}

/**
 * As BSD's setmode(3), which BuildKit's library is made after: `=` clears the set-id bits too and leaves the sticky bit
 * alone, and "others" have neither of them.
 */
function operation(mask: number, operator: string, permissions: string): Operation {
  const settable = permissions.includes('t') && (mask & 0o770) !== 0 ? mask | STICKY : mask;
  return (mode, executable) => {
    const bits = permissionBits(permissions, mode, executable) & settable;
    if (operator === '+') return mode | bits;
    if (operator === '-') return mode & ~bits;
    return (mode & ~(/^[ugo]$/.test(permissions) ? mask & 0o777 : mask)) | bits;
  };
}

function permissionBits(permissions: string, mode: number, executable: boolean): number {
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
    if (letter === 'X' && executable) bits |= 0o111;
    if (letter === 's') bits |= 0o6000;
    if (letter === 't') bits |= STICKY;
  }
  return bits;
}
