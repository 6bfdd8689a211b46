import type { Builder, ConformanceCase } from '../harness/case.ts';
import { fails } from './failing.ts';

const builders: readonly Builder[] = ['buildkit'];

/** What a build makes of `# check=` and of the build argument of that meaning; flags of the client are here too. */
export const checksInBuilds: readonly ConformanceCase[] = [
  fails(
    'check-finding-is-error',
    '# check=error=true\nFROM conf/base\nENV A 1\n',
    'lint violation found for rules: LegacyKeyValueFormat',
    { builders },
  ),
  { name: 'check-finding-skipped', builders, dockerfile: '# check=error=true;skip=all\nFROM conf/base\nENV A 1\n' },
  {
    name: 'check-finding-unreached',
    builders,
    dockerfile: '# check=error=true\nFROM scratch AS x\nEXPOSE 1/UDP\nENV A 1\nFROM conf/base\nENV A=1\n',
  },
  fails(
    'check-finding-of-any-stage',
    '# check=error=true\nFROM scratch AS x\nMAINTAINER me\nFROM conf/base\nENV A=1\n',
    'lint violation found for rules: MaintainerDeprecated',
    { builders },
  ),
  { name: 'check-finding-classic', builders: ['classic'], dockerfile: '# check=error=true\nFROM conf/base\nENV A 1\n' },
  fails(
    'check-finding-by-argument',
    'FROM conf/base\nENV A 1\n',
    'lint violation found for rules: LegacyKeyValueFormat',
    {
      builders,
      buildArgs: { BUILDKIT_DOCKERFILE_CHECK: 'error=true' },
    },
  ),
  {
    name: 'check-argument-before-line',
    builders,
    dockerfile: '# check=error=true\nFROM conf/base\nENV A 1\n',
    buildArgs: { BUILDKIT_DOCKERFILE_CHECK: 'error=false' },
  },
  fails(
    'check-option-unknown',
    '# check=x\nFROM conf/base\nENV A=1\n',
    'failed to parse check options: invalid check option "x"',
    { builders },
  ),
  fails(
    'check-after-other-faults',
    '# check=error=true\nFROM conf/base\nENV A 1\nSTOPSIGNAL none\n',
    'invalid signal: none',
    { builders },
  ),
  fails('label-with-blanks', 'FROM conf/base\n', "label 'a b' contains whitespaces", {
    builders: ['classic'],
    compat: ['28', '20.10'],
    labels: { 'a b': '1' },
  }),
];
