/** What a downloaded file is called where its URL says nothing. */
export const UNNAMED = '__unnamed__';

/**
 * The name that BuildKit gives to what a URL leads to: the last part of its path, percent signs decoded; never one that
 * means a folder, and none with control characters (buildkit dockerfile2llb/convert.go, source/util/pathutil).
 */
export function buildkitFileName(url: string): string {
  const base = baseName(urlPath(url));
  if (base === '' || base === '.') return UNNAMED;
  const name = base.trim();
  return name === '' || name === '..' || hasControls(name) ? 'download' : name;
}

/**
 * The name that the classic builder gives to it: the last part of the path, else what Content-Disposition says; empty where
 * neither tells (moby builder/dockerfile/copy.go getFilenameForDownload). `.` and `..` are given back as they are.
 */
export function classicFileName(url: string, contentDisposition: string | undefined): string {
  const path = urlPath(url);
  if (path !== '' && !path.endsWith('/')) return baseName(path);
  const named = dispositionFileName(contentDisposition ?? '');
  return named === undefined || named === '' || named.endsWith('/') ? '' : baseName(named);
}

/** The file name of a Content-Disposition header (RFC 6266); undefined where it has none or is malformed. */
export function dispositionFileName(header: string): string | undefined {
  const parameters = /^\s*[\w!#$&^.+-]+\s*((?:;.*)?)$/.exec(header)?.[1];
  if (parameters === undefined) return undefined;
  const found = new Map<string, string>();
  const pattern = /;\s*([\w!#$&^.+*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s";]*))\s*/gy;
  for (let match = pattern.exec(parameters); match !== null; match = pattern.exec(parameters)) {
    const [, key = '', quoted, plain = ''] = match;
    found.set(key.toLowerCase(), quoted === undefined ? plain : quoted.replace(/\\(.)/g, '$1'));
  }
  const extended = /^utf-8'[^']*'(.*)$/i.exec(found.get('filename*') ?? '')?.[1];
  return extended === undefined ? found.get('filename') : decode(extended);
}

/** The path of a URL as Go reads it: nothing is tidied, percent signs are decoded. */
function urlPath(url: string): string {
  const path = /^[^:]+:\/\/[^/?#]*([^?#]*)/.exec(url)?.[1] ?? '';
  return decode(path);
}

/** The last part of a path, slashes at the end left out; `/` gives nothing. */
function baseName(path: string): string {
  const trimmed = path.replace(/\/+$/, '');
  return trimmed.slice(trimmed.lastIndexOf('/') + 1);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function hasControls(text: string): boolean {
  return [...text].some((letter) => letter < ' ' || letter === '\x7f');
}
