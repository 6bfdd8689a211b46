import { cleanPath } from '../parser/clean-path.ts';

/** Go's `path.Join`. */
export function joinPath(...parts: readonly string[]): string {
  const joined = parts.filter((part) => part !== '').join('/');
  return joined === '' ? '' : cleanPath(joined);
}

/** Joins a COPY or ADD destination to the working folder: absolute and clean, with a `/` behind a folder as written. */
export function resolveDestination(workingDir: string, destination: string, dotIsFolder: boolean): string {
  const path = joinPath('/', destination.startsWith('/') ? '' : workingDir, destination);
  const folder = /(^|\/)\.?$/.test(destination) && (dotIsFolder || destination.includes('/'));
  return folder && path !== '/' ? `${path}/` : path;
}
