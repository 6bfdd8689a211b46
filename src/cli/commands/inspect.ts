import { LayerlabError } from '../../errors/layerlab-error.ts';
import { encodeGoJson, type GoValue } from '../../formats/go-json.ts';
import { defineCommand } from '../command.ts';
import { fromGoJson } from '../go-template/value.ts';
import { parseTemplate, type Template } from '../go-template.ts';
import { harmlessText } from '../harmless-text.ts';
import { imageStruct } from '../image-struct.ts';

/** `layerlab inspect`: images as docker's JSON, or what a template makes of each. */
export const inspect = defineCommand({
  name: 'inspect',
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  describe: 'Show everything that is stored of images',
  arguments: [1, Number.POSITIVE_INFINITY],
  options: {
    format: { type: 'string', alias: 'f', describe: "'json' or a Go template, used on each image" },
  },
  examples: [
    ["layerlab inspect -f '{{json .RootFS.Layers}}' app:latest", 'The diff_ids of the layers'],
    ["layerlab inspect -f '{{.GraphDriver.Data.UpperDir}}' app:latest", 'Where the top layer is on disk'],
  ],
  async run(names, options, { engine, dataRoot, stdout }) {
    const template = !options.format || options.format === 'json' ? undefined : parseTemplate(options.format);
    const { found, missing } = await engine.inspect({ dataRoot, names });
    const text =
      template === undefined
        ? `${encodeGoJson(found, options.format === 'json' ? {} : { indent: '    ' })}\n`
        : found.map((image) => `${render(template, image)}\n`).join('');
    stdout.write(stdout.isTTY ? harmlessText(text) : text);
    if (missing.length === 0) return 0;
    throw new LayerlabError('LL_NOT_FOUND', `No such image: ${missing.join(', ')}`);
  },
});

/**
 * docker tries a template on its own type first and, where that fails, on the JSON as it came, whose error is then the
 * one it shows (docker/cli cli/command/inspect/inspector.go).
 */
function render(template: Template, image: GoValue): string {
  try {
    return template.render(imageStruct(image));
  } catch {
    return template.render(fromGoJson(image, 'text'), 'error');
  }
}
