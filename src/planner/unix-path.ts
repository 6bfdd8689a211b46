/** Go's `path.Clean`: no `.`, `..`, doubled or trailing slashes; `.` for an empty text. */
export function cleanPath(path: string): string {
  const rooted = path.startsWith('/');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (!rooted) parts.push('..');
  }
  const joined = parts.join('/');
  if (rooted) return `/${joined}`;
  return joined === '' ? '.' : joined;
}

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
