import { defineCommand } from '../command.ts';
import { harmlessText } from '../harmless-text.ts';
import { printError } from '../print-error.ts';

/** `layerlab rmi`: removes names, and images that have none left. Goes on after a failure, as docker. */
export const rmi = defineCommand({
  name: 'rmi',
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  describe: 'Remove one or more images',
  arguments: [1, Number.POSITIVE_INFINITY],
  writes: true,
  options: {
    force: { type: 'boolean', alias: 'f', describe: 'Remove an image that has several names or a stopped container' },
    'no-prune': { type: 'boolean', describe: 'Keep untagged parents' },
  },
  examples: [['layerlab rmi app:old', 'Remove a name; the image goes with its last name']],
  async run(images, options, { engine, dataRoot, stdout, stderr }) {
    const { records, errors } = await engine.remove({
      dataRoot,
      images: [...images],
      force: options.force,
      noPrune: options['no-prune'],
    });
    for (const record of records) {
      const line = 'untagged' in record ? `Untagged: ${record.untagged}\n` : `Deleted: ${record.deleted}\n`;
      stdout.write(stdout.isTTY ? harmlessText(line) : line);
    }
    const codes = errors.map((error) => printError(error, stderr, { debug: false }));
    return codes[0] ?? 0;
  },
});
