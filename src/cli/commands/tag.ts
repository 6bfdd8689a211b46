import { defineCommand } from '../command.ts';

/** `layerlab tag`: another name for an image. Prints nothing, as docker. */
export const tag = defineCommand({
  name: 'tag',
  usage: 'SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
  describe: 'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE',
  arguments: [2, 2],
  writes: true,
  options: {},
  examples: [['layerlab tag app:latest registry.example/app:1.0', 'A second name for app:latest']],
  async run([source = '', target = ''], _options, { engine, dataRoot }) {
    await engine.tag({ dataRoot, source, target });
    return 0;
  },
});
