import { describe, expect, it } from '@jest/globals';
import { plan } from './fixtures.ts';

function targetConfig(text: string, builder: 'buildkit' | 'classic') {
  const made = plan(text, { builder });
  const stage = made.stages[made.target];
  const { labels, exposedPorts, volumes } = stage?.steps.at(-1)?.config ?? stage?.baseConfig ?? {};
  return { labels: [...(labels ?? [])], ports: [...(exposedPorts ?? [])], volumes: [...(volumes ?? [])] };
}

const between = `FROM s AS t
LABEL a=9 b=2
EXPOSE 2
VOLUME /b
COPY a /b
FROM s
COPY --from=t /b /c
`;

// The images that a daemon 28.5 makes of the same lines.
describe('lists of a stage that others stand on', () => {
  it('take what another of these stages adds, with BuildKit', () => {
    expect(targetConfig(`FROM bb AS s\nLABEL a=1\nEXPOSE 1\nVOLUME /a\n${between}`, 'buildkit')).toEqual({
      labels: [
        ['a', '9'],
        ['b', '2'],
      ],
      ports: ['1/tcp', '2/tcp'],
      volumes: ['/a', '/b'],
    });
  });

  it('are their own where the stage has none', () => {
    expect(targetConfig(`FROM bb AS s\nLABEL a=1\n${between}`, 'buildkit')).toMatchObject({ ports: [], volumes: [] });
    expect(targetConfig(`FROM bb AS s\n${between}`, 'buildkit')).toEqual({ labels: [], ports: [], volumes: [] });
  });

  it('take nothing of a stage that is not built', () => {
    const text = 'FROM bb AS s\nLABEL a=1\nFROM s AS t\nLABEL b=2\nFROM s\nLABEL c=3\n';
    expect(targetConfig(text, 'buildkit').labels).toEqual([
      ['a', '1'],
      ['c', '3'],
    ]);
  });

  it('are their own with the classic builder', () => {
    expect(targetConfig(`FROM bb AS s\nLABEL a=1\nEXPOSE 1\nVOLUME /a\n${between}`, 'classic')).toEqual({
      labels: [['a', '1']],
      ports: ['1/tcp'],
      volumes: ['/a'],
    });
  });
});
