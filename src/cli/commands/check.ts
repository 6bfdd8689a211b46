import type { CheckResult } from '../../engine/check.ts';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { checkProgress } from '../check/check-progress.ts';
import { drawCheck } from '../check/draw-check.ts';
import { defineCommand } from '../command.ts';
import { type ListRow, writeList } from '../list-format.ts';
import { choosePaint } from '../plan/paint.ts';

const TABLE = 'table {{.ID}}\\t{{.Severity}}\\t{{.Where}}\\t{{.Detail}}';

const HEADERS = {
  ID: 'DAMAGE',
  Severity: 'SEVERITY',
  Where: 'WHERE',
  Detail: 'DETAIL',
  Means: 'WHAT IT MEANS',
  Mend: 'WHAT MENDS IT',
  Repairable: 'REPAIRABLE',
  Images: 'IMAGES',
  Containers: 'CONTAINERS',
};

const DAMAGED = 4;
const NOT_READABLE = 6;

/** `layerlab check`: what is wrong with a data-root. Nothing is written. */
export const check = defineCommand({
  name: 'check',
  usage: '[OPTIONS]',
  describe: 'Check a data-root for damage; exit code 4 if there is any, 6 if not all of it could be read',
  arguments: [0, 0],
  options: {
    full: { type: 'boolean', describe: 'Read every byte of every layer too' },
    format: {
      type: 'string',
      describe: "'json' for the whole result; 'table', 'table TEMPLATE' or a template a damage",
    },
    jobs: {
      type: 'string',
      alias: 'j',
      value: 'N',
      describe: 'Threads for --full (default: one a processor, up to 8)',
    },
    quiet: { type: 'boolean', alias: 'q', describe: 'Only the exit code' },
  },
  examples: [
    ['layerlab --data-root /var/lib/docker check', 'Look at what a dockerd has on disk, also while it runs'],
    ['layerlab check --full', 'Put every layer together again and compare its digest'],
    ["layerlab check --format '{{.ID}} {{.Where}}'", 'One line a damage'],
  ],
  async run(_, options, context) {
    const { engine, dataRoot, stdout, stderr, env, now, catchSignals } = context;
    const progress = checkProgress(stderr, now);
    const jobs = options.jobs === undefined ? undefined : threads(options.jobs);
    const signal = options.full ? catchSignals() : undefined;
    let result: CheckResult;
    try {
      result = await engine.check({
        dataRoot,
        full: options.full,
        onProgress: progress.update,
        ...(jobs === undefined ? {} : { jobs }),
        ...(signal === undefined ? {} : { signal }),
      });
    } finally {
      progress.done();
    }
    if (options.quiet) return exitCode(result);
    if (!options.format) stdout.write(drawCheck(result, choosePaint(stdout.isTTY, env)));
    else if (options.format === 'json') stdout.write(`${JSON.stringify(result)}\n`);
    else {
      const format = options.format === 'table' ? TABLE : options.format;
      writeList(result.damages.map(rowOf), { format, headers: HEADERS, typeName: '*check.damageContext' }, stdout);
    }
    return exitCode(result);
  },
});

function rowOf(damage: CheckResult['damages'][number]): ListRow {
  return {
    ID: damage.id,
    Severity: damage.severity,
    Where: damage.where,
    Detail: damage.detail,
    Means: damage.means,
    Mend: damage.mend,
    Repairable: String(damage.repairable),
    Images: damage.images.join(','),
    Containers: damage.containers.join(','),
  };
}

function exitCode({ damages, unreadable }: CheckResult): number {
  if (damages.some(({ severity }) => severity === 'damage')) return DAMAGED;
  return unreadable.length > 0 ? NOT_READABLE : 0;
}

function threads(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0 && count <= 256) return count;
  throw new LayerlabError('LL_USAGE', `invalid value ${JSON.stringify(text)} for --jobs: a number from 1 to 256`);
}
