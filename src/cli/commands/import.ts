import { defineCommand } from '../command.ts';
import { withByteProgress } from '../progress/byte-progress.ts';

/** `layerlab import`: an image of one layer from a tar archive or a folder. Prints the image's id. */
export const importCommand = defineCommand({
  name: 'import',
  usage: '[OPTIONS] FILE|FOLDER|URL|- [REPOSITORY[:TAG]]',
  describe: 'Make an image of one layer from a tar archive or a folder',
  arguments: [1, 2],
  writes: true,
  options: {
    change: { type: 'list', alias: 'c', describe: 'Apply a Dockerfile instruction to the image, e.g. CMD ["sh"]' },
    message: { type: 'string', alias: 'm', describe: 'Comment of the image (default: Imported from ...)' },
    platform: { type: 'string', describe: 'Platform of the image, e.g. linux/arm64' },
  },
  examples: [
    ['layerlab import -c \'CMD ["sh"]\' rootfs.tar base:latest', 'A base image from a root filesystem'],
    ['layerlab import https://example.org/rootfs.tar.gz base', 'The same, from a web server'],
  ],
  async run([source = '', reference], options, { engine, dataRoot, stdout, stderr }) {
    const { id } = await withByteProgress(stderr, 'Importing', (update) =>
      engine.importImage({
        dataRoot,
        source,
        changes: [...options.change],
        onProgress: (current) => update({ current, total: 0 }),
        ...(reference === undefined ? {} : { reference }),
        ...(options.message === undefined ? {} : { message: options.message }),
        ...(options.platform === undefined ? {} : { platform: options.platform }),
      }),
    );
    stdout.write(`${id}\n`);
    return 0;
  },
});
