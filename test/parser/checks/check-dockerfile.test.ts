import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LayerlabError } from '../../../src/errors/layerlab-error.ts';
import { cpuTime } from '../../cpu-time.ts';
import { check, found, plainBase } from './check.ts';

const LEGACY = '"ENV key=value" should be used instead of legacy "ENV key value" format';

describe('check options', () => {
  it('skip rules by name or all of them', () => {
    expect(found('FROM a\nENV a b')).toEqual([`2 LegacyKeyValueFormat: ${LEGACY}`]);
    expect(found('# check=skip=LegacyKeyValueFormat\nFROM a\nENV a b')).toEqual([]);
    expect(found('# check=skip=all\nFROM a\nMAINTAINER b')).toEqual([]);
  });

  it('do not skip an experimental rule that is asked for, as docker', () => {
    const text = '# check=skip=all;experimental=CopyIgnoredFile\nFROM a\nCOPY a /\nENV a b';
    expect(found(text, { ignores: () => true })).toHaveLength(1);
    expect(found('FROM a\nCOPY a /', { ignores: () => true })).toEqual([]);
  });

  it('make findings an error', () => {
    const { error, findings } = check('# check=error=true\nFROM a\nMAINTAINER x\nENV a b');
    expect(findings).toHaveLength(2);
    expect(error).toMatchObject({
      code: 'LL_CHECK',
      message: 'lint violation found for rules: LegacyKeyValueFormat, MaintainerDeprecated',
    });
    expect(check('# check=error=true\nFROM a').error).toBeUndefined();
  });

  it.each([
    ['foo', 'failed to parse check options: invalid check option "foo"'],
    ['foo=1', 'failed to parse check options: invalid check option "foo"'],
    ['skip=A;error=maybe', /failed to parse check option "error=maybe"/],
  ])('that are none are refused: %s', (options, message) => {
    expect(() => check(`# check=${options}\nFROM a`)).toThrow(message);
  });

  it('end at a space in a directive, as docker reads it, and not in a build argument', () => {
    expect(found('# check=skip=A, LegacyKeyValueFormat\nFROM a\nENV a b')).toHaveLength(1);
    expect(() => check('# check=skip=A; error=true\nFROM a')).toThrow('invalid check option ""');
    const buildArgs = new Map([['BUILDKIT_DOCKERFILE_CHECK', 'skip=A , LegacyKeyValueFormat ; error = false']]);
    expect(found('FROM a\nENV a b', { buildArgs })).toEqual([]);
  });

  it('come from the build argument before the directive', () => {
    const args = (value: string) => ({ buildArgs: new Map([['BUILDKIT_DOCKERFILE_CHECK', value]]) });
    const text = '# check=error=true\nFROM a\nENV a b';
    expect(check(text, args('skip=all'))).toEqual({ findings: [], error: undefined });
    expect(() => check(text, args('x'))).toThrow(
      'failed to parse build-arg:BUILDKIT_DOCKERFILE_CHECK: invalid check option "x"',
    );
  });

  it('in a comment above an instruction count for it alone', () => {
    const text =
      'FROM a\n# check=skip=LegacyKeyValueFormat\nENV a b\nENV c d\n# check=nonsense\n# check=skip=all\nENV e f';
    expect(found(text)).toEqual([`4 LegacyKeyValueFormat: ${LEGACY}`]);
  });
});

