import { describe, expect, it } from '@jest/globals';
import type { CopyAction } from '../../src/planner/step.ts';
import { plan } from './fixtures.ts';

const SHA = 'dacf36547c7774a0a170806363b5d412991fbc0d6260b2c00b1d3a80a816c23f';

function actionOf(line: string, builder: 'buildkit' | 'classic' = 'buildkit'): CopyAction {
  const step = plan(`FROM bb\n${line}\n`, { builder }).stages[0]?.steps[0];
  return step?.action as CopyAction;
}

describe('what ADD fetches', () => {
  it('is known by its word; the rest is of the context', () => {
    const { sources, remotes, unpack } = actionOf('ADD a http://h/b git://h/c.git#d /x/');
    expect(sources).toEqual(['a', 'http://h/b', 'git://h/c.git#d']);
    expect([...remotes].map(([word, { kind }]) => [word, kind])).toEqual([
      ['http://h/b', 'http'],
      ['git://h/c.git#d', 'git'],
    ]);
    expect(unpack).toBeUndefined();
  });

  it('takes its flags with it, variables expanded', () => {
    const http = actionOf(`ADD --unpack --checksum=sha256:${SHA} http://h/b /x`);
    expect(http).toMatchObject({ unpack: true });
    expect(http.remotes.get('http://h/b')).toEqual({ kind: 'http', url: 'http://h/b', checksum: `sha256:${SHA}` });
    const git = actionOf('ADD --keep-git-dir --checksum=abc git://h/c.git /x').remotes.get('git://h/c.git');
    expect(git).toMatchObject({ kind: 'git', keepGitDir: true, checksum: 'abc', url: { remote: 'git://h/c.git' } });
    const query = actionOf('ADD git://h/c.git?keep-git-dir=1&commit=abc /x').remotes.get(
      'git://h/c.git?keep-git-dir=1&commit=abc',
    );
    expect(query).toMatchObject({ keepGitDir: true, checksum: 'abc' });
  });

  it('is a file of http(s) alone for classic, which passes over the flags', () => {
    const action = actionOf(`ADD --checksum=nonsense --keep-git-dir --unpack=false https://h/c.git /x`, 'classic');
    expect([...action.remotes.values()]).toEqual([{ kind: 'http', url: 'https://h/c.git', checksum: undefined }]);
    expect(action.unpack).toBeUndefined();
    expect(actionOf('ADD git://h/c.git /x', 'classic').remotes.size).toBe(0);
  });

  it('is nothing for github.com/... and for other letters, which are paths', () => {
    for (const word of ['github.com/a/b', 'HTTP://h/x', 'ftp://h/x', 'file:///x.git']) {
      expect(actionOf(`ADD ${word} /x`).remotes.size).toBe(0);
    }
  });

  // The last line of what Docker 28.5 said.
  it.each([
    [`ADD --checksum=sha256:${SHA} http://h/a http://h/b /x/`, "checksum can't be specified for multiple sources"],
    [`ADD --checksum=sha256:${SHA} Dockerfile /x`, 'checksum requires HTTP(S) or Git sources'],
    ['ADD --checksum=md5:abc http://h/a /x', 'unsupported digest algorithm'],
    [`ADD --checksum=sha512:${SHA} http://h/a /x`, 'invalid checksum digest length'],
    ['ADD --checksum=sha256:abc http://h/a /x', 'invalid checksum digest length'],
    ['ADD --checksum=foo http://h/a /x', 'invalid checksum digest format'],
    [`ADD --checksum=sha256:${SHA.toUpperCase()} http://h/a /x`, 'invalid checksum digest format'],
    ['ADD --keep-git-dir=false git://h/c.git?keep-git-dir=true /x', 'inconsistent keep-git-dir configuration'],
    ['ADD --checksum=a git://h/c.git?commit=b /x', 'checksum mismatch "a" != "b"'],
    ['ADD git://h/c.git?foo=bar /x', 'unexpected query "foo"'],
    ['COPY git://h/c.git /x', "source can't be a git ref for COPY"],
    ['COPY http://h/c /x', "source can't be a URL for COPY"],
  ])('%s: %s', (line, message) => {
    expect(() => actionOf(line)).toThrow(expect.objectContaining({ code: 'LL_PARSE', message }));
  });
});
