import { LayerlabError } from '../../errors/layerlab-error.ts';
import { defineCommand } from '../command.ts';
import { writeList } from '../list-format.ts';
import { drawExplanation, drawStep } from '../look/draw-explanation.ts';
import { writeJson } from '../look/write-json.ts';
import { choosePaint } from '../plan/paint.ts';

const TABLE = 'table {{.Number}}\\t{{.OK}}\\t{{.Layer}}\\t{{.Name}}\\t{{.Expected}}';

const HEADERS = {
  Number: 'STEP',
  OK: 'HOLDS',
  Layer: 'LAYER',
  Name: 'NAME',
  Formula: 'FORMULA',
  Hashed: 'HASHED',
  Expected: 'EXPECTED',
  Found: 'ON DISK',
  Where: 'WHERE',
  Command: 'COMMAND',
};

/** The exit code of a data-root that is damaged. */
const DAMAGED = 4;

/** `layerlab explain`: how a name leads to folders, step by step, each computed anew. */
export const explain = defineCommand({
  name: 'explain',
  usage: '[OPTIONS] IMAGE|CONTAINER',
  describe:
    'Show how an image or container follows from what is on disk, and check every step; exit code 4 if one is false',
  arguments: [1, 1],
  options: {
    contents: { type: 'boolean', describe: "Also put each layer's tar together again and hash it (reads all files)" },
    format: { type: 'string', describe: "'json', 'table', 'table TEMPLATE' or a Go template, used on each step" },
    step: { type: 'string', value: 'N', describe: 'Show one step, with a shell command that proves it' },
  },
  examples: [
    ['layerlab explain app:latest', 'From the name to the folders that overlayfs mounts'],
    ['layerlab explain --step 4 app:latest', 'One step, and the command that proves it'],
    ["layerlab explain --format '{{if .Hashed}}{{.Command}}{{end}}' app", 'Every chain_id as a shell command'],
  ],
  async run([name = ''], options, { engine, dataRoot, stdout, env }) {
    const explanation = await engine.explain({ dataRoot, name, contents: options.contents });
    const code = explanation.ok ? 0 : DAMAGED;
    const paint = choosePaint(stdout.isTTY, env);
    if (options.step !== undefined) {
      const step = explanation.steps.find(({ number }) => String(number) === options.step);
      if (step === undefined) {
        const last = explanation.steps.length;
        throw new LayerlabError('LL_USAGE', `no step ${JSON.stringify(options.step)}: there are 1 to ${last}`);
      }
      if (options.format === 'json') writeJson(step, stdout);
      else stdout.write(drawStep(explanation, step, paint));
      return step.ok ? 0 : DAMAGED;
    }
    if (options.format === 'json') writeJson(explanation, stdout);
    else if (options.format) {
      const rows = explanation.steps.map((step) => ({
        Number: String(step.number),
        OK: step.ok ? 'yes' : 'no',
        Layer: step.layer === undefined ? '' : String(step.layer),
        Name: step.name,
        Formula: step.formula,
        Hashed: step.hashed ?? '',
        Expected: step.expected,
        Found: step.found ?? '',
        Where: step.where,
        Command: step.command,
      }));
      const format = options.format === 'table' ? TABLE : options.format;
      writeList(rows, { format, headers: HEADERS, typeName: '*explain.stepContext' }, stdout);
    } else stdout.write(drawExplanation(explanation, paint, stdout.size().columns));
    return code;
  },
});
