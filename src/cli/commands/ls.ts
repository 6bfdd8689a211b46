import { defineCommand } from '../command.ts';
import { type ListRow, writeList } from '../list-format.ts';
import { drawFiles, listFiles, listNames } from '../look/draw-files.ts';
import { modeText, sizeText, timeText } from '../look/file-words.ts';
import { choosePaint } from '../plan/paint.ts';

const TABLE = 'table {{.Mode}}\\t{{.UID}}\\t{{.GID}}\\t{{.Size}}\\t{{.Time}}\\t{{.Path}}';

const HEADERS = {
  Type: 'TYPE',
  Mode: 'MODE',
  UID: 'UID',
  GID: 'GID',
  Size: 'SIZE',
  Time: 'TIME',
  MTime: 'MTIME',
  Name: 'NAME',
  Path: 'PATH',
  Target: 'TARGET',
};

/** `layerlab ls`: the files of an image, a container or a layer. */
export const ls = defineCommand({
  name: 'ls',
  usage: '[OPTIONS] IMAGE|CONTAINER|LAYER[:/PATH] [PATH]',
  describe: 'List the files of an image, container or layer (a chain_id, diff_id or cache-id, or the beginning of one)',
  arguments: [1, 2],
  options: {
    format: { type: 'string', describe: "'table', 'table TEMPLATE', 'json' or a Go template" },
    long: { type: 'boolean', alias: 'l', describe: 'With mode, owner, size, time (UTC) and link targets' },
    recursive: { type: 'boolean', alias: 'R', describe: 'Also what is in the folders' },
    tree: { type: 'boolean', describe: 'Draw a tree of all that is below' },
  },
  examples: [
    ['layerlab ls -l app:latest:/etc', 'A folder of an image'],
    ['layerlab ls --tree 228fb92e3189', 'What one layer changes, deletions included'],
  ],
  async run([name = '', path], options, { engine, dataRoot, stdout, env }) {
    const recursive = options.recursive || options.tree;
    const place = { dataRoot, name, recursive, ...(path === undefined ? {} : { path }) };
    if (!options.format && !options.long && !options.tree) {
      stdout.write(listNames(await engine.lsNames(place)));
      return 0;
    }
    const listing = await engine.ls(place);
    if (!options.format) {
      const title = listing.path === '/' ? name : `${name.split(':/')[0]}:${listing.path}`;
      const paint = choosePaint(stdout.isTTY, env);
      stdout.write(options.tree ? drawFiles(listing, title, paint) : listFiles(listing, recursive));
      return 0;
    }
    const rows = listing.entries.map(
      (entry): ListRow => ({
        Type: entry.type,
        Mode: modeText(entry),
        UID: String(entry.uid),
        GID: String(entry.gid),
        Size: sizeText(entry),
        Time: timeText(entry),
        MTime: entry.mtime,
        Name: entry.name,
        Path: entry.path,
        Target: entry.target,
      }),
    );
    const format = options.format === 'table' ? TABLE : options.format;
    writeList(rows, { format, headers: HEADERS, typeName: '*layers.fileContext' }, stdout);
    return 0;
  },
});
