/**
 * The comma-separated fields of one line of CSV, quotes as in RFC 4180. Undefined for a quote that is not closed; an empty
 * line has no fields.
 */
export function csvFields(text: string): readonly string[] | undefined {
  if (text === '') return [];
  const fields: string[] = [];
  for (let at = 0; at <= text.length; ) {
    const quoted = /^"((?:[^"]|"")*)"(,|$)/.exec(text.slice(at));
    if (quoted === null && text.charAt(at) === '"') return undefined;
    const end = text.indexOf(',', at);
    const plain = text.slice(at, end < 0 ? text.length : end);
    fields.push(quoted === null ? plain : (quoted[1] ?? '').replaceAll('""', '"'));
    at += (quoted === null ? plain.length : quoted[0].length - (quoted[2] ?? '').length) + 1;
  }
  return fields;
}
