import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { BUILDERS } from '../harness/case.ts';
import { type CaseResult, runFolder } from '../harness/run-case.ts';
import type { World } from '../harness/world.ts';

const samples = path.resolve(import.meta.dirname, '../../../samples');
const names = fs.readdirSync(samples, { withFileTypes: true }).filter((entry) => entry.isDirectory());

/** Every sample, as a case; and BuildKit's counts of layers and config steps are those its README tells. */
export function describeSamples(world: () => World): void {
  describe('samples', () => {
    beforeAll(async () => {
      for (const tool of [world().docker, world().layerlab])
        await tool.runOrThrow(['tag', 'conf/base', 'layerlab/base']);
    });

    for (const builder of BUILDERS) {
      for (const { name } of names) {
        it(`${name}, ${builder}`, async () => {
          const { docker, layerlab } = await runFolder(world(), `sample-${name}`, path.join(samples, name), builder);
          if (docker.kind === 'failed') {
            expect(layerlab.kind).toBe('failed');
            return;
          }
          expect(layerlab).toEqual(docker);
          if (builder === 'buildkit') expect(promise(name)).toEqual(counts(docker));
        });
      }
    }
  });
}

interface Counts {
  readonly layers: number;
  readonly config: number;
}

function promise(name: string): Counts {
  const text = fs.readFileSync(path.join(samples, name, 'README.md'), 'utf8');
  const found = /^Layers: (\d+)\. Config steps: (\d+)\.$/m.exec(text);
  return { layers: Number(found?.[1]), config: Number(found?.[2]) };
}

function counts(result: CaseResult): Counts {
  if (result.kind === 'failed') throw new Error(result.text);
  const rows =
    (result.image.configs[0] ?? []).join('').match(/"comment":"buildkit\.dockerfile\.v0"(,"empty_layer":true)?/g) ?? [];
  const config = rows.filter((row) => row.endsWith('true')).length;
  return { layers: rows.length - config, config };
}
