import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LayerlabError } from '../../src/errors/layerlab-error.ts';
import { toByteString } from '../../src/formats/bytestring.ts';
import { checkDockerfile } from '../../src/parser/checks/check-dockerfile.ts';
import { parseDockerignore } from '../../src/parser/dockerignore.ts';
import { instructionKinds } from '../../src/parser/instruction.ts';
import { parseDockerfile } from '../../src/parser/parse-dockerfile.ts';
import { sharpenLocation } from '../../src/parser/sharpen-location.ts';
import { sourcePlace } from '../../src/planner/copy-filter.ts';
import { planBuild } from '../../src/planner/plan-build.ts';
import { variableOrigins } from '../../src/planner/variable-origins.ts';
import { cpuTime } from '../cpu-time.ts';
import { defaultOptions } from './fixtures.ts';

const resolveBase = () => defaultOptions.resolveBase('bb');

/** Everything that reads a text: nothing of it may fail otherwise than with a LayerlabError, whose place can be shown. */
async function readEverything(text: string | Buffer): Promise<void> {
  const attempts = (['buildkit', 'classic'] as const).flatMap((builder) => [
    () => {
      const dockerfile = parseDockerfile(text);
      const options = { ...defaultOptions, builder, resolveBase };
      return variableOrigins(dockerfile, planBuild(dockerfile, options), options);
    },
  ]);
  const check = () =>
    checkDockerfile(parseDockerfile(text), {
      buildArgs: new Map(),
      predefined: new Map(),
      platform: { os: 'linux', architecture: 'amd64' },
      target: undefined,
      ignores: () => true,
      base: () => undefined,
    });
  for (const attempt of [...attempts, check]) {
    try {
      attempt();
    } catch (error) {
      if (!(error instanceof LayerlabError)) throw error;
      expect(error.message).not.toBe('');
      await sharpenLocation(error);
    }
  }
}

const long = (piece: string, bytes = 65_000): string => piece.repeat(Math.floor(bytes / Buffer.byteLength(piece)));
const numbered = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, at) => line(at)).join('\n');

