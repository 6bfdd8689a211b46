import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { build } from '../../../src/engine/build.ts';
import { cpuTime } from '../../cpu-time.ts';

const LINES = 40_000;
/** Far above what it takes (some two), far below what copying the history at each line takes (over ten). */
const SECONDS = 9;

it('puts a stage of thousands of lines together in a time that grows with their number', async () => {
  const dataRoot = mkdtempSync(join(tmpdir(), 'layerlab-lines-'));
  try {
    const text = `FROM scratch\n${Array.from({ length: LINES }, (_, i) => `LABEL l${i}=v\n`).join('')}`;
    const start = cpuTime();
    const { configSteps } = await build({ dataRoot, context: undefined, dockerfileText: text, tags: ['lines'] });
    expect(cpuTime() - start).toBeLessThan(SECONDS * 1000);
    expect(configSteps).toBe(LINES);
  } finally {
    rmSync(dataRoot, { recursive: true, force: true });
  }
});
