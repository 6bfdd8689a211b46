import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LayerlabError } from '../../src/errors/layerlab-error.ts';
import type { PlanOptions } from '../../src/planner/plan-options.ts';
import type { Step } from '../../src/planner/step.ts';
import type { Builder } from '../../src/profiles/builder-profile.ts';
import { fixtureBase, plan } from './fixtures.ts';

const builders = ['buildkit', 'classic'] as const;

function steps(text: string, builder: Builder = 'buildkit', options: Partial<PlanOptions> = {}): readonly Step[] {
  const made = plan(text, { builder, ...options });
  return made.stages[made.target]?.steps ?? [];
}

function rows(text: string, builder: Builder, options: Partial<PlanOptions> = {}): readonly (string | undefined)[] {
  return steps(text, builder, options).map((step) => step.createdBy ?? step.classic?.cmd.join(' '));
}

describe('stages', () => {
  const text =
    'FROM bb AS a\nRUN a\nFROM bb AS unused\nRUN u\nFROM bb AS c\nCOPY --from=A x /\nFROM c\nCOPY --from=0 y /\n';

  it('plans what the target needs with BuildKit, and everything before it with classic', () => {
    expect(plan(text).order).toEqual([0, 2, 3]);
    expect(plan(text).stages[3]?.needs).toEqual([0, 2]);
    expect(plan(text, { builder: 'classic' }).order).toEqual([0, 1, 2, 3]);
    expect(plan(text, { builder: 'classic', target: 'c' }).order).toEqual([0, 1, 2]);
  });

  it('asks for the images of needed stages only, each once', () => {
    const asked: string[] = [];
    const resolveBase: PlanOptions['resolveBase'] = (reference) => {
      asked.push(reference);
      return fixtureBase('bb');
    };
    plan('FROM no\nRUN x\nFROM bb AS a\nFROM bb\nCOPY --from=a x /\n', { resolveBase });
    expect(asked).toEqual(['bb']);
  });

  it('refuses a source that stands behind the stage', () => {
    expect(() => plan('FROM bb AS x\nCOPY --from=y a b\nFROM bb AS y\nFROM x\n')).toThrow(
      'cannot copy from stage "y", it needs to be defined before current stage "x"',
    );
  });

  it('finds a stage that only a trigger needs', () => {
    const bb = fixtureBase('bb');
    if (bb === undefined) throw new Error('no base');
    const resolveBase: PlanOptions['resolveBase'] = (reference) =>
      reference === 'bb' ? bb : { ...bb, config: { ...bb.config, onBuild: ['COPY --from=tool /t /t'] } };
    const made = plan('FROM bb AS tool\nRUN make\nFROM trig\n', { resolveBase });
    expect(made.order).toEqual([0, 1]);
    expect(made.stages[1]?.steps[0]?.action).toMatchObject({ from: { kind: 'stage', index: 0 } });
  });

  it('names an image that is no stage', () => {
    const [copy] = steps('FROM bb\nCOPY --from=Other/x:1 a /\n'.replace('Other', 'other'));
    expect(copy?.action).toMatchObject({ from: { kind: 'image', reference: 'other/x:1' } });
  });

  it('takes thousands of stages', () => {
    const many = Array.from({ length: 3000 }, (_, at) => `FROM ${at === 0 ? 'bb' : `s${at - 1}`} AS s${at}`).join('\n');
    for (const builder of builders) expect(plan(many, { builder }).order).toHaveLength(3000);
  });
});

