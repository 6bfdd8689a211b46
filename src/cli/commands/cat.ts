import { once } from 'node:events';
import { defineCommand } from '../command.ts';

/** `layerlab cat`: the content of a file, as it is. */
export const cat = defineCommand({
  name: 'cat',
  usage: 'IMAGE|CONTAINER|LAYER:/PATH | IMAGE|CONTAINER|LAYER PATH',
  describe: 'Write a file of an image, container or layer to stdout',
  arguments: [1, 2],
  options: {},
  examples: [['layerlab cat app:latest:/etc/os-release', 'Which system an image is']],
  async run([name = '', path], _options, { engine, dataRoot, stdoutStream }) {
    const stream = stdoutStream();
    for (const chunk of await engine.cat({ dataRoot, name, ...(path === undefined ? {} : { path }) })) {
      // The next chunk comes in the same buffer.
      if (!stream.write(Buffer.from(chunk))) await once(stream, 'drain');
    }
    return 0;
  },
});
