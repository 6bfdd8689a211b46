import { describe, expect, it } from '@jest/globals';
import { parseDockerfile } from '../../src/parser/parse-dockerfile.ts';
import { planBuild } from '../../src/planner/plan-build.ts';
import type { PlanOptions } from '../../src/planner/plan-options.ts';
import type { Step } from '../../src/planner/step.ts';
import { type Builder, builderProfile } from '../../src/profiles/builder-profile.ts';
import { defaultOptions } from './fixtures.ts';

function steps(text: string, builder: Builder, options: Partial<PlanOptions> = {}): readonly Step[] {
  const { syntax } = builderProfile(builder, '20.10');
  const plan = planBuild(parseDockerfile(text, { syntax }), {
    ...defaultOptions,
    compat: '20.10',
    builder,
    ...options,
  });
  return plan.stages[plan.target]?.steps ?? [];
}

const rows = (text: string, builder: Builder, options?: Partial<PlanOptions>): readonly (string | undefined)[] =>
  steps(text, builder, options).map((step) => step.createdBy ?? step.classic?.cmd.join(' '));

function environment(step: Step | undefined): readonly string[] {
  if (step?.action.kind !== 'run') throw new Error('the step is no RUN');
  return step.action.env;
}

// Asked of a Docker 20.10.24 daemon.
describe('a plan for Docker 20.10', () => {
  it.each([
    ['STOPSIGNAL foo', 'Invalid signal: foo', 'Invalid signal: foo'],
    ['EXPOSE foo', 'Invalid containerPort: foo', 'Invalid containerPort: foo'],
    ['EXPOSE :', 'No port specified: :<empty>', 'No port specified: :<empty>'],
    ['EXPOSE 1.2.3:80:80', 'Invalid ip address: 1.2.3', 'Invalid ip address: 1.2.3'],
    ['RUN []', 'failed to marshal LLB definition: arguments are required', 'No command specified'],
    [
      'COPY --from=$x a /b',
      'failed to parse stage name "$x": invalid reference format',
      'invalid from flag value $x: invalid reference format',
    ],
    ['COPY --from=5 a /b', 'invalid stage index 5', 'invalid from flag value 5: index out of bounds'],
    [
      `ENV A=\${B#x}`,
      `failed to process "\${B#x}": missing ':' in substitution`,
      `failed to process "\${B#x}": missing ':' in substitution`,
    ],
  ])('refuses %s', (line, buildkit, classic) => {
    expect(() => steps(`FROM bb\n${line}\n`, 'buildkit')).toThrow(new Error(buildkit));
    expect(() => steps(`FROM bb\n${line}\n`, 'classic')).toThrow(new Error(classic));
  });

  it('refuses an image name in capitals and an empty platform', () => {
    const capitals = 'invalid reference format: repository name must be lowercase';
    expect(() => steps('FROM Bb\n', 'buildkit')).toThrow(new Error(`failed to parse stage name "Bb": ${capitals}`));
    expect(() => steps('FROM Bb\nENV a=b\n', 'classic')).toThrow(new Error(capitals));
    const platform =
      'failed to parse platform : "" is an invalid component of "": platform specifier component must match "^[A-Za-z0-9_-]+$": invalid argument';
    for (const builder of ['buildkit', 'classic'] as const) {
      expect(() => steps('FROM --platform=$x bb\nENV a=b\n', builder)).toThrow(new Error(platform));
    }
  });

  it('names a target that is not there, and suggests none', () => {
    const target = { target: 'on' };
    expect(() => steps('FROM bb AS one\n', 'buildkit', target)).toThrow(
      new Error('target stage on could not be found'),
    );
    expect(() => steps('FROM bb AS one\n', 'classic', target)).toThrow(
      new Error('failed to reach build target on in Dockerfile'),
    );
  });

  it('takes a --chmod that is no octal number, and sources that look like git', () => {
    const lines = 'FROM bb\nCOPY --chmod=u+x a /b\nCOPY --chmod=99 a /b\nCOPY git@github.com:x/y.git /b/\n';
    expect(rows(lines, 'buildkit')).toEqual([
      'COPY a /b # buildkit',
      'COPY a /b # buildkit',
      'COPY git@github.com:x/y.git /b/ # buildkit',
    ]);
  });

  it('names no arguments of the stage below in |N, though they are set', () => {
    const text = 'FROM bb AS a\nARG X=1\nRUN one\nFROM a\nRUN two\nARG X\nRUN three\n';
    expect(rows(text, 'buildkit')).toEqual([
      'RUN /bin/sh -c two # buildkit',
      'ARG X',
      'RUN |1 X=1 /bin/sh -c three # buildkit',
    ]);
    expect(environment(steps(text, 'buildkit')[0])).toContain('X=1');
  });

  it('knows no ALL_PROXY, and an ARG of any name sets a variable', () => {
    const text = 'FROM bb\nARG BUILDKIT_SBOM_SCAN_STAGE=1\nRUN env\n';
    const buildArgs = new Map([
      ['ALL_PROXY', 'a'],
      ['HTTP_PROXY', 'h'],
      ['no_proxy', 'n'],
    ]);
    const proxies = (builder: Builder): readonly string[] =>
      environment(steps(text, builder, { buildArgs }).at(-1))
        .filter((entry) => /proxy|SBOM/i.test(entry))
        .sort();
    expect(proxies('buildkit')).toEqual([
      'BUILDKIT_SBOM_SCAN_STAGE=1',
      'HTTP_PROXY=h',
      'NO_PROXY=n',
      'http_proxy=h',
      'no_proxy=n',
    ]);
    expect(proxies('classic')).toEqual(['BUILDKIT_SBOM_SCAN_STAGE=1', 'HTTP_PROXY=h', 'no_proxy=n']);
  });
});