describe('actions', () => {
  it.each([
    ['COPY a x', '/w/x', '/w/x'],
    ['COPY a x/', '/w/x/', '/w/x/'],
    ['COPY a .', '/w/', '/w'],
    ['COPY a ./', '/w/', '/w/'],
    ['COPY a ..', '/', '/'],
    ['COPY a /', '/', '/'],
    ['COPY a /x/.', '/x/', '/x/'],
    ['COPY a ../../../etc', '/etc', '/etc'],
  ])('%s goes to %s (buildkit) or %s (classic)', (line, buildkit, classic) => {
    const text = `FROM bb\nWORKDIR /w\n${line}\n`;
    expect(steps(text)[1]?.action).toMatchObject({ destination: buildkit });
    expect(steps(text, 'classic')[1]?.action).toMatchObject({ destination: classic });
  });

  it('gives RUN its environment in the order that the builder has', () => {
    // As `RUN ["env"]` prints it in Docker 28.5.
    const text = 'FROM bb\nENV a=1 b=2\nARG c=3\nENV d=4\nARG a=9\nENV b=5\nRUN ["env"]\n';
    const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
    const buildArgs = new Map([
      ['HTTP_PROXY', 'p'],
      ['no_proxy', 'q'],
    ]);
    expect(steps(text, 'buildkit', { buildArgs }).at(-1)?.action).toMatchObject({
      env: [path, 'c=3', 'd=4', 'a=9', 'b=5', 'HTTP_PROXY=p', 'http_proxy=p', 'NO_PROXY=q', 'no_proxy=q'],
      args: ['env'],
    });
    expect(steps(text, 'classic', { buildArgs }).at(-1)?.action).toMatchObject({
      env: [path, 'a=1', 'b=5', 'd=4', 'HTTP_PROXY=p', 'c=3', 'no_proxy=q'],
    });
  });

  it('hands on user, folder, network and volumes', () => {
    const text = 'FROM bb\nUSER u:g\nWORKDIR a\nVOLUME /v /b\nRUN x\n';
    const common = { kind: 'run', args: ['/bin/sh', '-c', 'x'], user: 'u:g', workingDir: '/a', network: 'none' };
    expect(steps(text).at(-1)?.action).toMatchObject({ ...common, volumes: [] });
    expect(steps(text, 'classic').at(-1)?.action).toMatchObject({ ...common, volumes: ['/b', '/v'] });
    expect(steps(text)[1]?.action).toEqual({ kind: 'workdir', path: '/a', user: 'u:g' });
    expect(steps(text, 'classic')[1]?.action).toEqual({ kind: 'workdir', path: '/a', user: '' });
  });

  it('lets a RUN choose its network', () => {
    expect(steps('FROM bb\nRUN --network=host x\n')[0]?.action).toMatchObject({ network: 'host' });
    expect(steps('FROM bb\nRUN x\n', 'buildkit', { network: 'host' })[0]?.action).toMatchObject({ network: 'host' });
  });

  it.each(['755', '0644', 'u=rwX,go=rX', '+x', 'a+rwX,o-w'])('takes --chmod=%s', (chmod) => {
    expect(steps(`FROM bb\nCOPY --chmod=${chmod} a /\n`)[0]?.action).toMatchObject({ chmod });
  });

  it('takes --link as an ordinary copy', () => {
    const [step] = steps('FROM bb\nCOPY --link a /x\n');
    expect(step).toMatchObject({ createdBy: 'COPY a /x # buildkit', display: 'COPY --link a /x' });
  });
});

// Asked of a Docker 28.5 daemon: its classic builder reads over the texts and goes on without them.
describe('here-documents of the classic builder', () => {
  it.each([
    ['RUN <<E\nx\nE', ['/bin/sh', '-c', '<<E']],
    ['RUN cat <<A > /x && cat <<B > /y\na\nA\nb\nB', ['/bin/sh', '-c', 'cat <<A > /x && cat <<B > /y']],
    ['RUN <<-"E" sh\n\tx\n\tE', ['/bin/sh', '-c', '<<-"E" sh']],
  ])('%j is a command without its text', (line, args) => {
    const { stages } = plan(`FROM bb\n${line}\n`, { builder: 'classic' });
    expect(stages[0]?.steps[0]).toMatchObject({ action: { kind: 'run', args }, classic: { cmd: args } });
  });

  it('are no sources', () => {
    const { stages } = plan('FROM bb\nCOPY a <<E /x\nx\nE\n', { builder: 'classic' });
    expect(stages[0]?.steps[0]?.action).toMatchObject({ sources: ['a'], documents: [] });
  });
});

