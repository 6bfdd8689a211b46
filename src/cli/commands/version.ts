import { encodeGoJson, type GoValue } from '../../formats/go-json.ts';
import { defineCommand } from '../command.ts';
import { TemplateStruct } from '../go-template/value.ts';
import { parseTemplate } from '../go-template.ts';

/** `layerlab version`: this program's version and what it was made to match. */
export const version = defineCommand({
  name: 'version',
  usage: '[OPTIONS]',
  describe: 'Show the version',
  arguments: [0, 0],
  options: {
    format: { type: 'string', alias: 'f', describe: "'json' or a Go template" },
  },
  examples: [["layerlab version --format '{{.Version}}'", 'The bare version']],
  async run(_args, options, { engine, stdout }) {
    const facts = Object.entries(await engine.version()).map(
      ([name, value]) => [name.charAt(0).toUpperCase() + name.slice(1), value as GoValue] as const,
    );
    if (!options.format) {
      for (const [name, value] of facts) stdout.write(`${`${name}:`.padEnd(16)} ${String(value)}\n`);
    } else if (options.format === 'json') {
      stdout.write(`${encodeGoJson({ fields: facts })}\n`);
    } else {
      const fields = facts.map(([name, value]) => ({ name, value: String(value) }));
      stdout.write(`${parseTemplate(options.format).render(new TemplateStruct('version', fields))}\n`);
    }
    return 0;
  },
});
