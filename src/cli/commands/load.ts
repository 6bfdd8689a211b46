import { LayerlabError } from '../../errors/layerlab-error.ts';
import { defineCommand } from '../command.ts';
import { harmlessText } from '../harmless-text.ts';
import { withByteProgress } from '../progress/byte-progress.ts';

/** `layerlab load`: images out of an archive that `save` of docker or layerlab wrote, or an OCI layout. */
export const load = defineCommand({
  name: 'load',
  usage: '[OPTIONS]',
  describe: 'Load images from a tar archive or stdin',
  arguments: [0, 0],
  writes: true,
  options: {
    input: { type: 'string', alias: 'i', value: 'FILE', describe: 'Read from a file instead of stdin' },
    quiet: { type: 'boolean', alias: 'q', describe: 'Show no progress' },
  },
  examples: [['docker save app | layerlab load', 'Take over an image from a running docker']],
  async run(_args, options, { engine, dataRoot, stdout, stderr, stdinIsTTY }) {
    const input = options.input || '-';
    if (input === '-' && stdinIsTTY) {
      throw new LayerlabError('LL_USAGE', 'requested load from stdin, but stdin is empty', {
        hint: 'Name a file with -i, or pipe an archive in.',
      });
    }
    const { loaded } = await withByteProgress(stderr, 'Loading layer', (update) =>
      engine.load({
        dataRoot,
        input,
        ...(options.quiet ? {} : { onProgress: update }),
      }),
    );
    for (const { kind, value } of loaded) {
      const line = kind === 'name' ? `Loaded image: ${value}\n` : `Loaded image ID: ${value}\n`;
      stdout.write(stdout.isTTY ? harmlessText(line) : line);
    }
    return 0;
  },
});
