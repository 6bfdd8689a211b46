import { defineCommand } from '../command.ts';
import { withByteProgress } from '../progress/byte-progress.ts';
import { humanSizeWithPrecision } from '../units.ts';

/** `layerlab base`: a small base image out of this host's own shell and core utilities, for builds without a registry. */
export const base = defineCommand({
  name: 'base',
  usage: '[OPTIONS] [REPOSITORY[:TAG]]',
  describe: "Make a small base image from this host's shell and core utilities (default: layerlab/base:latest)",
  arguments: [0, 1],
  writes: true,
  options: {
    quiet: { type: 'boolean', alias: 'q', describe: 'Print the id only' },
  },
  examples: [['layerlab base && layerlab history layerlab/base', 'A base image without a registry']],
  async run([reference], options, { engine, dataRoot, stdout, stderr }) {
    const name = reference ?? 'layerlab/base:latest';
    const made = await withByteProgress(stderr, 'Collecting', (update) =>
      engine.base({ dataRoot, reference: name, onProgress: ({ bytes }) => update({ current: bytes, total: 0 }) }),
    );
    if (!options.quiet) {
      stderr.write(`${name}: ${made.files} files, ${humanSizeWithPrecision(made.bytes, 3)}\n`);
    }
    stdout.write(`${made.id}\n`);
    return 0;
  },
});