describe('what is not needed', () => {
  it('is not looked at in a stage that is not needed', () => {
    expect(plan('FROM bb AS a\nRUN --mount=type=cache,target=/c x\nFROM bb\n').order).toEqual([1]);
  });
});

// Asked of a Docker 20.10.24 daemon.
describe('compat 20.10', () => {
  const options: Partial<PlanOptions> = { compat: '20.10', buildArgs: new Map([['x', 'G']]) };
  const text = [
    'FROM bb',
    'HEALTHCHECK --interval=5m --retries=3 CMD ["a","b"]',
    'EXPOSE 80 81/udp',
    'ARG x',
    'ARG y=1',
    'ARG x=2',
    'RUN true',
    'WORKDIR /x/../../y',
    'WORKDIR ../r',
    'COPY --chown=1:2 Dockerfile /z',
  ].join('\n');

  it('has the rows of its BuildKit', () => {
    expect(rows(text, 'buildkit', options)).toEqual([
      'HEALTHCHECK &{["CMD" "a" "b"] "5m0s" "0s" "0s" \'\\x03\'}',
      'EXPOSE map[80/tcp:{} 81/udp:{}]',
      'ARG x',
      'ARG y=1',
      'ARG x=2',
      'RUN |3 x=G y=1 x=G /bin/sh -c true # buildkit',
      'WORKDIR /x/../../y',
      'WORKDIR /r',
      'COPY Dockerfile /z # buildkit',
    ]);
  });

  it('has the rows of its classic builder', () => {
    expect(rows(text, 'classic', options)).toEqual([
      '/bin/sh -c #(nop)  HEALTHCHECK &{["CMD" "a" "b"] "5m0s" "0s" "0s" \'\\x03\'}',
      '/bin/sh -c #(nop)  EXPOSE 80 81/udp',
      '/bin/sh -c #(nop)  ARG x',
      '/bin/sh -c #(nop)  ARG y=1',
      '/bin/sh -c #(nop)  ARG x=2',
      '|2 x=G y=1 /bin/sh -c true',
      '/bin/sh -c #(nop) WORKDIR /x/../../y',
      '/bin/sh -c #(nop) WORKDIR /r',
      '/bin/sh -c #(nop) COPY --chown=1:2$' + '{HASH} in /z ',
    ]);
  });

  it('does not know TARGETSTAGE', () => {
    const lines = 'FROM bb\nARG TARGETSTAGE\nARG TARGETARCH\nRUN x';
    expect(rows(lines, 'buildkit', { compat: '20.10' }).at(-1)).toBe(
      'RUN |2 TARGETSTAGE= TARGETARCH=amd64 /bin/sh -c x # buildkit',
    );
  });
});

describe('planBuild never fails otherwise than with a LayerlabError', () => {
  const word = fc.constantFrom(
    'a',
    '$a',
    '"x y"',
    `\${b:-c}`,
    '--from=0',
    '--chown=1',
    '80/tcp',
    '["a"]',
    '.',
    '/',
    `\${`,
    '"',
    '=',
    'k=v',
  );
  const keyword = fc.constantFrom(
    ...['ADD', 'ARG', 'CMD', 'COPY', 'ENTRYPOINT', 'ENV', 'EXPOSE', 'FROM bb AS', 'FROM', 'HEALTHCHECK CMD', 'LABEL'],
    ...['MAINTAINER', 'ONBUILD RUN', 'ONBUILD', 'RUN', 'SHELL', 'STOPSIGNAL', 'USER', 'VOLUME', 'WORKDIR'],
  );
  const line = fc.tuple(keyword, fc.array(word, { maxLength: 4 })).map(([key, words]) => [key, ...words].join(' '));

  it.each(builders)('%s', (builder) => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        try {
          return plan(`FROM bb\n${lines.join('\n')}\n`, { builder }).stages.length > 0;
        } catch (error) {
          if (!(error instanceof LayerlabError)) throw error;
          return error.location !== undefined;
        }
      }),
      { numRuns: 3000 },
    );
  });
});
