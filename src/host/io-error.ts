import type { ErrorCode } from '../errors/catalogue.ts';
import { LayerlabError } from '../errors/layerlab-error.ts';

const CODES: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'LL_NO_SPACE',
  EDQUOT: 'LL_NO_SPACE',
  EACCES: 'LL_NO_RIGHT',
  EPERM: 'LL_NO_RIGHT',
};

/** The parts of an error that matter here; by shape, because an error of another realm is no `instanceof Error`. */
interface ErrorShape {
  readonly code?: unknown;
  readonly cause?: unknown;
  readonly message?: unknown;
}

function shapeOf(error: unknown): ErrorShape | undefined {
  return typeof error === 'object' && error !== null ? error : undefined;
}

/**
 * The symbolic errno of a failure, e.g. `ENOENT`: of a Node file system error, or of the one that a LayerlabError
 * stands for. Undefined where the operating system had no part in it.
 */
export function errnoOf(error: unknown): string | undefined {
  let seen = shapeOf(error);
  for (let depth = 0; seen !== undefined && depth < 8; seen = shapeOf(seen.cause), depth++) {
    if (!(seen instanceof LayerlabError) && typeof seen.code === 'string') return seen.code;
  }
  return undefined;
}

/**
 * The catalogue error for a failed file operation, of Node or of a system call: a full disk is LL_NO_SPACE, a missing
 * right LL_NO_RIGHT, anything else LL_IO. `what` says what was being done, e.g. `writing layer data`. A LayerlabError is
 * handed back as it is.
 */
export function ioError(cause: unknown, what: string): LayerlabError {
  if (cause instanceof LayerlabError) return cause;
  const errno = errnoOf(cause);
  const code = (errno === undefined ? undefined : CODES[errno]) ?? 'LL_IO';
  const detail = shapeOf(cause)?.message ?? cause;
  return new LayerlabError(code, `${what}: ${detail}`, { cause });
}