describe('hostile Dockerfiles are read in little time', () => {
  // The slowest of them takes about a second on one core that is not busy; without bounds, minutes or all memory.
  it.each([
    ['10,000 documents', `FROM bb\n${'RUN <<E\nx\nE\n'.repeat(10_000)}`],
    ['10,000 documents that are copied', `FROM bb\n${numbered(10_000, (at) => `COPY <<F${at} /x\n$a\nF${at}`)}`],
    ['a document of many lines', `FROM bb\nCOPY <<E /x\n${`$a \${b:-x} \\\\ "\n`.repeat(50_000)}E\n`],
    ['documents that never end', `FROM bb\n${'RUN <<E\n'.repeat(20_000)}`],
    ['millions of backslashes', `FROM bb\nRUN ${`${'\\'.repeat(60_000)} \\\n`.repeat(40)}x\n`],
    ['a million continued lines', `FROM bb\nRUN x ${'\\\n'.repeat(1_000_000)}`],
    ['a million comments', `${'# c\n'.repeat(1_000_000)}FROM bb\n`],
    ['a million comments in a line', `FROM bb\nRUN x \\\n${'# c\n'.repeat(1_000_000)} y\n`],
    ['NUL bytes', `FROM bb\nENV a=${long('\0')}\nRUN ${long('\0 ')}\n`],
    ['bytes that are no UTF-8', Buffer.concat([Buffer.from('FROM bb\nENV a='), Buffer.alloc(20_000, 0xff)])],
    ['half a surrogate', `FROM bb\nENV a=${long('\ud800')}\nRUN ${long('\udc00')}\n`],
    ['blanks behind a directive', `# syntax = x${long(' ')}\0\nFROM bb\n`],
    ['blanks in front of a directive', `#${long(' ')}\nFROM bb\n`],
    ['check options', `# check=skip=${long('A,')}\nFROM bb\n`],
    ['a pattern in a substitution', `FROM bb\nENV a=${'a'.repeat(20_000)}\nENV b=\${a//${'*a'.repeat(4000)}b/x}\n`],
    ['a costly pattern', `FROM bb\nENV a=${'a'.repeat(60_000)}\nENV b=\${a//${'?'.repeat(30_000)}b/x}\n`],
    ['nested substitutions', `FROM bb\nENV a=${`\${a:-`.repeat(12_000)}${'}'.repeat(12_000)}\n`],
    ['values that double', `FROM bb\nENV a=aaaaaaaa\n${'ENV a=$a$a\n'.repeat(60)}`],
    ['values with blanks that double', `FROM bb\nENV a="a b c d"\n${'ENV a=$a$a\n'.repeat(60)}`],
    ['every port, over and over', `FROM bb\nEXPOSE ${long('1-65535 ')}\n`],
    ['every port on many lines', `FROM bb\n${'EXPOSE 1-65535\n'.repeat(1000)}`],
    ['exclusions', `FROM bb\nCOPY ${long('--exclude=**/a*[a-z]b ')} b c\n`],
    ['one exclusion', `FROM bb\nCOPY --exclude=${long('**/')}x a b\n`],
    ['an open class', `FROM bb\nCOPY --exclude=${long('[')} a b\n`],
    ['pivots', `# syntax=docker/dockerfile:1\nFROM bb\nCOPY --parents ${long('a/./')}x /b\n`],
    ['modes', `FROM bb\nCOPY --chmod=${long('u+r,')}! a b\n`],
    ['mounts', `FROM bb\nRUN ${long('--mount=type=bind,target=/x ')}x\n`],
    ['quotes in a flag', `FROM bb\nCOPY --chown=${long('"\\')} a b\n`],
    ['an image name', `FROM ${long('a__')}!\n`],
    ['stages', numbered(5000, (at) => `FROM bb AS s${at}\n${at > 0 ? `COPY --from=s${at - 1} a b` : ''}`)],
    ['global arguments', `${numbered(5000, (at) => `ARG k${at}=$k${at - 1}v`)}\nFROM bb\n`],
    ['a long unknown instruction', `FROM bb\n${long('x')} y\n`],
    ['a long unknown flag', `FROM bb\nCOPY --${long('x')} y z\n`],
    ['carriage returns', `FROM bb${'\r'.repeat(1_000_000)}`],
    ['a line of 65,535 bytes', `FROM bb\nRUN ${'x'.repeat(65_531)}\n`],
    ['a line of 65,536 bytes', `FROM bb\nRUN ${'x'.repeat(65_532)}\n`],
    ['a line of megabytes', `FROM bb\nRUN ${'x'.repeat(5_000_000)}\n`],
  ])('%s', async (_, text) => {
    const started = cpuTime();
    await readEverything(text);
    expect(cpuTime() - started).toBeLessThan(10_000);
  });
});

describe('any text', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      ...[
        ...instructionKinds,
        'FROM bb',
        'FROM bb AS x',
        '# syntax=docker/dockerfile:1-labs',
        '# escape=`',
        '# check=skip=all',
      ],
      ...['<<EOF', '<<-"x y"', 'EOF', '\\', '`', '\r', '\0', '\ufeff', '\ud800', '\u0085', '--', '--parents', '--link'],
      ...[
        '--exclude=*',
        '--exclude=!a',
        '--exclude=[',
        '--from=0',
        '--from=x',
        '--mount=type=bind,from=x',
        '--chmod=u+x',
      ],
      ...[
        'a/./b',
        '**/x',
        '$a',
        `\${a:-$b}`,
        `\${a//?*/x}`,
        `\${`,
        '}',
        '"',
        "'",
        '[',
        ']',
        '["a", "b"]',
        '80/tcp',
        '1-3',
        '=',
      ],
    ),
    fc.string({ unit: 'binary', maxLength: 5 }),
  );
  const lines = fc.array(
    fc.array(piece, { maxLength: 7 }).map((words) => words.join(' ')),
    { maxLength: 12 },
  );

  it('is read, or refused with a LayerlabError, by parser, planner and checks', async () => {
    await fc.assert(
      fc.asyncProperty(lines, fc.boolean(), (body, opened) =>
        readEverything(`${opened ? '# syntax=docker/dockerfile:1\nFROM bb\n' : ''}${body.join('\n')}`),
      ),
      { numRuns: 1500 },
    );
  });

  it('of any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), (bytes) =>
        readEverything(Buffer.concat([Buffer.from('FROM bb\n'), bytes])),
      ),
      { numRuns: 700 },
    );
  });
});

describe('patterns', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '*',
      '**',
      '/',
      '?',
      '[',
      ']',
      '[a-',
      '[^',
      '\\',
      '!',
      '.',
      '..',
      'a',
      'é',
      '\n',
      '#',
      ' ',
      '^',
      '$',
      '(',
      '|',
    ),
    fc.string({ unit: 'binary', maxLength: 3 }),
  );
  const text = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(''));
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof LayerlabError)) throw error;
    }
  };

  it('of a .dockerignore are read, or refused with a LayerlabError', () => {
    fc.assert(
      fc.property(text, text, (ignore, path) =>
        attempt(() => {
          const matcher = parseDockerignore(ignore);
          for (const isDir of [true, false]) matcher.ignores(toByteString(path), isDir);
          matcher.mayContainIncluded(toByteString(path), 'classic');
          matcher.mayContainIncluded(toByteString(path), 'buildkit');
        }),
      ),
      { numRuns: 5000 },
    );
  });

  it('of COPY never take something of a folder that may not hold it', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 3 }), text, text, fc.boolean(), (excludes, word, below, parents) =>
        attempt(() => {
          const { filter } = sourcePlace({ parents, excludes }, word);
          const names = toByteString(below)
            .split('/')
            .filter((name) => name !== '' && name !== '.' && name !== '..');
          const taken = filter === undefined || filter.takes(names.join('/'), false);
          if (names.length < 2 || !taken) return;
          const folder = names.slice(0, -1).join('/');
          expect(filter === undefined || filter.takes(folder, true) || filter.mayTakeBelow(folder)).toBe(true);
        }),
      ),
      { numRuns: 5000 },
    );
  });
});
