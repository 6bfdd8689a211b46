import type { DfResult } from '../../engine/df.ts';
import { oneLine } from '../check/draw-check.ts';
import { defineCommand } from '../command.ts';
import { type ListRow, writeList } from '../list-format.ts';
import { choosePaint } from '../plan/paint.ts';
import { shortId } from '../short-id.ts';
import { humanSize } from '../units.ts';

const TABLE = 'table {{.Type}}\\t{{.TotalCount}}\\t{{.Active}}\\t{{.Size}}\\t{{.Reclaimable}}';
const HEADERS = { Type: 'TYPE', TotalCount: 'TOTAL', Active: 'ACTIVE', Size: 'SIZE', Reclaimable: 'RECLAIMABLE' };
const BAR = 30;

/** `layerlab df`: `docker system df`, and where every byte on the disk is. */
export const df = defineCommand({
  name: 'df',
  usage: '[OPTIONS]',
  describe: 'Show what the data-root takes of the disk, and for what',
  arguments: [0, 0],
  options: {
    format: { type: 'string', describe: "'json' for the whole result; 'table', 'table TEMPLATE' or a template a line" },
    verbose: { type: 'boolean', alias: 'v', describe: 'Show every image and container too' },
  },
  examples: [
    ['layerlab df', 'What takes how much'],
    ["layerlab df --format '{{.Type}} {{.Reclaimable}}'", 'What could be had back'],
  ],
  async run(_, options, { engine, dataRoot, stdout, env }) {
    const result = await engine.df({ dataRoot });
    if (options.format === 'json') {
      stdout.write(`${JSON.stringify(result)}\n`);
      return 0;
    }
    const format = options.format && options.format !== 'table' ? options.format : TABLE;
    writeList(result.rows.map(rowOf), { format, headers: HEADERS, typeName: '*formatter.diskUsageContext' }, stdout);
    if (options.format) return 0;
    const paint = choosePaint(stdout.isTTY, env);
    stdout.write(`\nOn the disk: ${humanSize(result.allocated)}\n`);
    for (const { place, bytes } of result.places) {
      const share = result.allocated === 0 ? 0 : bytes / result.allocated;
      const bar = '█'.repeat(Math.round(share * BAR)).padEnd(BAR, '░');
      stdout.write(
        `  ${place.padEnd(20)} ${paint.layer(bar)} ${humanSize(bytes).padStart(9)} ${Math.round(share * 100)}%\n`,
      );
    }
    if (result.unreadable > 0) stdout.write(`${result.unreadable} folders or files cannot be read: not counted\n`);
    if (options.verbose) writeDetails(result, (text) => stdout.write(text));
    return 0;
  },
});

function writeDetails({ images, containers }: DfResult, write: (text: string) => void): void {
  write('\nImages:\n');
  for (const { id, names, size, shared, unique, containers: count } of images) {
    const name = oneLine(names.join(', ') || '<none>').padEnd(30);
    write(
      `  ${shortId(id)}  ${name} ${humanSize(size).padStart(9)}  shared ${humanSize(shared)}, unique ${humanSize(unique)}, containers ${count}\n`,
    );
  }
  write('\nContainers:\n');
  for (const { id, name, image, size } of containers) {
    write(`  ${id.slice(0, 12)}  ${oneLine(name).padEnd(30)} ${humanSize(size).padStart(9)}  of ${shortId(image)}\n`);
  }
}

function rowOf({ type, total, active, size, reclaimable }: DfResult['rows'][number]): ListRow {
  const share = size > 0 && type !== 'Build Cache' ? ` (${Math.trunc((reclaimable * 100) / size)}%)` : '';
  return {
    Type: type,
    TotalCount: String(total),
    Active: String(active),
    Size: humanSize(size),
    Reclaimable: `${humanSize(reclaimable)}${share}`,
  };
}
