/** A URL as it may be shown: with its user and password crossed out, as BuildKit does it. */
export function redactUrl(url: string): string {
  return url.replace(/^([a-zA-Z0-9+.-]+:\/\/)([^/@#?]*)@/, (_all, scheme: string, user: string) =>
    user.includes(':') ? `${scheme}xxxxx:xxxxx@` : `${scheme}xxxxx@`,
  );
}
