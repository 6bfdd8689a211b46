import { encodeGoJson } from '../formats/go-json.ts';
import { TemplateStruct } from './go-template/value.ts';
import { parseTemplate } from './go-template.ts';
import { harmlessText } from './harmless-text.ts';
import type { Output } from './output.ts';
import { alignTable } from './table.ts';

/** A row of a listing: the fields that a template can name, all texts. */
export type ListRow = Readonly<Record<string, string>>;

export interface ListFormat {
  /** What the user asked for, or a default of the command: `table ...`, `json`, or a template. */
  readonly format: string;
  /** The head of each field's column. */
  readonly headers: Readonly<Record<string, string>>;
  /** Go's name of the type that docker lists, for its error messages. */
  readonly typeName: string;
}

/**
 * Prints rows as docker's listings are printed (docker/cli cli/command/formatter/formatter.go): `table TEMPLATE` with a
 * head and aligned columns, `json` one object a row, else the template once a row. Throws LL_FORMAT, then with nothing
 * printed.
 */
export function writeList(rows: readonly ListRow[], list: ListFormat, output: Output): void {
  const isTable = list.format.startsWith('table');
  const body = isTable ? list.format.slice('table'.length) : list.format === 'json' ? '{{json .}}' : list.format;
  const template = parseTemplate(
    body
      .replace(/^ +| +$/g, '')
      .replaceAll('\\t', '\t')
      .replaceAll('\\n', '\n'),
  );
  const lines = rows.map((row) => `${template.render(rowValue(row, list.typeName))}\n`).join('');
  const text = isTable
    ? alignTable(`${template.renderHeader(new Map(Object.entries(list.headers)))}\n${lines}`)
    : lines;
  output.write(output.isTTY ? harmlessText(text) : text);
}

// docker's rows write themselves as a map, keys sorted and HTML escaped.
function rowValue(row: ListRow, typeName: string): TemplateStruct {
  const fields = Object.entries(row).map(([name, value]) => ({ name, value }));
  return new TemplateStruct(typeName, fields, () => encodeGoJson(new Map(Object.entries(row))));
}
