import { LayerlabError } from '../../errors/layerlab-error.ts';
import { defineCommand } from '../command.ts';
import { withByteProgress } from '../progress/byte-progress.ts';

/** `layerlab save`: images as an archive that `docker load` reads. */
export const save = defineCommand({
  name: 'save',
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  describe: 'Save one or more images to a tar archive (to stdout by default)',
  arguments: [1, Number.POSITIVE_INFINITY],
  options: {
    output: { type: 'string', alias: 'o', value: 'FILE', describe: 'Write to a file instead of stdout' },
  },
  examples: [['layerlab save app:latest | docker load', 'Hand an image to a running docker']],
  async run(images, options, { engine, dataRoot, stdout, stderr, stdoutStream }) {
    if (!options.output && stdout.isTTY) {
      throw new LayerlabError('LL_USAGE', 'cowardly refusing to save to a terminal', {
        hint: 'Use the -o flag or redirect.',
      });
    }
    await withByteProgress(stderr, 'Saving', (update) =>
      engine.save({
        dataRoot,
        images: [...images],
        output: options.output || stdoutStream(),
        onProgress: update,
      }),
    );
    return 0;
  },
});
