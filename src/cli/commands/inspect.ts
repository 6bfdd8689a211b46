import { LayerlabError } from '../../errors/layerlab-error.ts';
import { encodeGoJson, type GoValue } from '../../formats/go-json.ts';
import { type CommandContext, defineCommand, type OptionTable } from '../command.ts';
import { fromGoJson } from '../go-template/value.ts';
import { parseTemplate, type Template } from '../go-template.ts';
import { harmlessText } from '../harmless-text.ts';
import { imageStruct } from '../image-struct.ts';

const options = {
  format: { type: 'string', alias: 'f', describe: "'json' or a Go template, used on each object" },
} as const satisfies OptionTable;

/** `layerlab inspect`: images and containers as docker's JSON, or what a template makes of each. */
export const inspect = defineCommand({
  name: 'inspect',
  usage: '[OPTIONS] IMAGE|CONTAINER [IMAGE|CONTAINER...]',
  describe: 'Show everything that is stored of images and containers',
  arguments: [1, Number.POSITIVE_INFINITY],
  options: {
    ...options,
    type: { type: 'string', choices: ['image', 'container'], describe: 'Only images, or only containers' },
  },
  examples: [
    ["layerlab inspect -f '{{json .RootFS.Layers}}' app:latest", 'The diff_ids of the layers'],
    ["layerlab inspect -f '{{.GraphDriver.Data.UpperDir}}' app:latest", 'Where the top layer is on disk'],
  ],
  run: (names, { format, type }, context) =>
    show(names, format, type === 'image' || type === 'container' ? type : undefined, context),
});

/** `layerlab image inspect`: images alone. */
export const imageInspect = defineCommand({
  name: 'inspect',
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  describe: 'Show everything that is stored of images',
  arguments: [1, Number.POSITIVE_INFINITY],
  options,
  examples: [["layerlab image inspect -f '{{.Id}}' app:latest", 'The whole id']],
  run: (names, { format }, context) => show(names, format, 'image', context),
});

async function show(
  names: readonly string[],
  format: string | undefined,
  type: 'image' | 'container' | undefined,
  { engine, dataRoot, stdout }: CommandContext,
): Promise<number> {
  const template = !format || format === 'json' ? undefined : parseTemplate(format);
  const { found, kinds, missing } = await engine.inspect({ dataRoot, names, ...(type === undefined ? {} : { type }) });
  const text =
    template === undefined
      ? `${documents(found, kinds, format === 'json')}\n`
      : found.map((value, at) => `${render(template, value, kinds[at] === 'container')}\n`).join('');
  stdout.write(stdout.isTTY ? harmlessText(text) : text);
  if (missing.length === 0) return 0;
  throw new LayerlabError('LL_NOT_FOUND', `No such ${type ?? 'object'}: ${missing.join(', ')}`);
}

/** One list. What the API says of containers, docker prints as it comes: `<`, `>` and `&` are not escaped there. */
function documents(found: readonly GoValue[], kinds: readonly string[], compact: boolean): string {
  const texts = found.map((value, at) => {
    const escapeHtml = kinds[at] !== 'container';
    // As the only one of a list: so it is indented as it will stand.
    const list = encodeGoJson([value], compact ? { escapeHtml } : { escapeHtml, indent: '    ' });
    return compact ? list.slice(1, -1) : list.slice(1, -2);
  });
  return compact || texts.length === 0 ? `[${texts.join(',')}]` : `[${texts.join(',')}\n]`;
}

/**
 * docker tries a template on its own type first and, where that fails, on the JSON as it came, whose error is then the
 * one it shows (docker/cli cli/command/inspect/inspector.go).
 */
function render(template: Template, image: GoValue, container: boolean): string {
  if (container) return template.render(fromGoJson(image, 'number'), 'error');
  try {
    return template.render(imageStruct(image));
  } catch {
    return template.render(fromGoJson(image, 'text'), 'error');
  }
}
