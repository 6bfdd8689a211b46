import { defineCommand } from '../command.ts';
import { writeList } from '../list-format.ts';
import { shownName } from '../look/shown-name.ts';

const PLAIN = '{{.Kind}} {{.Path}}';

/** `layerlab diff`: what a container changed, as docker diff says it. */
export const diff = defineCommand({
  name: 'diff',
  usage: '[OPTIONS] CONTAINER',
  describe: 'Show what a container added (A), changed (C) and deleted (D) since it was made',
  arguments: [1, 1],
  options: {
    format: { type: 'string', describe: "'table', 'table TEMPLATE', 'json' or a Go template" },
  },
  examples: [['layerlab --data-root /mnt/old/var/lib/docker diff web', 'What a container of a dead host left behind']],
  async run([container = ''], options, { engine, dataRoot, stdout }) {
    const changes = await engine.diff({ dataRoot, container });
    const rows = changes.map(({ kind, path }) => ({ Kind: kind, Path: stdout.isTTY ? shownName(path) : path }));
    const format = options.format === 'table' ? 'table {{.Kind}}\\t{{.Path}}' : options.format || PLAIN;
    writeList(
      rows,
      { format, headers: { Kind: 'CHANGE TYPE', Path: 'PATH' }, typeName: '*formatter.diffContext' },
      stdout,
    );
    return 0;
  },
});
