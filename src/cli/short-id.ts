/** The first twelve digits of an id without its algorithm, as docker's listings show it; other texts stay whole. */
export function shortId(id: string): string {
  return id.startsWith('sha256:') ? id.slice(7, 19) : id;
}
