import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Lab } from './lab.ts';

let lab: Lab;
beforeEach(() => {
  lab = new Lab();
  lab.ok(['base']);
});
afterEach(() => lab.remove());

const COMMAND = 'FROM layerlab/base\nRUN date +%s%N > /made\n';
const STAGES = 'FROM layerlab/base AS made\nRUN date +%s%N > /made\nFROM layerlab/base\nCOPY --from=made /made /made\n';

/** The records of what the build cache keeps, as files. */
function records(): readonly string[] {
  const folder = join(lab.dataRoot, 'layerlab/cache/layers');
  return readdirSync(folder).map((name) => join(folder, name, 'layer.json'));
}

function bootsOf(): readonly (string | undefined)[] {
  return records().map((file) => JSON.parse(readFileSync(file, 'utf8')).boot);
}

// Needs root: RUN mounts overlays.
describe('what commands wrote', () => {
  it('is on the disk when there is an image, also that of earlier stages', () => {
    lab.write('Dockerfile', STAGES);
    lab.build();
    expect(bootsOf()).toEqual([undefined]);
  });

  it('is believed after a failed build until the host starts anew, since nothing flushed it', () => {
    const now = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    lab.write('Dockerfile', `${COMMAND}RUN exit 7\n`);
    expect(lab.run(['build', '--network', 'none', lab.context]).status).not.toBe(0);
    expect(bootsOf()).toEqual([now]);
    const [file = ''] = records();
    const { cacheId } = JSON.parse(readFileSync(file, 'utf8'));
    lab.write('Dockerfile', COMMAND);
    const image = lab.build();
    expect(bootsOf()).toEqual([]);
    expect(lab.ok(['inspect', '-f', '{{.GraphDriver.Data.UpperDir}}', image])).toContain(cacheId);
  });

  it('is made again where the host was started since', () => {
    lab.write('Dockerfile', `${COMMAND}RUN exit 7\n`);
    lab.run(['build', '--network', 'none', lab.context]);
    const made = (): string => lab.ok(['cat', `${lab.build()}:/made`]);
    const [file = ''] = records();
    const record = JSON.parse(readFileSync(file, 'utf8'));
    const broken = join(lab.dataRoot, 'overlay2', record.cacheId, 'diff/made');
    const before = readFileSync(broken, 'utf8').trim();
    // As a power cut leaves it.
    writeFileSync(broken, '');
    writeFileSync(file, JSON.stringify({ ...record, boot: 'an earlier one' }));
    lab.write('Dockerfile', COMMAND);
    expect(made()).toMatch(/^\d+$/);
    expect(made()).not.toBe(before);
  });
});
