/** What a user wants to look at, and the path in it; `/` where none was given. */
export interface Place {
  readonly subject: string;
  readonly path: string;
}

/** Takes `IMAGE:/path` apart at the first `:/`, which no reference can hold; a path given by itself goes before it. */
export function splitPlace(text: string, path?: string): Place {
  if (path !== undefined) return { subject: text, path };
  const at = text.indexOf(':/');
  return at < 0 ? { subject: text, path: '/' } : { subject: text.slice(0, at), path: text.slice(at + 1) };
}
