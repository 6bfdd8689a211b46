import { defineCommand } from '../command.ts';
import { type ListRow, writeList } from '../list-format.ts';
import { shortId } from '../short-id.ts';
import { humanDuration, humanSizeWithPrecision } from '../units.ts';

const TABLE = 'table {{.ID}}\\t{{.CreatedSince}}\\t{{.CreatedBy}}\\t{{.Size}}\\t{{.Comment}}';
const TABLE_EXACT = 'table {{.ID}}\\t{{.CreatedAt}}\\t{{.CreatedBy}}\\t{{.Size}}\\t{{.Comment}}';
const COMMAND_LENGTH = 45;

const HEADERS = {
  ID: 'IMAGE',
  CreatedSince: 'CREATED',
  CreatedAt: 'CREATED AT',
  CreatedBy: 'CREATED BY',
  Size: 'SIZE',
  Comment: 'COMMENT',
};

/** `layerlab history`: what made each layer, newest first (docker/cli cli/command/image/formatter_history.go). */
export const history = defineCommand({
  name: 'history',
  usage: '[OPTIONS] IMAGE',
  describe: 'Show the history of an image',
  arguments: [1, 1],
  options: {
    format: { type: 'string', describe: "'table', 'table TEMPLATE', 'json' or a Go template" },
    human: { type: 'boolean', alias: 'H', on: true, describe: 'Sizes and dates for people (on by default)' },
    'no-trunc': { type: 'boolean', describe: 'Show ids and commands whole' },
    quiet: { type: 'boolean', alias: 'q', describe: 'Show ids only' },
  },
  examples: [["layerlab history --no-trunc --format '{{.Size}} {{.CreatedBy}}' app:latest", 'Size and whole command']],
  async run([image = ''], options, { engine, dataRoot, stdout, now }) {
    const entries = await engine.history({ dataRoot, image });
    const rows = entries.map((entry): ListRow => {
      const command = entry.createdBy.replace(/\t/g, ' ');
      // docker prints whole seconds here (time.RFC3339).
      const createdAt = entry.createdAt.replace(/\.\d+/, '');
      const known = entry.created !== undefined && entry.created > 0;
      return {
        Comment: entry.comment,
        CreatedAt: createdAt,
        CreatedBy: options['no-trunc'] ? command : ellipsis(command, COMMAND_LENGTH),
        CreatedSince: !options.human
          ? createdAt
          : known
            ? `${humanDuration(now() - (entry.created ?? 0) * 1000)} ago`
            : 'N/A',
        ID: options['no-trunc'] ? entry.id : shortId(entry.id),
        Size: options.human ? humanSizeWithPrecision(entry.size, 3) : String(entry.size),
      };
    });
    const format = options.format || 'table';
    const table = options.quiet ? '{{.ID}}' : options.human ? TABLE : TABLE_EXACT;
    writeList(
      rows,
      { format: format === 'table' ? table : format, headers: HEADERS, typeName: '*image.historyContext' },
      stdout,
    );
    return 0;
  },
});

/** At most `length` characters, the last of them `…` where some are cut off (docker/cli formatter.Ellipsis). */
export function ellipsis(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}
