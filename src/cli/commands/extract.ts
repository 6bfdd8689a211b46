import { LayerlabError } from '../../errors/layerlab-error.ts';
import { defineCommand } from '../command.ts';
import { shownName } from '../look/shown-name.ts';
import { withByteProgress } from '../progress/byte-progress.ts';
import { humanSize } from '../units.ts';

const NAMED = 5;

/** `layerlab extract`: files of an image, container or layer, out of the data-root. */
export const extract = defineCommand({
  name: 'extract',
  usage: '[OPTIONS] -o FOLDER|FILE.tar IMAGE|CONTAINER|LAYER[:/PATH]',
  describe: 'Write files of an image, container or layer into a new folder or a tar',
  arguments: [1, 1],
  options: {
    output: {
      type: 'string',
      alias: 'o',
      value: 'OUTPUT',
      describe: 'A folder that is missing or empty, a name that ends in .tar, or - for a tar on stdout',
    },
    preserve: {
      type: 'boolean',
      describe: 'Into a folder: keep owners, set-id bits, attributes and devices (needs root; a tar always has them)',
    },
  },
  examples: [
    ['layerlab extract -o etc app:latest:/etc', 'One folder of an image'],
    ['layerlab extract -o rootfs.tar app:latest', 'A whole file system as a tar'],
  ],
  async run([name = ''], options, { engine, dataRoot, stdout, stderr, stdoutStream }) {
    if (!options.output) throw new LayerlabError('LL_USAGE', 'where to? -o names a new folder or a .tar file');
    if (options.output === '-' && stdout.isTTY) {
      throw new LayerlabError('LL_USAGE', 'a tar is nothing for a terminal', { hint: 'Redirect it, or name a file.' });
    }
    const output = options.output === '-' ? stdoutStream() : options.output;
    const { files, bytes, skipped } = await withByteProgress(stderr, 'Extracting', (update) =>
      engine.extract({ dataRoot, name, output, preserve: options.preserve, onProgress: update }),
    );
    stderr.write(`${files} files, ${humanSize(bytes)}\n`);
    if (skipped.length > 0) {
      const more = skipped.length > NAMED ? ` and ${skipped.length - NAMED} more` : '';
      const names = skipped.slice(0, NAMED).map(shownName).join(', ');
      stderr.write(`left out (devices, fifos, sockets, deletions): ${names}${more}\n`);
    }
    return 0;
  },
});
