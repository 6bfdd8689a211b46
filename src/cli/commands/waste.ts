import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { RuleSource } from '../../engine/waste/dive-rules.ts';
import type { WasteRequest, WasteResult } from '../../engine/waste-result.ts';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { fromByteString } from '../../formats/bytestring.ts';
import { errnoOf, ioError } from '../../host/io-error.ts';
import { buildFlags, readBuildArgs } from '../build-flags.ts';
import { type CommandContext, defineCommand, type OptionTable, type OptionValues } from '../command.ts';
import { type ListRow, writeList } from '../list-format.ts';
import { shownName } from '../look/shown-name.ts';
import { writeJson } from '../look/write-json.ts';
import { choosePaint } from '../plan/paint.ts';
import { humanSizeWithPrecision } from '../units.ts';
import { drawWaste } from '../waste/draw-waste.ts';
import { printDiveRules } from '../waste/print-dive-rules.ts';

const TABLE = 'table {{.Wasted}}\\t{{.Copies}}\\t{{.Cause}}\\t{{.Path}}';
const HEADERS = {
  Bytes: 'BYTES',
  Cause: 'CAUSE',
  Copies: 'COPIES',
  Path: 'PATH',
  Wasted: 'WASTED',
};
const TOP = 10;
const DIVE_FILE = '.dive-ci';

const flags = {
  base: { type: 'string', value: 'IMAGE', describe: 'The image it stands on (default: looked for in the data-root)' },
  'build-arg': buildFlags['build-arg'],
  ci: { type: 'boolean', describe: 'Check the rules of .dive-ci and exit with 1 where one fails (on with CI=true)' },
  'ci-config': { type: 'string', value: 'FILE', describe: `Rules to check with --ci (default: ${DIVE_FILE})` },
  file: { type: 'string', alias: 'f', describe: 'The Dockerfile that it was built from, to name its lines' },
  format: {
    type: 'string',
    describe: "'table', 'table TEMPLATE', a Go template once a file, or 'json' for everything",
  },
  highestUserWastedPercent: { type: 'string', value: 'RATIO', describe: 'Rule: at most this part of what was added' },
  highestWastedBytes: { type: 'string', value: 'SIZE', describe: 'Rule: at most so many bytes' },
  json: { type: 'string', alias: 'j', value: 'FILE', describe: "Write the findings in dive's JSON (- is stdout)" },
  lowestEfficiency: { type: 'string', value: 'RATIO', describe: 'Rule: at least this efficiency' },
  target: buildFlags.target,
  top: { type: 'string', value: 'N', describe: `How many files to draw (${TOP}; 0: all)` },
} as const satisfies OptionTable;

type Flags = OptionValues<typeof flags>;

/** `layerlab waste`: the bytes that later layers hide, and which lines to change. */
export const waste = defineCommand({
  name: 'waste',
  usage: '[OPTIONS] IMAGE',
  describe: 'Show the bytes of an image that its later layers hide',
  arguments: [1, 1],
  options: flags,
  examples: [
    ['layerlab waste -f Dockerfile app', 'With the lines of the Dockerfile to change'],
    ['CI=true layerlab waste app', 'Fail where a rule of .dive-ci does'],
  ],
  async run([image = ''], options, context) {
    const { engine, stdout, env, dataRoot } = context;
    const top = readTop(options.top);
    // CI services set CI for whatever runs in them: who asks for a format there wants that.
    const isCi = options.ci || (options.format === undefined && /^(?:true|1|yes)$/.test(env.CI ?? ''));
    const rules = isCi ? readRules(options) : undefined;
    const result = await engine.waste(readRequest(image, options, context));
    if (options.json) {
      writeText(options.json, `${JSON.stringify(await engine.diveReport(dataRoot, result), undefined, 2)}\n`, context);
      if (!isCi) return 0;
    }
    const paint = choosePaint(stdout.isTTY, env);
    if (rules !== undefined) {
      const outcomes = await engine.tryDiveRules(rules, result);
      if (options.json !== '-') stdout.write(printDiveRules(result, outcomes, paint));
      return outcomes.some(({ status }) => status === 'fail') ? 1 : 0;
    }
    if (options.format === 'json') {
      writeJson(readable(result), stdout);
    } else if (options.format) {
      const format = options.format === 'table' ? TABLE : options.format;
      const shown = stdout.isTTY || format.startsWith('table') ? shownName : (name: string) => name;
      const rows = result.paths.map((path) => rowOf(path, shown(fromByteString(path.path))));
      writeList(rows, { format, headers: HEADERS, typeName: '*waste.pathContext' }, stdout);
    } else stdout.write(drawWaste(result, top, paint, stdout.size().columns));
    return 0;
  },
});

function readRequest(image: string, options: Flags, { dataRoot, env }: CommandContext): WasteRequest {
  const { file, target, base } = options;
  return {
    dataRoot,
    image,
    ...(base ? { base } : {}),
    ...(file
      ? {
          dockerfile: {
            context: dirname(resolve(file)),
            file: resolve(file),
            buildArgs: readBuildArgs(options['build-arg'], env),
            ...(target ? { target } : {}),
          },
        }
      : {}),
  };
}

function readTop(text: string | undefined): number {
  if (text === undefined) return TOP;
  if (/^\d{1,9}$/.test(text)) return Number(text) === 0 ? Number.POSITIVE_INFINITY : Number(text);
  throw new LayerlabError('LL_USAGE', `--top is ${JSON.stringify(text)}, not a number`);
}

/** What the command line and the rule file say; a file that nobody named need not be there. */
function readRules(options: Flags): RuleSource {
  const { highestUserWastedPercent, highestWastedBytes, lowestEfficiency } = options;
  const given = {
    ...(highestUserWastedPercent === undefined ? {} : { highestUserWastedPercent }),
    ...(highestWastedBytes === undefined ? {} : { highestWastedBytes }),
    ...(lowestEfficiency === undefined ? {} : { lowestEfficiency }),
  };
  const named = options['ci-config'];
  try {
    return { file: named ?? DIVE_FILE, text: readFileSync(named ?? DIVE_FILE, 'utf8'), flags: given };
  } catch (error) {
    if (named === undefined && errnoOf(error) === 'ENOENT') return { file: undefined, text: '', flags: given };
    throw ioError(error, `reading ${named ?? DIVE_FILE}`);
  }
}

function writeText(file: string, text: string, { stdout }: CommandContext): void {
  if (file === '-') {
    stdout.write(text);
    return;
  }
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw ioError(error, `writing ${file}`);
  }
}

/** The result with its paths as text. */
function readable(result: WasteResult): unknown {
  return {
    ...result,
    paths: result.paths.map((path) => ({
      ...path,
      path: `/${fromByteString(path.path)}`,
      copies: path.copies.map(({ path: name, movedTo, ...copy }) => ({
        path: `/${fromByteString(name)}`,
        ...copy,
        ...(movedTo === undefined ? {} : { movedTo: `/${fromByteString(movedTo)}` }),
      })),
    })),
  };
}

function rowOf({ bytes, stored, copies }: WasteResult['paths'][number], path: string): ListRow {
  return {
    Bytes: String(bytes),
    Cause: [...new Set(copies.map(({ cause }) => cause))].join(','),
    Copies: String(stored),
    Path: `/${path}`,
    Wasted: humanSizeWithPrecision(bytes, 3),
  };
}
