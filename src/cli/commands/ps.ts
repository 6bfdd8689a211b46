import type { ContainerSummary } from '../../engine/ps.ts';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { goQuote } from '../../formats/go-quote.ts';
import { nanosOf, parseGoTime } from '../../formats/go-time.ts';
import { defineCommand } from '../command.ts';
import { type ListRow, writeList } from '../list-format.ts';
import { shortId } from '../short-id.ts';
import { humanDuration, humanSizeWithPrecision } from '../units.ts';
import { ellipsis } from './history.ts';

const TABLE = 'table {{.ID}}\\t{{.Image}}\\t{{.Command}}\\t{{.RunningFor}}\\t{{.Status}}\\t{{.Ports}}\\t{{.Names}}';

const HEADERS = {
  ID: 'CONTAINER ID',
  Names: 'NAMES',
  Image: 'IMAGE',
  Command: 'COMMAND',
  CreatedAt: 'CREATED AT',
  RunningFor: 'CREATED',
  Ports: 'PORTS',
  State: 'STATE',
  Status: 'STATUS',
  Size: 'SIZE',
  Labels: 'LABELS',
  Mounts: 'MOUNTS',
  LocalVolumes: 'LOCAL VOLUMES',
  Networks: 'NETWORKS',
};

const COMMAND_LENGTH = 20;
const MOUNT_LENGTH = 15;

/** `layerlab ps`: the containers that a dockerd left (docker/cli cli/command/formatter/container.go). */
export const ps = defineCommand({
  name: 'ps',
  usage: '[OPTIONS]',
  describe: "List the containers of a dockerd's data-root, as their files tell; no daemon is asked",
  arguments: [0, 0],
  options: {
    all: { type: 'boolean', alias: 'a', describe: 'Also those that do not run' },
    filter: {
      type: 'list',
      alias: 'f',
      describe:
        'Only those that fit: id=, name=, label=, status=, ancestor=, exited=, before=, since=, network=, volume=',
    },
    format: { type: 'string', describe: "'table', 'table TEMPLATE', 'json' or a Go template" },
    last: { type: 'string', alias: 'n', value: 'N', describe: 'Only the N newest, running or not' },
    latest: { type: 'boolean', alias: 'l', describe: 'Only the newest, running or not' },
    'no-trunc': { type: 'boolean', describe: 'Show ids and commands whole' },
    quiet: { type: 'boolean', alias: 'q', describe: 'Show ids only' },
    size: { type: 'boolean', alias: 's', describe: 'Show what each has written' },
  },
  examples: [['layerlab --data-root /mnt/old/var/lib/docker ps -a', 'The containers of a dead host']],
  async run(_args, options, { engine, dataRoot, stdout, now }) {
    const format = chooseFormat(options.format, options.quiet, options.size);
    const sizes = options.size || format.includes('.Size') || format === 'json';
    const last = options.latest ? 1 : countOf(options.last);
    const containers = await engine.ps({
      ...{ dataRoot, all: options.all, sizes, filters: options.filter },
      ...(last === undefined ? {} : { last }),
    });
    const rows = containers.map((container) => rowOf(container, options['no-trunc'], now()));
    writeList(rows, { format, headers: HEADERS, typeName: '*formatter.ContainerContext' }, stdout);
    return 0;
  },
});

function chooseFormat(given: string | undefined, quiet: boolean, size: boolean): string {
  if (quiet) return '{{.ID}}';
  const format = given || 'table';
  return format === 'table' ? (size ? `${TABLE}\\t{{.Size}}` : TABLE) : format;
}

function countOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^-?\d{1,9}$/.test(text))
    throw new LayerlabError('LL_USAGE', `invalid argument ${JSON.stringify(text)} for "-n, --last" flag`);
  return Number(text) < 0 ? undefined : Number(text);
}

function rowOf(container: ContainerSummary, whole: boolean, now: number): ListRow {
  const { created, labels, mounts } = container;
  const madeAt = milliseconds(created);
  const mountNames = mounts.map(({ name, source }) => name || source);
  const { sizeRw, sizeRootFs } = container;
  const virtual = sizeRootFs > 0 ? ` (virtual ${humanSizeWithPrecision(sizeRootFs, 3)})` : '';
  return {
    Command: goQuote(whole ? container.command : ellipsis(container.command, COMMAND_LENGTH)),
    CreatedAt: `${new Date(madeAt).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`,
    ID: whole ? container.id : container.id.slice(0, 12),
    Image: imageText(container, whole),
    Labels: Object.entries(labels)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    LocalVolumes: String(mounts.filter(({ driver }) => driver === 'local').length),
    Mounts: mountNames.map((name) => (whole ? name : ellipsis(name, MOUNT_LENGTH))).join(','),
    Names: container.name,
    Networks: container.networks.join(','),
    Ports: container.ports.join(', '),
    RunningFor: `${humanDuration(now - Math.floor(madeAt / 1000) * 1000)} ago`,
    Size: sizeRw < 0 ? 'N/A' : `${humanSizeWithPrecision(sizeRw, 3)}${virtual}`,
    State: container.state.status,
    Status: statusText(container, now),
  };
}

function imageText({ image }: ContainerSummary, whole: boolean): string {
  if (image === '') return '<no image>';
  return whole ? image : shortId(image).replace(/@sha256:[0-9a-f]+$/, '');
}

/** moby daemon/container/state.go String. */
function statusText({ state }: ContainerSummary, now: number): string {
  const since = (time: string): string => humanDuration(Math.max(0, now - milliseconds(time)));
  switch (state.status) {
    case 'running': {
      const health = state.health === 'starting' ? 'health: starting' : state.health;
      return `Up ${since(state.startedAt)}${health === '' ? '' : ` (${health})`}`;
    }
    case 'paused':
      return `Up ${since(state.startedAt)} (Paused)`;
    case 'restarting':
      return `Restarting (${state.exitCode}) ${since(state.finishedAt)} ago`;
    case 'exited':
      return milliseconds(state.finishedAt) < 0 ? '' : `Exited (${state.exitCode}) ${since(state.finishedAt)} ago`;
    case 'removing':
      return 'Removal In Progress';
    default:
      return state.status === 'dead' ? 'Dead' : 'Created';
  }
}

function milliseconds(time: string): number {
  try {
    return Number(nanosOf(parseGoTime(time)) / 1_000_000n);
  } catch {
    return 0;
  }
}
