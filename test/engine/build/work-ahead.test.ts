import { tmpdir } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { openWorkAhead } from '../../../src/engine/build/work-ahead.ts';
import type { BuildEnv } from '../../../src/executor/build-env.ts';
import { parseDockerfile } from '../../../src/parser/parse-dockerfile.ts';
import { planBuild } from '../../../src/planner/plan-build.ts';
import { planVertices, type Vertex } from '../../../src/planner/vertices.ts';

/** The work of a Dockerfile, in its order. */
function verticesOf(text: string): readonly Vertex[] {
  const dockerfile = parseDockerfile(Buffer.from(text), { fileName: 'Dockerfile' });
  const platform = { os: 'linux', architecture: 'amd64' };
  const plan = planBuild(dockerfile, {
    builder: 'buildkit',
    compat: '28',
    buildArgs: new Map(),
    labels: new Map(),
    network: 'default',
    platform,
    buildPlatform: platform,
    resolveBase: () => undefined,
  });
  return planVertices(plan).vertices;
}

function recorded(text: string, root = tmpdir(), unflushed: readonly string[] = []) {
  const events: string[] = [];
  const keeper = {
    open: async () => {
      events.push('keeper');
      throw new Error('none on this host');
    },
    dismiss: () => void events.push('dismiss'),
    close: async () => undefined,
  };
  const vertices = verticesOf(text);
  const env = { keeper, store: { paths: { root } }, unflushed: new Set(unflushed) } as unknown as Pick<
    BuildEnv,
    'keeper' | 'store' | 'unflushed'
  >;
  const lanes = {
    run: () => Promise.reject(),
    release: () => void events.push('release'),
    close: async () => undefined,
  };
  return { events, vertices, ahead: openWorkAhead(env, vertices, () => lanes) };
}

const TWO = 'FROM scratch AS a\nCOPY a /\nFROM scratch\nCOPY b /\nCOPY --from=a / /\n';

describe('openWorkAhead', () => {
  it('has threads end with the last copy of the context, not with those of other stages', async () => {
    const { events, vertices, ahead } = recorded(TWO);
    const released = vertices.filter((vertex) => {
      ahead.ended(vertex);
      return events.splice(0).length > 0;
    });
    const fromContext = vertices.filter(({ name }) => !name.includes('--from'));
    expect([vertices.length, fromContext.length]).toEqual([3, 2]);
    expect(released).toEqual(fromContext.slice(-1));
    await ahead.settled();
  });

  it('gets the shell ready where commands are to come, and leaves it to them to say that there is none', async () => {
    const without = recorded(TWO);
    without.ahead.begin();
    expect(without.events).toEqual([]);
    const { events, ahead } = recorded(TWO.replace('COPY --from', 'RUN true\nCOPY --from'));
    ahead.begin();
    expect(events).toEqual(['keeper']);
    await ahead.settled();
  });

  it('says at the end what the disk did not take', async () => {
    const missing = `${tmpdir()}/layerlab-no-such-folder`;
    const { vertices, ahead } = recorded(TWO.replace('COPY --from', 'RUN true\nCOPY --from'), missing);
    for (const vertex of vertices) ahead.ended(vertex);
    await ahead.settled();
    const late = recorded(TWO.replace('COPY --from', 'RUN true\nCOPY --from'), missing);
    late.ahead.begin();
    for (const vertex of late.vertices) late.ahead.ended(vertex);
    await expect(late.ahead.settled()).rejects.toMatchObject({ code: 'LL_IO' });
  });

  it('has the shell end with the last command, not with what comes after', async () => {
    const { events, vertices, ahead } = recorded(
      'FROM scratch AS a\nRUN one\nRUN two\nFROM scratch\nCOPY --from=a / /\n',
    );
    const dismissed = vertices.filter((vertex) => {
      ahead.ended(vertex);
      return events.splice(0).includes('dismiss');
    });
    expect(vertices).toHaveLength(3);
    expect(dismissed).toEqual([vertices[1]]);
    await ahead.settled();
  });

  it.each([
    ['what commands wrote goes to the disk when two are left', 5, ['a layer'], 3],
    ['of a few commands nothing does', 4, ['a layer'], undefined],
    ['what the cache knew was not written', 5, [], undefined],
  ])('%s', async (_, count, unflushed, expected) => {
    const missing = `${tmpdir()}/layerlab-no-such-folder`;
    const text = `FROM scratch\n${'RUN true\n'.repeat(count)}`;
    const begun: number[] = [];
    for (let ends = 1; ends <= count; ends++) {
      const { vertices, ahead } = recorded(text, missing, unflushed);
      for (const vertex of vertices.slice(0, ends)) ahead.ended(vertex);
      // A flush of nothing fails, and so tells that it was begun.
      await ahead.settled().catch(() => begun.push(ends));
    }
    expect(begun[0]).toBe(expected);
  });
});
