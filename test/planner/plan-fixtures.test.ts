import { describe, expect, it } from '@jest/globals';
import type { Plan, PlannedStage, Step } from '../../src/planner/step.ts';
import { buildkitFixtures, buildkitJson, classicFixtures, classicJson, fixtureBase, planFixture } from './fixtures.ts';

function stageOf(plan: Plan, index: number): PlannedStage {
  const stage = plan.stages[index];
  if (stage === undefined) throw new Error(`no stage ${index}`);
  return stage;
}

/** The steps that make an image: those of its bases first. */
function chain(plan: Plan, index: number): readonly Step[] {
  const stage = stageOf(plan, index);
  return [...(stage.base.kind === 'stage' ? chain(plan, stage.base.index) : []), ...stage.steps];
}

function rootReference(plan: Plan, index: number): string | undefined {
  const { base } = stageOf(plan, index);
  if (base.kind === 'stage') return rootReference(plan, base.index);
  return base.kind === 'image' ? base.reference : undefined;
}

/** `[stage i/n] name` of every step that progress shows; an image that several stages stand on shows once. */
function vertices(plan: Plan): readonly string[] {
  const images = new Set<string>();
  return plan.order.flatMap((index) => {
    const stage = stageOf(plan, index);
    const prefix = stage.progressName === undefined ? '' : `${stage.progressName} `;
    const first = stage.base.kind === 'image' ? 1 : 0;
    const label = (at: number, total: number): string => {
      const width = Math.floor(1 + Math.log10(total));
      return `[${prefix}${String(at).padStart(width)}/${total}]`;
    };
    const from =
      first === 1 && !images.has(stage.display) ? [`${label(1, stage.progressTotal.from)} ${stage.display}`] : [];
    images.add(stage.display);
    const shown = stage.steps.filter((step) => step.layer);
    const total = stage.progressTotal.steps;
    return [...from, ...shown.map((step, at) => `${label(first + at + 1, total)} ${step.display}`)];
  });
}

describe('plans against BuildKit of Docker 28.5', () => {
  it('has enough Dockerfiles', () => {
    expect(buildkitFixtures.length).toBeGreaterThanOrEqual(45);
  });

  it.each(buildkitFixtures.map((fixture) => [fixture.name, fixture] as const))('%s', (_, fixture) => {
    const plan = planFixture(fixture);
    const steps = chain(plan, plan.target);
    const rows = steps
      .filter((step) => step.createdBy !== undefined)
      .map((step) => ({ created_by: step.createdBy, empty: !step.layer }));
    const own = fixture.history.slice(fixture.history.length - rows.length);
    expect(rows).toEqual(own);
    const last = stageOf(plan, plan.target);
    expect(buildkitJson(last.steps.at(-1)?.config ?? last.baseConfig)).toEqual(fixture.config);
    expect(last.steps.at(-1)?.author ?? last.baseAuthor).toBe(fixture.author);
    expect([...vertices(plan)].sort()).toEqual([...fixture.vertices].sort());
  });
});

describe('plans against the classic builder of Docker 28.5', () => {
  it('has enough Dockerfiles', () => {
    expect(classicFixtures.length).toBeGreaterThanOrEqual(45);
  });

  it.each(classicFixtures.map((fixture) => [fixture.name, fixture] as const))('%s', (_, fixture) => {
    const plan = planFixture(fixture);
    const steps = chain(plan, plan.target);
    const hashes = fixture.steps.map((step) => /(?:file|dir|multi):[0-9a-f]{64}/.exec(step.created_by)?.[0] ?? '');
    const named = (text: string, at: number): string => text.replace(/\$\{HASH\}/, hashes[at] ?? '');
    expect(steps.map((step, at) => named(step.classic?.cmd.join(' ') ?? '', at))).toEqual(
      fixture.steps.map((step) => step.created_by),
    );
    expect(steps.map((step) => classicJson(step.config))).toEqual(fixture.steps.map((step) => step.config));
    expect(steps.map((step) => step.author)).toEqual(fixture.steps.map((step) => step.author));
    expect(steps.map((step) => step.author)).toEqual(fixture.steps.map((step) => step.historyAuthor));
    for (const [at, step] of steps.entries()) {
      const expected = fixture.steps[at];
      if (expected === undefined || step.classic === undefined) continue;
      // A base with a host name of its own hides whether a container was made.
      if (expected.viaContainer !== null) expect(step.classic.viaContainer).toBe(expected.viaContainer);
      // Container creation fills a config from the image it stands on; the other steps keep it as planned.
      if (step.classic.viaContainer) continue;
      const { probe } = step.classic;
      const cmd = (probe.cmd ?? []).map((word) => named(word, at));
      expect(classicJson({ ...probe, cmd })).toEqual(expected.container_config);
    }
    const numbered = [
      ...plan.metaArgs.map(({ source }) => source),
      ...plan.order.flatMap((index) => {
        const stage = stageOf(plan, index);
        return [stage.display, ...stage.steps.filter(({ trigger }) => !trigger).map(({ display }) => display)];
      }),
    ];
    expect(numbered.map((text, at) => `${at + 1}/${numbered.length} : ${text}`)).toEqual(fixture.display);
    expect(plan.warnings).toEqual(fixture.warnings);
    const root = rootReference(plan, plan.target);
    expect(root === undefined || fixtureBase(root) !== undefined).toBe(true);
  });
});
