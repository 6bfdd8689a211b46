import { LayerlabError } from '../../errors/layerlab-error.ts';
import { defineCommand } from '../command.ts';
import { type ListRow, writeList } from '../list-format.ts';
import { shownName } from '../look/shown-name.ts';
import { cut } from '../plan/cut.ts';
import { shortId } from '../short-id.ts';
import { humanSizeWithPrecision } from '../units.ts';

const TABLE = 'table {{.Layer}}\\t{{.Action}}\\t{{.Shows}}\\t{{.Size}}\\t{{.ChainID}}\\t{{.Instruction}}';

const HEADERS = {
  Layer: 'LAYER',
  Action: 'ACTION',
  Shows: 'SHOWS',
  Type: 'TYPE',
  Mode: 'MODE',
  Size: 'SIZE',
  ChainID: 'CHAIN ID',
  CacheID: 'CACHE ID',
  Instruction: 'INSTRUCTION',
};

/** `layerlab which-layer`: where a file comes from. */
export const whichLayer = defineCommand({
  name: 'which-layer',
  usage: '[OPTIONS] IMAGE|CONTAINER PATH',
  describe: 'Show which layers bring, change or delete a path, and which instruction did it',
  arguments: [2, 2],
  options: {
    format: { type: 'string', describe: "'table', 'table TEMPLATE', 'json' or a Go template" },
    'no-trunc': { type: 'boolean', describe: 'Show ids and instructions whole' },
  },
  examples: [['layerlab which-layer app:latest /etc/passwd', 'Who wrote this file']],
  async run([name = '', path = ''], options, { engine, dataRoot, stdout }) {
    const found = await engine.whichLayer({ dataRoot, name, path });
    if (found.layers.length === 0)
      throw new LayerlabError('LL_NOT_FOUND', `No such file in any layer of ${name}: ${path}`);
    const format = options.format || 'table';
    const whole = options['no-trunc'] || format === 'json';
    const rows = found.layers.map((layer): ListRow => {
      const instruction = shownName(layer.instruction);
      return {
        Layer: String(layer.index),
        Action: layer.action,
        Shows: layer.shows ? 'yes' : 'no',
        Type: layer.type,
        Mode: layer.mode.toString(8).padStart(4, '0'),
        Size: format === 'json' ? String(layer.size) : humanSizeWithPrecision(layer.size, 3),
        ChainID: whole ? layer.chainId : shortId(layer.chainId),
        CacheID: whole ? layer.cacheId : layer.cacheId.slice(0, 12),
        Instruction: whole ? instruction : cut(instruction, 60),
      };
    });
    const list = { format: format === 'table' ? TABLE : format, headers: HEADERS, typeName: '*layers.pathContext' };
    writeList(rows, list, stdout);
    return 0;
  },
});
