import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LayerlabError } from '../../src/errors/layerlab-error.ts';
import { instructionKinds } from '../../src/parser/instruction.ts';
import { parseDockerfile, parseTrigger } from '../../src/parser/parse-dockerfile.ts';
import { builderProfile } from '../../src/profiles/builder-profile.ts';
import { syntax28 } from '../../src/profiles/dockerfile-syntax.ts';
import { cpuTime } from '../cpu-time.ts';

function first(text: string): unknown {
  return parseDockerfile(`FROM a\n${text}`).stages[0]?.instructions[0];
}

function message(text: string): string {
  try {
    parseDockerfile(text);
  } catch (error) {
    if (error instanceof LayerlabError) return error.message;
  }
  return '';
}

describe('the words of the classic builder', () => {
  it.each([
    ['', 'the Dockerfile (Dockerfile) cannot be empty'],
    ['# nothing\n', 'failed to parse Dockerfile: file with no instructions'],
    ['FROM a\nENV a\n', 'failed to parse Dockerfile: ENV must have two arguments'],
    ['FROM a\nENV =a\n', 'dockerfile parse error on line 2: ENV names can not be blank'],
  ])('%j: %s', (text, message) => {
    expect(() => parseDockerfile(text, { syntax: builderProfile('classic').syntax })).toThrow(
      expect.objectContaining({ message }),
    );
  });
});

describe('lines', () => {
  it('takes a byte order mark and CRLF', () => {
    const { stages } = parseDockerfile(Buffer.from('\ufeffFROM a\r\nRUN x \\\r\n  y\r\n', 'utf8'));
    expect(stages[0]?.instructions[0]).toMatchObject({ kind: 'RUN', words: ['x   y'], source: 'RUN x   y' });
  });

  it('drops comments and empty lines inside a continuation and warns of the latter', () => {
    const parsed = parseDockerfile('FROM a\nRUN x \\\n# no\n\n   # no\n  y # yes\n');
    expect(parsed.stages[0]?.instructions[0]).toMatchObject({ words: ['x   y # yes'] });
    expect(parsed.warnings).toEqual(['Empty continuation line found in: RUN x   y # yes']);
  });

  it('knows a doubled escape, blanks behind an escape, and one at the end of the file', () => {
    expect(first('RUN a\\\\\nRUN b')).toMatchObject({ words: ['a\\\\'] });
    expect(first('RUN a \\ \t\n b')).toMatchObject({ words: ['a  b'] });
    expect(first('RUN a \\')).toMatchObject({ words: ['a'] });
  });

  it('changes the escape, but only at the top', () => {
    expect(parseDockerfile('# syntax=x\n#Escape = `\nFROM a\nRUN x `\ny').stages[0]?.instructions).toHaveLength(1);
    expect(parseDockerfile('# foo=bar\n# escape=`\nFROM a\nRUN x `\nRUN y').stages[0]?.instructions).toHaveLength(2);
    expect(parseDockerfile('\n# escape=`\nFROM a\nRUN x `\nRUN y').directives.escapeToken).toBe('\\');
  });

  it('limits a line to 65535 bytes', () => {
    const limit = 'dockerfile line greater than max allowed size of 65535';
    expect(message(`FROM a\nRUN ${'x'.repeat(65531)}\n`)).toBe('');
    expect(message(`FROM a\nRUN ${'x'.repeat(65532)}\n`)).toBe(limit);
    expect(message(`FROM a\nRUN ${'\u00e9'.repeat(32766)}`)).toBe(limit);
    expect(message('x'.repeat(70_000))).toBe('file with no instructions');
  });

  it('gives ranges with 1-based lines and 0-based columns', () => {
    expect(first('\n  RUN a \\\n  bcd\n')).toMatchObject({
      range: { startLine: 3, endLine: 4, startColumn: 2, endColumn: 5 },
    });
  });
});

