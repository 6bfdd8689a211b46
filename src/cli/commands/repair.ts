import type { Mend, RepairResult } from '../../engine/repair.ts';
import { checkProgress } from '../check/check-progress.ts';
import { oneLine } from '../check/draw-check.ts';
import { defineCommand } from '../command.ts';
import { type ListRow, writeList } from '../list-format.ts';
import { choosePaint, type Paint } from '../plan/paint.ts';

const TABLE = 'table {{.Action}}\\t{{.Damage}}\\t{{.Where}}';
const HEADERS = { Action: 'ACTION', Damage: 'DAMAGE', Where: 'WHERE', To: 'TO', Text: 'TEXT' };
const DAMAGED = 4;

const words: Readonly<Record<Mend['action'], string>> = {
  write: 'write',
  link: 'link',
  mkdir: 'make folder',
  chmod: 'set mode',
  remove: 'remove',
  quarantine: 'put away',
};

/** `layerlab repair`: mends what `check` finds, where that is safe. */
export const repair = defineCommand({
  name: 'repair',
  usage: '[OPTIONS]',
  describe: 'Show what would mend a damaged data-root, and do it with --write; exit code 4 if damage remains',
  arguments: [0, 0],
  options: {
    write: { type: 'boolean', describe: 'Do it; no dockerd and no other layerlab may work on the data-root' },
    full: { type: 'boolean', describe: 'Read every byte of every layer too' },
    format: { type: 'string', describe: "'json' for the whole result; 'table', 'table TEMPLATE' or a template a mend" },
  },
  examples: [
    ['layerlab --data-root /var/lib/docker repair', 'What would be done'],
    ['layerlab --data-root /var/lib/docker repair --write', 'Do it; what is taken out goes to layerlab-quarantine/'],
  ],
  async run(_, options, { engine, dataRoot, stdout, stderr, env, now, catchSignals }) {
    const progress = checkProgress(stderr, now);
    const signal = catchSignals();
    let result: RepairResult;
    try {
      result = await engine.repair({
        dataRoot,
        write: options.write,
        full: options.full,
        onProgress: progress.update,
        signal,
      });
    } finally {
      progress.done();
    }
    if (!options.format) stdout.write(draw(result, choosePaint(stdout.isTTY, env)));
    else if (options.format === 'json') stdout.write(`${JSON.stringify(result)}\n`);
    else {
      const format = options.format === 'table' ? TABLE : options.format;
      writeList(result.mends.map(rowOf), { format, headers: HEADERS, typeName: '*repair.mendContext' }, stdout);
    }
    const isDamaged = result.remaining.some(({ severity }) => severity === 'damage');
    return result.written && isDamaged ? DAMAGED : 0;
  },
});

function draw({ mends, remaining, written, quarantine }: RepairResult, paint: Paint): string {
  const lines = mends.map(({ action, damage, where, text }) => {
    const what = text === undefined || text.length > 80 ? '' : paint.faint(`  ${oneLine(JSON.stringify(text))}`);
    return `${words[action].padEnd(12)}${paint.warn(damage.padEnd(24))}${oneLine(where)}${what}`;
  });
  const left = remaining.filter(({ severity }) => severity === 'damage');
  if (mends.length === 0) lines.push('Nothing to mend.');
  else if (!written) lines.push('', `${mends.length} mends. Nothing was done: layerlab repair --write does it.`);
  else {
    lines.push('', `${mends.length} mends done.`);
    if (quarantine !== undefined) {
      lines.push(`What was taken out, and how to put it back: ${oneLine(quarantine)}/manifest.json`);
    }
  }
  if (written && left.length > 0) {
    lines.push('', paint.wrong(`Not mended (${left.length}):`));
    for (const { id, where, mend } of left) lines.push(`    ${id}  ${oneLine(where)}: ${mend}`);
  }
  return `${lines.join('\n')}\n`;
}

function rowOf({ action, damage, where, to, text }: Mend): ListRow {
  return { Action: action, Damage: damage, Where: where, To: to ?? '', Text: text ?? '' };
}
