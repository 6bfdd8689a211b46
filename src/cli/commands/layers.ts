import { defineCommand } from '../command.ts';
import { type ListRow, writeList } from '../list-format.ts';
import { drawLayers } from '../look/draw-layers.ts';
import { choosePaint } from '../plan/paint.ts';
import { shortId } from '../short-id.ts';
import { humanSizeWithPrecision } from '../units.ts';

const TABLE =
  'table {{.Index}}\\t{{.Size}}\\t{{.Added}}\\t{{.Changed}}\\t{{.Deleted}}\\t{{.ChainID}}\\t{{.Shared}}\\t{{.Instruction}}';

const HEADERS = {
  Index: 'LAYER',
  Size: 'SIZE',
  Added: 'ADDED',
  Changed: 'CHANGED',
  Deleted: 'DELETED',
  ChainID: 'CHAIN ID',
  DiffID: 'DIFF ID',
  CacheID: 'CACHE ID',
  Shared: 'SHARED',
  SharedWith: 'SHARED WITH',
  Instruction: 'INSTRUCTION',
  CreatedBy: 'CREATED BY',
  Created: 'CREATED',
};

/** `layerlab layers`: what each layer of an image is, changes and costs. */
export const layers = defineCommand({
  name: 'layers',
  usage: '[OPTIONS] IMAGE',
  describe: 'Show the layers of an image: instruction, size, changed files, who shares them',
  arguments: [1, 1],
  options: {
    format: { type: 'string', describe: "'table', 'table TEMPLATE', 'json' or a Go template" },
    'no-trunc': { type: 'boolean', describe: 'Show ids whole' },
  },
  examples: [
    ['layerlab layers app:latest', 'Layer by layer, with bars by size'],
    ["layerlab layers --format '{{.Index}} {{.CacheID}} {{.Instruction}}' --no-trunc app", 'Where each is on disk'],
  ],
  async run([image = ''], options, { engine, dataRoot, stdout, env }) {
    const found = await engine.layers({ dataRoot, image });
    if (!options.format) {
      stdout.write(drawLayers(found, choosePaint(stdout.isTTY, env), stdout.size().columns));
      return 0;
    }
    const whole = options['no-trunc'] || options.format === 'json';
    const rows = found.map((layer): ListRow => {
      const id = (text: string): string => (whole ? text : shortId(text).slice(0, 12));
      return {
        Index: String(layer.index),
        Size: options.format === 'json' ? String(layer.size) : humanSizeWithPrecision(layer.size, 3),
        Added: String(layer.added),
        Changed: String(layer.changed),
        Deleted: String(layer.deleted),
        ChainID: id(layer.chainId),
        DiffID: id(layer.diffId),
        CacheID: id(layer.cacheId),
        Shared: String(layer.sharedWith.length),
        SharedWith: layer.sharedWith.join(', '),
        Instruction: layer.instruction.replaceAll('\t', ' '),
        CreatedBy: layer.createdBy.replaceAll('\t', ' '),
        Created: layer.created,
      };
    });
    const format = options.format === 'table' ? TABLE : options.format;
    writeList(rows, { format, headers: HEADERS, typeName: '*layers.layerContext' }, stdout);
    return 0;
  },
});
