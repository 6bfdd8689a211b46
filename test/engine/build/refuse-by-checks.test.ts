import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { build } from '../../../src/engine/build.ts';
import type { BuildOptions } from '../../../src/engine/build-options.ts';

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'layerlab-checks-'));
  mkdirSync(join(home, 'context'));
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

const refusal = (dockerfile: string, more: Partial<BuildOptions> = {}): Promise<string> => {
  writeFileSync(join(home, 'context/Dockerfile'), dockerfile);
  return build({ dataRoot: join(home, 'root'), context: join(home, 'context'), ...more }).then(
    () => 'built',
    (error: Error) => error.message,
  );
};

/** What dockerd 28.5 says to the same builds. */
describe('build checks in a build', () => {
  const FOUND = '# check=error=true\nFROM scratch\nENV A 1\n';
  const VIOLATION = 'lint violation found for rules: LegacyKeyValueFormat';

  it('fails by a finding where the Dockerfile says so, with BuildKit of Docker 28 alone', async () => {
    expect(await refusal(FOUND)).toBe(VIOLATION);
    expect(await refusal(FOUND, { builder: 'classic' })).toBe('built');
    expect(await refusal(FOUND, { compat: '20.10' })).toBe('built');
    expect(await refusal('# check=error=true\nFROM scratch\nENV A=1\n')).toBe('built');
  });

  it('looks at the build argument before the line', async () => {
    const by = (value: string) => ({ buildArgs: { BUILDKIT_DOCKERFILE_CHECK: value } });
    expect(await refusal('FROM scratch\nENV A 1\n', by('error=true'))).toBe(VIOLATION);
    expect(await refusal(FOUND, by('error=false'))).toBe('built');
  });

  it('looks at words of all stages, and at what is in those that the build reaches', async () => {
    const unreached = (line: string) => `# check=error=true\nFROM scratch AS x\n${line}\nFROM scratch\nENV A=1\n`;
    expect(await refusal(unreached('EXPOSE 1/UDP'))).toBe('built');
    expect(await refusal(unreached('MAINTAINER me'))).toBe('lint violation found for rules: MaintainerDeprecated');
  });

  it('refuses options that are none, and tells other faults first', async () => {
    expect(await refusal('# check=x\nFROM scratch\nENV A=1\n')).toBe(
      'failed to parse check options: invalid check option "x"',
    );
    expect(await refusal(`${FOUND}STOPSIGNAL none\n`)).toContain('invalid signal: none');
  });
});