describe('instructions', () => {
  it('parses COPY flags with quotes', () => {
    expect(first('COPY --chown="a b" --link --exclude=x --exclude=\'y z\' --from=S s "t u" /d/')).toMatchObject({
      kind: 'COPY',
      chown: 'a b',
      link: true,
      from: 'S',
      excludes: ['x', 'y z'],
      sources: ['s', '"t', 'u"'],
      destination: '/d/',
    });
  });

  it('falls back from broken JSON, and refuses JSON with numbers', () => {
    expect(first('CMD [ "a", "b" ] ')).toMatchObject({ words: ['a', 'b'], shellForm: false });
    expect(first("CMD ['a']")).toMatchObject({ words: ["['a']"], shellForm: true });
    expect(first('COPY ["a b", "c"]')).toMatchObject({ sources: ['a b'], destination: 'c' });
    expect(message('FROM a\nCMD [1]')).toMatch(/strings only/);
  });

  it('reads inline documents', () => {
    const text = [
      'FROM a',
      'COPY <<A <<-"B" x /d/',
      ...['$x', 'A', '\ty', '\tB'],
      'RUN 3<<E cat',
      ...['z', 'E'],
      'RUN ["<<E"]',
      'ENV a=b',
    ].join('\n');
    const [copy, run, json, env, ...more] = parseDockerfile(text).stages[0]?.instructions ?? [];
    expect(copy).toMatchObject({
      inlineFiles: [
        { name: 'A', data: '$x\n', expand: true },
        { name: 'B', data: 'y\n', expand: false },
      ],
      sources: ['x'],
      range: { startLine: 2, endLine: 6 },
    });
    expect(run).toMatchObject({ words: ['3<<E cat'], heredocs: [{ name: 'E', fileDescriptor: 3, data: 'z\n' }] });
    expect([json?.kind, env?.kind, more]).toEqual(['RUN', 'ENV', []]);
  });

  // As Docker 28.5 reads them: only blanks and tabs, and none behind a dash.
  it.each([
    ['RUN << E\nx\nE\n', 'E'],
    ['RUN cat <<\t E > /x\nx\nE\n', 'E'],
    ['RUN cat << \\\n  E\nx\nE\n', 'E'],
    ['RUN cat 3<< "E"\nx\nE\n', 'E'],
    ['RUN cat << - E\nx\n-\n', '-'],
    ['RUN cat <<\n', undefined],
    ['RUN cat << \n', undefined],
    ['RUN cat <<- E\n', undefined],
    ['RUN cat << <E\n', undefined],
    ['RUN cat <<< E\n', undefined],
    ['RUN cat a<< E\n', undefined],
    ['RUN cat <<\v E\n', undefined],
    ['RUN cat <<\u00a0E\n', undefined],
  ])('takes blanks in front of a delimiter: %j', (text, name) => {
    const { heredocs } = first(text) as { heredocs: readonly { name: string; data: string }[] };
    expect(heredocs.map((one) => one.name)).toEqual(name === undefined ? [] : [name]);
  });

  it('keeps the trigger of ONBUILD with its documents', () => {
    expect(first('onbuild  RUN <<E\nx\nE\n')).toMatchObject({ kind: 'ONBUILD', expression: 'RUN <<E\nx\nE' });
    expect(parseTrigger('RUN <<E\nx\nE', syntax28)).toMatchObject({
      kind: 'RUN',
      heredocs: [{ name: 'E', data: 'x\n' }],
    });
  });

  it('sorts the words of EXPOSE and lower-cases stage names', () => {
    expect(first('EXPOSE 9 80 443/udp')).toMatchObject({ ports: ['443/udp', '80', '9'] });
    expect(parseDockerfile('FROM a AS Build').stages[0]?.name).toBe('build');
  });

  it('collects the ARGs in front of the first FROM', () => {
    const parsed = parseDockerfile('ARG a=1 b\nFROM $a\nARG c\n');
    expect(parsed.metaArgs[0]?.args).toEqual([
      { key: 'a', value: '1' },
      { key: 'b', value: undefined },
    ]);
    expect(parsed.stages[0]?.instructions).toHaveLength(1);
  });

  it('freezes what it hands out', () => {
    const parsed = parseDockerfile('FROM a\nENV a=b\n');
    expect(Object.isFrozen(parsed)).toBe(true);
    expect(Object.isFrozen(parsed.stages[0]?.instructions[0])).toBe(true);
  });
});

describe('parseDockerfile never fails otherwise than with a LayerlabError', () => {
  const attempt = (text: string | Buffer): boolean => {
    try {
      parseDockerfile(text);
      return true;
    } catch (error) {
      if (!(error instanceof LayerlabError)) throw error;
      return error.location !== undefined && error.message.length > 0;
    }
  };
  const piece = fc.oneof(
    fc.constantFrom(...instructionKinds, 'from', '<<EOF', '<<-"x"', 'EOF', '\\', '`', '\n', '\r\n', '# escape=`\n'),
    fc.constantFrom('--', '--chown=', '"', "'", '[', ']', '${', '}', '$', '=', ' ', '\t', '["a"', ',', 'AS', 'a=b'),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );

  it('for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => attempt(Buffer.from(bytes))),
      { numRuns: 1500 },
    );
  });

  it('for texts made of what Dockerfiles are made of', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => attempt(`FROM a\n${pieces.join('')}`)),
      { numRuns: 4000 },
    );
  });

  it.each([
    ['nested JSON', `RUN ${'['.repeat(60_000)}`],
    ['nested substitutions', `COPY <<${'${a:-'.repeat(12_000)} /x`],
    ['ONBUILDs in a row', `${'ONBUILD '.repeat(8000)}RUN x`],
    ['open quotes', `ENV ${'a="'.repeat(20_000)}`],
    ['escapes', `LABEL a=${'\\'.repeat(60_000)}`],
    ['blanks', `RUN${' \t'.repeat(30_000)}x`],
    ['announced documents', `RUN ${'<<A '.repeat(15_000)}\n${'A\n'.repeat(15_000)}`],
  ])('for %s, in little time', (_, text) => {
    const started = cpuTime();
    expect(attempt(`FROM a\n${text}\n`)).toBe(true);
    expect(cpuTime() - started).toBeLessThan(2000);
  });
});

describe('speed', () => {
  it('grows with the number of lines, not with its square', () => {
    const block =
      'RUN apt-get update && \\\n    apt-get install -y x\nENV A=1 B="two words"\nCOPY --chown=1:2 a b /c/\nLABEL q=w\n';
    const best = (blocks: number): number => {
      const text = `FROM a\n${block.repeat(blocks)}`;
      const times = Array.from({ length: 10 }, () => {
        const started = performance.now();
        parseDockerfile(text);
        return performance.now() - started;
      });
      return Math.min(...times);
    };
    best(200);
    // Eight times the lines, with room for a machine that does other things too: a square would be 64 times.
    expect(best(1600)).toBeLessThan(32 * best(200));
  });
});
