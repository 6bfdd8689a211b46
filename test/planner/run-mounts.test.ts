import { describe, expect, it } from '@jest/globals';
import type { PlannedMount, Step } from '../../src/planner/step.ts';
import { plan } from './fixtures.ts';

function steps(dockerfile: string): readonly Step[] {
  return plan(dockerfile).stages.flatMap((stage) => stage.steps);
}

function mounts(flags: string, before = ''): readonly PlannedMount[] {
  const action = steps(`FROM bb\n${before}RUN ${flags} true\n`).at(-1)?.action;
  return action?.kind === 'run' ? (action.mounts ?? []) : [];
}

describe('the mounts of a RUN', () => {
  it('resolve targets against WORKDIR, and keep the id as written', () => {
    expect(mounts('--mount=type=cache,target=rel/../x', 'WORKDIR /w\n')).toMatchObject([
      { kind: 'cache', target: '/w/x', id: 'x', from: { kind: 'scratch' }, sharing: 'shared', owner: undefined },
    ]);
  });

  it('expand variables of ENV and ARG', () => {
    expect(mounts('--mount=type=$T,target=$D/c,id=$I', 'ARG T=cache\nENV D=/tt I=ii\n')).toMatchObject([
      { kind: 'cache', target: '/tt/c', id: 'ii' },
    ]);
  });

  it('are in the order of their targets', () => {
    const flags = '--mount=type=tmpfs,target=/b --mount=type=tmpfs,target=/a';
    expect(mounts(flags).map(({ target }) => target)).toEqual(['/a', '/b']);
  });

  // Each as docker 28.5 showed it inside of the step.
  it.each([
    ['type=secret,id=a/x', '/run/secrets/x', 'a/x'],
    ['type=secret,target=/some/x', '/some/x', 'x'],
    ['type=secret,source=x', '/run/secrets/x', 'x'],
    ['type=secret,id=x,env=TOKEN', undefined, 'x'],
    ['type=secret,id=x,env=TOKEN,target=/s', '/s', 'x'],
    ['type=ssh', '/run/buildkit/ssh_agent.0', ''],
  ])('%s comes to %s', (text, target, id) => {
    expect(mounts(`--mount=${text}`)).toMatchObject([{ target, id }]);
  });

  it('hide the variables of secrets in progress', () => {
    const [step] = steps('FROM bb\nRUN --mount=type=secret,id=x,env=TOKEN echo $TOKEN\n');
    expect(step?.display).toBe('RUN --mount=type=secret,id=x,env=TOKEN echo ****');
    expect(step?.createdBy).toBe('RUN /bin/sh -c echo $TOKEN # buildkit');
  });

  it.each([
    ['--mount=type=bind', 'invalid mount target "/"'],
    ['--mount=type=cache,target=/', 'invalid mount target "/"'],
    ['--mount=type=tmpfs,target=$UNSET', 'invalid mount target "/"'],
    ['--mount=type=secret,id=x,target=/', 'invalid mount type SECRET for /'],
    ['--mount=type=ssh,target=/', 'invalid mount type SSH for /'],
  ])('%s is refused in the words of docker', (flags, message) => {
    expect(() => mounts(flags)).toThrow(message);
  });
});

describe('stages that a RUN mounts', () => {
  it('are built before it', () => {
    const { order } = plan('FROM bb AS a\nRUN 1\nFROM bb\nFROM bb\nRUN --mount=from=A,target=/x true\n');
    expect(order).toEqual([0, 2]);
  });

  it('may not come later in the file', () => {
    const lines = 'FROM bb AS a\nRUN --mount=from=Late,target=$X true\nFROM bb AS late\nRUN 1\nFROM a\n';
    expect(() => plan(lines)).toThrow(
      'cannot mount from stage "Late" to "$X", stage needs to be defined before current command',
    );
  });

  it('are not meant by a number, which is the name of an image', () => {
    const built = plan('FROM bb AS a\nFROM bb\nRUN --mount=from=0,target=/x true\n');
    expect(built.order).toEqual([1]);
    expect(built.stages[1]?.steps[0]?.action).toMatchObject({ mounts: [{ from: { kind: 'image', reference: '0' } }] });
  });

  it.each([
    ['FROM bb AS self\nRUN --mount=from=self,target=/x true\n', 'self'],
    ['FROM bb AS a\nRUN --mount=from=b,target=/x true\nFROM bb AS b\nCOPY --from=a /x /x\n', 'a'],
  ])('may not need each other in a circle', (dockerfile, stage) => {
    expect(() => plan(dockerfile)).toThrow(`circular dependency detected on stage: ${stage}`);
  });
});
