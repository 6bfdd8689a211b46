import { LayerlabError } from '../../errors/layerlab-error.ts';
import { defineCommand } from '../command.ts';
import { type ListRow, writeList } from '../list-format.ts';
import { shortId } from '../short-id.ts';
import { humanDuration, humanSize, humanSizeWithPrecision } from '../units.ts';

const CREATED = '{{if .CreatedSince }}{{.CreatedSince}}{{else}}N/A{{end}}';
const TABLE = `table {{.Repository}}\\t{{.Tag}}\\t{{.ID}}\\t${CREATED}\\t{{.Size}}`;
const TABLE_WITH_DIGESTS = `table {{.Repository}}\\t{{.Tag}}\\t{{.Digest}}\\t{{.ID}}\\t${CREATED}\\t{{.Size}}`;

const HEADERS = {
  ID: 'IMAGE ID',
  Repository: 'REPOSITORY',
  Tag: 'TAG',
  Digest: 'DIGEST',
  CreatedSince: 'CREATED',
  CreatedAt: 'CREATED AT',
  Size: 'SIZE',
  Containers: 'CONTAINERS',
  VirtualSize: 'SIZE',
  SharedSize: 'SHARED SIZE',
  UniqueSize: 'UNIQUE SIZE',
};

/** `layerlab images`: one row a tag, as docker prints them (docker/cli cli/command/formatter/image.go). */
export const images = defineCommand({
  name: 'images',
  usage: '[OPTIONS] [REPOSITORY[:TAG]]',
  describe: 'List images',
  arguments: [0, 1],
  options: {
    all: { type: 'boolean', alias: 'a', describe: 'Show intermediate images too' },
    digests: { type: 'boolean', describe: 'Show digests' },
    filter: {
      type: 'list',
      alias: 'f',
      describe: 'Only images that fit: dangling=true, label=K[=V], before=, since=, reference=, until=',
    },
    format: { type: 'string', describe: "'table', 'table TEMPLATE', 'json' or a Go template" },
    'no-trunc': { type: 'boolean', describe: 'Show ids whole' },
    quiet: { type: 'boolean', alias: 'q', describe: 'Show ids only' },
  },
  examples: [
    ["layerlab images --format 'table {{.Repository}}:{{.Tag}}\\t{{.Size}}'", 'Names and sizes'],
    ['layerlab images -f dangling=true -q', 'Ids of images without a name'],
  ],
  async run([reference], options, { engine, dataRoot, stdout, now }) {
    const format = chooseFormat(options.format, options.quiet, options.digests);
    const summaries = await engine.images({
      dataRoot,
      all: options.all,
      filters: options.filter.map(checkFilter),
      ...(reference === undefined ? {} : { reference }),
    });
    const showDigest = options.digests || format.includes('{{.Digest}}');
    const rows = summaries.map((image): ListRow => {
      const shared = image.sharedSize < 0;
      return {
        Containers: image.containers < 0 ? 'N/A' : String(image.containers),
        CreatedAt: goTimeText(image.created),
        CreatedSince: `${humanDuration(now() - image.created * 1000)} ago`,
        Digest: showDigest ? image.digest : '<none>',
        ID: options['no-trunc'] ? image.id : shortId(image.id),
        Repository: image.repository,
        SharedSize: shared ? 'N/A' : humanSize(image.sharedSize),
        Size: humanSizeWithPrecision(image.size, 3),
        Tag: image.tag,
        UniqueSize: shared ? 'N/A' : humanSize(image.size - image.sharedSize),
        VirtualSize: humanSize(image.size),
      };
    });
    writeList(rows, { format, headers: HEADERS, typeName: '*formatter.imageContext' }, stdout);
    return 0;
  },
});

function chooseFormat(given: string | undefined, quiet: boolean, digests: boolean): string {
  const format = given || 'table';
  if (format === 'table') return quiet ? '{{.ID}}' : digests ? TABLE_WITH_DIGESTS : TABLE;
  if (format === 'raw') return rawFormat(quiet, digests);
  const lacks = format.startsWith('table') && digests && !format.includes('{{.Digest}}');
  return lacks ? `${format}\\t{{.Digest}}` : format;
}

function rawFormat(quiet: boolean, digests: boolean): string {
  if (quiet) return 'image_id: {{.ID}}';
  const digest = digests ? 'digest: {{.Digest}}\n' : '';
  return `repository: {{ .Repository }}\ntag: {{.Tag}}\n${digest}image_id: {{.ID}}\ncreated_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n`;
}

function checkFilter(filter: string): string {
  const [, name, value] = /^([^=]*)=(.*)$/s.exec(filter) ?? [];
  if (name === undefined || value === undefined) {
    throw new LayerlabError(
      'LL_USAGE',
      `invalid argument ${JSON.stringify(filter)} for "-f, --filter" flag: bad format of filter (expected name=value)`,
    );
  }
  return `${name.trim().toLowerCase()}=${value.trim()}`;
}

// Go's Time.String() in UTC.
function goTimeText(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`;
}