describe('the checks', () => {
  it('know the exact word', () => {
    const [finding] = check(`FROM a\nENV A=1 \\\n    X=\${SECRT:-a}`).findings;
    expect(finding?.range).toMatchObject({ startLine: 2, endLine: 3 });
    expect(finding?.place).toEqual({ startLine: 3, endLine: 3, startColumn: 7, endColumn: 13 });
  });

  it('follow ONBUILD triggers of the base to where they act', () => {
    expect(found('FROM b AS a\nONBUILD ENV x $y\nFROM a\nENV Q=$x')).toEqual([
      "3 UndefinedVar: Usage of undefined variable '$y'",
      `3 LegacyKeyValueFormat: ${LEGACY}`,
    ]);
    const base = () => ({ ...plainBase, triggers: ['ENV v=1'] });
    expect(found('FROM b\nUSER $v', { base })).toEqual([]);
  });

  it('do not call a variable undefined where the base image is not at hand', () => {
    const base = () => undefined;
    expect(found('FROM far/away\nUSER $x', { base })).toEqual([]);
    expect(found('FROM scratch\nUSER $x', { base })).toHaveLength(1);
  });

  it('look at the stages that a target needs, or at all', () => {
    const text = 'FROM a AS one\nENV a b\nFROM a AS two\nENV a b\nFROM a AS three\nENV a b\nCOPY --from=one / /\n';
    const lines = (target: string | undefined) => check(text, { target }).findings.map(({ range }) => range.startLine);
    expect(lines(undefined)).toEqual([2, 4, 6]);
    expect(lines('three')).toEqual([2, 6]);
    expect(check(text, { target: 'thre' }).error?.message).toBe(
      'target stage "thre" could not be found (did you mean three?)',
    );
  });

  it('keep what they found when a line ends them', () => {
    const { findings, error } = check(`FROM a\nENV a b\nUSER \${x`);
    expect(findings).toHaveLength(1);
    expect(error).toMatchObject({ code: 'LL_PARSE', location: { startLine: 3 } });
  });

  it('stop at a limit', () => {
    const { findings, error } = check(`FROM a\n${'ENV a b\n'.repeat(2000)}`);
    expect(findings).toHaveLength(1000);
    expect(error?.code).toBe('LL_LIMIT');
  });

  it('stay quick with names, values and stages without end', () => {
    const started = cpuTime();
    const names = Array.from({ length: 6000 }, (_, index) => `v${index}`);
    check(
      `FROM a\nENV ${names.map((name) => `${name}=1`).join(' ')}\nUSER ${names.map((name) => `$${name}x`).join('')}`,
    );
    check(`FROM a\nENV a=aaaaaaaaaaaaaaaa\n${'ENV a=$a$a$a$a$a$a$a$a\n'.repeat(50)}`);
    check(`FROM a AS s0\n${Array.from({ length: 3000 }, (_, n) => `ENV e${n}=1\nFROM s${n} AS s${n + 1}`).join('\n')}`);
    expect(cpuTime() - started).toBeLessThan(10_000);
  });

  it('throw nothing but LayerlabError, whatever the text', () => {
    const word = fc.oneof(
      fc.constantFrom(
        ...[
          'FROM',
          'from',
          'AS',
          'scratch',
          'a',
          '$x',
          `\${x:-$y}`,
          `\${`,
          '"',
          "'",
          '\\',
          '\\\n',
          '\n',
          '\n\n',
          '#',
          '=',
        ],
        ...['# check=skip=all', '# check=error=true', '--platform=$TARGETPLATFORM', '--platform=a/b', '--from=a', '[]'],
        ...['ENV a b', 'ARG K', 'COPY', 'RUN', 'CMD x', 'EXPOSE 1:2/TCP', 'ONBUILD', 'WORKDIR x', 'HEALTHCHECK NONE'],
        ...['<<E', '\nE\n', '--mount=from=a,target=$z', '\r', '\ufeff', '\0', '\ud800', '%', '/', '//', ':', '**'],
      ),
      fc.string({ unit: 'binary', maxLength: 6 }),
    );
    const text = fc.array(word, { maxLength: 40 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(text, fc.option(word), fc.option(word), (body, target, option) => {
        const input = {
          target: target ?? undefined,
          ignores: () => true,
          ...(option === null ? {} : { buildArgs: new Map([['BUILDKIT_DOCKERFILE_CHECK', option]]) }),
        };
        for (const source of [body, `FROM a AS b\n${body}`]) {
          try {
            check(source, input);
          } catch (error) {
            expect(error).toBeInstanceOf(LayerlabError);
          }
        }
      }),
      { numRuns: 3000 },
    );
  });
});
