import { describe, expect, it } from '@jest/globals';
import type { Step } from '../../src/planner/step.ts';
import { cpuTime } from '../cpu-time.ts';
import { plan } from './fixtures.ts';

function steps(text: string, builder: 'buildkit' | 'classic'): readonly Step[] {
  return plan(text, { builder }).stages[0]?.steps ?? [];
}

const LINES = 20_000;
/** Far above what it takes (some tenths), far below what copying a list on each line takes (over ten). */
const SECONDS = 6;

describe.each(['buildkit', 'classic'] as const)('planning thousands of lines with %s', (builder) => {
  it.each([
    ['ENV', (i: number) => `ENV K${i}=v`],
    ['ENV of the one before', (i: number) => `ENV K${i}=\${K${i - 1}:+set}`],
    ['LABEL', (i: number) => `LABEL l${i}=v`],
    ['ARG', (i: number) => `ARG A${i}=$A1`],
    ['EXPOSE', (i: number) => `EXPOSE ${i + 1}`],
    ['VOLUME', (i: number) => `VOLUME /v${i}`],
    ['ONBUILD', (i: number) => `ONBUILD RUN x${i}`],
    ['ARG and RUN', (i: number) => (i % 2 === 0 ? `ARG A${i}=1` : `RUN echo $A${i - 1}`)],
    ['ENV and RUN', (i: number) => (i % 2 === 0 ? `ENV A${i}=1` : `RUN echo $A${i - 1}`)],
    ['ENV and COPY', (i: number) => (i % 2 === 0 ? `ENV A${i}=1` : `COPY a $A${i - 1}/`)],
  ])('takes a time that grows with their number: %s', (_, line) => {
    const text = `FROM bb\n${Array.from({ length: LINES }, (_line, i) => line(i)).join('\n')}\n`;
    const start = cpuTime();
    plan(text, { builder });
    expect(cpuTime() - start).toBeLessThan(SECONDS * 1000);
  });

  it('gives every step the lists of its own place, in whatever order they are read', () => {
    const text =
      'FROM bb\nENV a=1\nRUN x\nENV b=2 a=3\nRUN y\nLABEL l=1\nEXPOSE 80\nVOLUME /v\nLABEL l=2\nONBUILD RUN z\n';
    const all = steps(text, builder);
    const configs = [...all].reverse().map(({ config }) => config);
    const [last, label, volume] = configs;
    expect(last?.onBuild).toEqual(['RUN z']);
    expect([label?.onBuild, label?.labels?.get('l'), [...(label?.volumes ?? [])]]).toEqual([null, '2', ['/v']]);
    expect(volume?.labels?.get('l')).toBe('1');
    const own = (env: readonly string[] | null | undefined) => env?.filter((entry) => /^[ab]=/.test(entry));
    expect(all.map(({ config }) => own(config.env))).toEqual([
      ['a=1'],
      ['a=1'],
      ...Array.from({ length: 7 }, () => ['a=3', 'b=2']),
    ]);
    const runs = [all[3], all[1]].map((step) => (step?.action.kind === 'run' ? own(step.action.env) : undefined));
    expect(runs.map((env) => [...(env ?? [])].sort())).toEqual([['a=3', 'b=2'], ['a=1']]);
  });

  it('hands on what can be spread and changed without touching the plan', () => {
    const [first] = steps('FROM bb\nENV a=1\nENV b=2\n', builder);
    const copy = { ...first?.config, env: null };
    expect(copy.env).toBeNull();
    expect(first?.config.env?.at(-1)).toBe('a=1');
    expect(Object.keys(first?.config ?? {})).toContain('labels');
  });
});
