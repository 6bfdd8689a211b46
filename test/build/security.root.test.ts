import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Lab } from './lab.ts';

const LABS = '# syntax=docker/dockerfile:1-labs\nFROM layerlab/base\n';
const SHOW = 'sed -n s/^CapEff:.//p /proc/self/status > /caps';

// Needs root: capabilities to give away.
describe('RUN --security', () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
    lab.ok(['base']);
  });
  afterEach(() => lab.remove());

  it.each(['auto', 'chroot'])('insecure has all rights that this process has, by %s', (runtime) => {
    lab.write('Dockerfile', `${LABS}RUN --security=insecure ${SHOW}\n`);
    lab.build(['-t', 'x', '--allow', 'security.insecure', '--runtime', runtime]);
    const [, bounding = ''] = /^CapBnd:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'latin1')) ?? [];
    expect(lab.ok(['cat', 'x:/caps'])).toBe(bounding);
  });

  it('insecure has to be allowed, and nothing is done before', () => {
    lab.write('Dockerfile', `${LABS}RUN touch /done\nRUN --security=insecure true\n`);
    const { status, stderr } = lab.run(['build', lab.context]);
    expect(status).toBe(1);
    expect(stderr).toContain('failed to load LLB: security.insecure is not allowed');
    expect(stderr).not.toContain('RUN touch /done\n#');
  });

  it('sandbox is what a RUN is anyhow, and another step than insecure', () => {
    lab.write('Dockerfile', `${LABS}RUN --security=sandbox ${SHOW}\n`);
    lab.build(['-t', 'x']);
    expect(lab.ok(['cat', 'x:/caps'])).toBe('00000000a80425fb');
    lab.write('Dockerfile', `${LABS}RUN --security=insecure ${SHOW}\n`);
    lab.build(['-t', 'x', '--allow', 'security.insecure']);
    expect(lab.ok(['cat', 'x:/caps'])).not.toBe('00000000a80425fb');
  });

  it('is no flag of the frontend in Docker 28.5, and knows two words where it is', () => {
    lab.write('Dockerfile', 'FROM layerlab/base\nRUN --security=insecure true\n');
    expect(lab.run(['build', lab.context]).stderr).toContain('unknown flag: --security');
    lab.write('Dockerfile', `${LABS}RUN --security=all true\n`);
    expect(lab.run(['build', lab.context]).stderr).toContain('security "all" is not valid');
  });
});
