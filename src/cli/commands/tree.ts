import type { TreeNode } from '../../engine/tree.ts';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { defineCommand } from '../command.ts';
import { writeList } from '../list-format.ts';
import { drawTree } from '../look/draw-tree.ts';
import { writeJson } from '../look/write-json.ts';
import { choosePaint } from '../plan/paint.ts';

const TABLE = 'table {{.Type}}\\t{{.Size}}\\t{{.Path}}\\t{{.Note}}';
const HEADERS = { Type: 'TYPE', Size: 'SIZE', Path: 'PATH', Name: 'NAME', Target: 'TARGET', Note: 'NOTE' };

/** `layerlab tree`: the data-root itself, with what everything in it is. */
export const tree = defineCommand({
  name: 'tree',
  usage: '[OPTIONS] [PATH-IN-DATA-ROOT]',
  describe: 'Draw the data-root as tree does, with what each file is and whom it points to',
  arguments: [0, 1],
  options: {
    all: { type: 'boolean', alias: 'a', describe: 'Also what is in large diff folders' },
    depth: {
      type: 'string',
      alias: 'L',
      value: 'N',
      describe: 'How many folders deep (default: 2 for the whole data-root)',
    },
    format: { type: 'string', describe: "'json', 'table', 'table TEMPLATE' or a Go template, used on each file" },
  },
  examples: [
    ['layerlab tree', 'The first two levels'],
    ['layerlab tree image/overlay2/layerdb', 'Every layer record, and whose it is'],
  ],
  async run([path], options, { engine, dataRoot, stdout, env }) {
    const depth = depthOf(options.depth);
    const root = await engine.tree({
      ...{ dataRoot, unfold: options.all },
      ...(path === undefined ? {} : { path }),
      ...(depth === undefined ? {} : { depth }),
    });
    if (options.format === 'json') writeJson(root, stdout);
    else if (options.format) {
      const rows = flat(root).map(({ type, size, path: where, name, target, note }) => {
        return { Type: type, Size: String(size), Path: where, Name: name, Target: target, Note: note };
      });
      const format = options.format === 'table' ? TABLE : options.format;
      writeList(rows, { format, headers: HEADERS, typeName: '*tree.fileContext' }, stdout);
    } else stdout.write(drawTree(root, choosePaint(stdout.isTTY, env), stdout.isTTY ? stdout.size().columns : 160));
    return 0;
  },
});

function depthOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new LayerlabError('LL_USAGE', `invalid depth ${JSON.stringify(text)}: it is a number from 1 on`);
}

function flat(node: TreeNode): TreeNode[] {
  return [node, ...node.children.flatMap(flat)];
}
