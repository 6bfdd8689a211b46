/** The beginning of an id, as docker's listings show it. */
export function shortHex(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}
