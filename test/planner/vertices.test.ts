import { describe, expect, it } from '@jest/globals';
import { planVertices } from '../../src/planner/vertices.ts';
import { plan } from './fixtures.ts';

const names = (text: string): readonly string[] => planVertices(plan(text)).vertices.map(({ name }) => name);

describe('the work of a plan', () => {
  // The names and which of them are one: what Docker 28.5 printed for the same files.
  it('is one where two stages do the same, with the name of the last', () => {
    expect(
      names(
        'FROM bb AS c\nRUN echo same\nFROM bb AS d\nRUN echo same\nFROM scratch\nCOPY --from=c /u /c\nCOPY --from=d /u /d\n',
      ),
    ).toEqual([
      '[d 1/2] FROM docker.io/library/bb:latest',
      '[d 2/2] RUN echo same',
      '[stage-2 1/2] COPY --from=c /u /c',
      '[stage-2 2/2] COPY --from=d /u /d',
    ]);
  });

  it('has images that files are taken from, which are one with bases', () => {
    expect(names('FROM bb AS a\nCOPY --from=bb /bin/busybox /x\nFROM a AS b\nRUN ls\n')).toEqual([
      'FROM docker.io/library/bb:latest',
      '[a 2/2] COPY --from=bb /bin/busybox /x',
      '[b 1/1] RUN ls',
    ]);
  });

  it('differs by what a step stands on, by its variables and by what it takes from', () => {
    const count = (text: string): number => planVertices(plan(text)).vertices.length;
    const both = 'FROM scratch\nCOPY --from=a /x /a\nCOPY --from=b /x /b\n';
    expect(count(`FROM bb AS a\nRUN x\nRUN x\nFROM bb AS b\nRUN x\n${both}`)).toBe(5);
    expect(count(`FROM bb AS a\nENV A=1\nRUN x\nFROM bb AS b\nENV A=2\nRUN x\n${both}`)).toBe(5);
    expect(count(`FROM bb AS a\nRUN x\nFROM bb AS b\nENV A=2\nUSER 7\n${both}`)).toBe(4);
    const takes = 'FROM bb AS p\nRUN p\nFROM bb AS q\nRUN q\n';
    expect(count(`${takes}FROM bb AS a\nCOPY --from=p /x /\nFROM bb AS b\nCOPY --from=q /x /\n${both}`)).toBe(7);
    expect(count(`${takes}FROM bb AS a\nCOPY --from=p /x /\nFROM bb AS b\nCOPY --from=0 /x /\n${both}`)).toBe(5);
  });

  // Docker 28.5: `--no-cache-filter c` runs what stands on c too; what copies from it goes by the files.
  it('is built anew where it stands on what is', () => {
    const text = 'FROM bb AS c\nRUN x\nFROM c AS d\nRUN y\nFROM bb\nCOPY --from=d / /\nRUN z\n';
    const { vertices } = planVertices(plan(text), (stage) => stage.name === 'c');
    expect(vertices.map(({ name, noCache }) => [name, noCache])).toEqual([
      ['[c 1/2] FROM docker.io/library/bb:latest', false],
      ['[c 2/2] RUN x', true],
      ['[d 1/1] RUN y', true],
      ['[stage-2 2/3] COPY --from=d / /', false],
      ['[stage-2 3/3] RUN z', false],
    ]);
  });

  // The names are those of Docker 28.5, asked through BuildKit's own API.
  it('has named contexts in place of stages, bases and sources', () => {
    const contexts = new Map([
      ['o', { kind: 'folder' as const }],
      ['xx', { kind: 'image' as const, reference: 'bb', shown: 'bb:latest' }],
    ]);
    const named = (text: string) => planVertices(plan(text, { contexts })).vertices.map(({ name }) => name);
    expect(named('FROM bb AS o\nRUN exit 9\nFROM bb\nCOPY --from=o f /o/\nCOPY --from=0 f /p\n')).toEqual([
      '[stage-1 1/3] FROM docker.io/library/bb:latest',
      '[stage-1 2/3] COPY --from=o f /o/',
      '[stage-1 3/3] COPY --from=0 f /p',
    ]);
    expect(named('FROM docker.io/library/xx:latest\nRUN echo\n')).toEqual(['[context xx] bb:latest', '[1/2] RUN echo']);
    expect(named('FROM bb\nCOPY --from=o . /o/\n')).toEqual([
      '[stage-0 1/2] FROM docker.io/library/bb:latest',
      '[stage-0 2/2] COPY --from=o . /o/',
    ]);
    // As Docker 28.5 numbers the steps on a folder.
    expect(named('FROM o AS q\nRUN x\nFROM q\nCOPY --from=o . /o/\n')).toEqual([
      '[context o] load from client',
      '[q 1/2] RUN x',
      '[stage-1 1/1] COPY --from=o . /o/',
    ]);
  });

  it('is built anew where any stage that it stands in is', () => {
    const text =
      'FROM bb AS a\nRUN x\nFROM bb AS b\nRUN x\nRUN y\nFROM scratch\nCOPY --from=b / /\nCOPY --from=a / /\n';
    const { vertices } = planVertices(plan(text), (stage) => stage.name === 'b');
    expect(vertices.map(({ noCache }) => noCache)).toEqual([false, true, true, false, false]);
  });
});
