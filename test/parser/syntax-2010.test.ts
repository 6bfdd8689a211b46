import { describe, expect, it } from '@jest/globals';
import { processWord } from '../../src/parser/expand-word.ts';
import { parseDockerfile } from '../../src/parser/parse-dockerfile.ts';
import { builderProfile } from '../../src/profiles/builder-profile.ts';

const { syntax } = builderProfile('buildkit', '20.10');
const parse = (text: string, builder: 'buildkit' | 'classic' = 'buildkit') =>
  parseDockerfile(text, { syntax: builderProfile(builder, '20.10').syntax });

// Asked of a Docker 20.10.24 daemon, whose two builders share their parser.
describe('the Dockerfile language of Docker 20.10', () => {
  it.each([
    ['COPY --link a b', 'dockerfile parse error line 2: Unknown flag: link'],
    ['COPY --exclude=x a b', 'dockerfile parse error line 2: Unknown flag: exclude'],
    ['ADD --checksum=sha256:aa a b', 'dockerfile parse error line 2: Unknown flag: checksum'],
    ['ADD --keep-git-dir a b', 'dockerfile parse error line 2: Unknown flag: keep-git-dir'],
    ['RUN --network=none true', 'dockerfile parse error line 2: Unknown flag: network'],
    ['RUN --security=insecure true', 'dockerfile parse error line 2: Unknown flag: security'],
    ['HEALTHCHECK --start-interval=1s CMD x', 'dockerfile parse error line 2: Unknown flag: start-interval'],
    ['CMD --x true', 'dockerfile parse error line 2: Unknown flag: x'],
    ['COPY --from=0 --from=1 a b', 'dockerfile parse error line 2: Duplicate flag specified: from'],
    ['COPY --chown a b', 'dockerfile parse error line 2: Missing a value on flag: chown'],
    ['foo x', 'dockerfile parse error line 2: unknown instruction: FOO'],
    ['HEALTHCHECK --retries=0 CMD x', 'dockerfile parse error line 2: --retries must be at least 1 (not 0)'],
    ['HEALTHCHECK --retries=-1 CMD x', 'dockerfile parse error line 2: --retries must be at least 1 (not -1)'],
    ['ENV a', 'ENV must have two arguments'],
    ['RUN --mount=type=tmpfs,size=1m true', "dockerfile parse error line 2: unexpected key 'size' in 'size=1m'"],
    ['RUN --mount=type=secret,id=a,env=A true', "dockerfile parse error line 2: unexpected key 'env' in 'env=A'"],
    ['RUN --mount=targt=/x true', "dockerfile parse error line 2: unexpected key 'targt' in 'targt=/x'"],
    ['RUN --mount=type=foo true', 'dockerfile parse error line 2: unsupported mount type "foo"'],
  ])('refuses %s', (line, message) => {
    expect(() => parse(`FROM bb\n${line}\n`)).toThrow(new Error(message));
  });

  it('takes a here-document for a command and what follows for instructions', () => {
    expect(() => parse('FROM bb\nRUN <<EOF\necho\nEOF\n')).toThrow(
      'dockerfile parse error line 3: unknown instruction: ECHO',
    );
    const [stage] = parse('FROM bb\nCOPY <<a /b\n').stages;
    expect(stage?.instructions).toMatchObject([{ sources: ['<<a'], inlineFiles: [], destination: '/b' }]);
  });

  it('knows no check directive, so that a directive behind it is a comment', () => {
    expect(parse('# check=skip=all\n# escape=`\nFROM bb\n').directives).toEqual({
      escapeToken: '\\',
      syntax: undefined,
      check: undefined,
    });
    expect(() => parse('# escape=`\n# escape=`\nFROM bb\n')).toThrow('only one escape parser directive can be used');
  });

  it('names the file in classic where it is empty', () => {
    expect(() => parse('')).toThrow(new Error('the Dockerfile cannot be empty'));
    expect(() => parse('', 'classic')).toThrow(new Error('the Dockerfile (Dockerfile) cannot be empty'));
  });

  it.each([
    [`\${B#x}`, "missing ':' in substitution"],
    [`\${B/x/y}`, "missing ':' in substitution"],
    [`\${B-x}`, "missing ':' in substitution"],
    [`\${1B}`, "missing ':' in substitution"],
    [`\${B`, "missing ':' in substitution"],
    [`\${B:=x}`, 'unsupported modifier (=) in substitution'],
    [`\${B:#x}`, 'unsupported modifier (#) in substitution'],
    [`\${B:=x`, "syntax error: missing '}'"],
    [`\${B:?}`, 'B: is not allowed to be unset'],
    [`\${B:?foo}`, 'B: foo'],
    [`\${}`, 'syntax error: bad substitution'],
  ])('does not expand %s', (word, message) => {
    const { allSubstitutions } = syntax;
    expect(() => processWord(word, new Map(), { allSubstitutions })).toThrow(
      new Error(`failed to process "${word}": ${message}`),
    );
  });
});
