const UNITS = 'kmgtp';

/**
 * A number of bytes as docker takes it (docker/go-units RAMInBytes): `5`, `64m`, `1.5GB`, `2 KiB`, always powers of 1024.
 * Undefined for anything else.
 */
export function parseByteSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d*)?|\.\d+) ?(?:([kmgtp])(?:i?b)?|b)?$/i.exec(text);
  if (match === null) return undefined;
  const unit = match[2]?.toLowerCase();
  const bytes = Math.trunc(Number(match[1]) * 1024 ** (unit === undefined ? 0 : UNITS.indexOf(unit) + 1));
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
