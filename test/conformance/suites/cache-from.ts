import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { file } from '../harness/case.ts';
import { materialise } from '../harness/context.ts';
import { readStoredImage, resolveTag } from '../harness/stored-image.ts';
import type { Tool } from '../harness/tools.ts';
import type { World } from '../harness/world.ts';

const LINES = [
  'FROM conf/base',
  'COPY first /first',
  'RUN cat /proc/sys/kernel/random/uuid > /id',
  'ENV A=b',
  'RUN echo end > /end',
];
const SOURCE = 'conf/cache-source';
const TAG = 'conf/cache-from';

interface Build {
  readonly what: string;
  readonly lines: readonly string[];
  readonly from: readonly string[];
  readonly first?: string;
}

const BUILDS: readonly Build[] = [
  { what: 'the same lines', lines: LINES, from: [SOURCE] },
  { what: 'the same lines again', lines: LINES, from: [SOURCE] },
  { what: 'a line more', lines: [...LINES, 'CMD ["x"]'], from: [SOURCE] },
  { what: 'another line in the middle', lines: LINES.map((line) => line.replace('A=b', 'A=c')), from: [SOURCE] },
  { what: 'another file', lines: LINES, from: [SOURCE], first: 'other\n' },
  { what: 'a line less', lines: LINES.slice(0, -1), from: [SOURCE] },
  { what: 'an image that is not there', lines: LINES, from: ['conf/nothing'] },
  { what: 'one that is not there, and one that is', lines: LINES, from: ['conf/nothing', SOURCE] },
  { what: 'an image of other lines', lines: LINES, from: ['conf/bare'] },
  { what: 'no image named', lines: LINES, from: [] },
];

/**
 * `--cache-from` of the classic builder: which steps are taken of an image that was loaded, so that nothing but its history
 * tells how it came about, and what is recorded of those that are restored.
 */
export function describeCacheFrom(world: () => World): void {
  describe('cache', () => {
    it('takes from named images what docker takes from them, classic', async () => {
      const { docker, layerlab, scratch } = world();
      expect(await pattern(layerlab, scratch)).toEqual(await pattern(docker, scratch));
    });
  });
}

async function pattern(tool: Tool, scratch: string): Promise<readonly string[]> {
  const source = await loadedSource(tool, scratch);
  const lines: string[] = [];
  for (const { what, lines: text, from, first } of BUILDS) {
    const context = layOut(scratch, tool, text, first);
    const flags = from.flatMap((name) => ['--cache-from', name]);
    await tool.runOrThrow(['build', '--network', 'none', ...flags, '-t', TAG, context], 'classic');
    lines.push(`${what}: ${describeBuilt(tool, source)}`);
  }
  await tool.runOrThrow(['rmi', '-f', TAG, SOURCE]);
  return lines;
}

/** The image, with nothing left of its making but itself. */
async function loadedSource(tool: Tool, scratch: string): Promise<string> {
  const archive = path.join(scratch, `cache-source-${tool.name}.tar`);
  await tool.runOrThrow(
    ['build', '--network', 'none', '--no-cache', '-t', SOURCE, layOut(scratch, tool, LINES)],
    'classic',
  );
  await tool.runOrThrow(['save', '-o', archive, SOURCE]);
  await tool.runOrThrow(['rmi', '-f', SOURCE]);
  await tool.runOrThrow(['load', '-q', '-i', archive]);
  return resolveTag(tool.dataRoot, SOURCE);
}

function layOut(scratch: string, tool: Tool, lines: readonly string[], first = 'first\n'): string {
  const context = path.join(scratch, 'contexts', `cache-from-${tool.name}`);
  fs.rmSync(context, { recursive: true, force: true });
  materialise(context, [file('Dockerfile', `${lines.join('\n')}\n`), file('first', first, { mtime: '1600000000' })]);
  return context;
}

/** Which layers are the source's, and for every image down to the base: its keys, its config, how it is recorded. */
function describeBuilt(tool: Tool, source: string): string {
  const sourceLayers = readStoredImage(tool.dataRoot, source).layers.map(({ cacheId }) => cacheId);
  const top = resolveTag(tool.dataRoot, TAG);
  const built = readStoredImage(tool.dataRoot, top);
  const shared = built.layers.filter(({ cacheId }) => sourceLayers.includes(cacheId)).length;
  const chain: string[] = [];
  for (let id: string | undefined = top; id !== undefined; id = readStoredImage(tool.dataRoot, id).parent) {
    const image = readStoredImage(tool.dataRoot, id);
    const config = JSON.parse(String(image.config)) as Record<string, { Cmd?: unknown; Env?: unknown } | undefined>;
    const { config: run, container_config: made } = config;
    const records = [...image.metadata.keys()].filter((name) => name !== 'lastUpdated').sort();
    chain.push(JSON.stringify([Object.keys(config), run?.Cmd, run?.Env, made?.Cmd, records]));
  }
  return `${top === source ? 'the source itself' : 'an image of its own'}, ${shared} of its layers\n${chain.join('\n')}`;
}
