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

function recorded(text: string, root = tmpdir()) {
  const events: string[] = [];
  const keeper = {
    open: async () => {
      events.push('keeper');
      throw new Error('none on this host');
    },
    close: async () => undefined,
  };
  const vertices = verticesOf(text);
  const env = { keeper, store: { paths: { root } } } as unknown as Pick<BuildEnv, 'keeper' | 'store'>;
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
});
