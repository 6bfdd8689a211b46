import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { LayerlabError } from '../../src/errors/layerlab-error.ts';
import { sharpenLocation } from '../../src/parser/sharpen-location.ts';
import { plan } from '../planner/fixtures.ts';

interface Golden {
  readonly dockerfile: string;
  /** The last line of what Docker 28.5 says with BuildKit. */
  readonly message: string;
  readonly line: number;
  readonly column: number;
  /** What of that line the message is about: the daemon names lines only. */
  readonly underlined: string;
}

const golden = JSON.parse(
  readFileSync(new URL('./fixtures/error-places.json', import.meta.url), 'utf8'),
) as readonly Golden[];

async function failure(dockerfile: string, builder: 'buildkit' | 'classic' = 'buildkit'): Promise<LayerlabError> {
  try {
    plan(dockerfile, { builder });
  } catch (error) {
    if (error instanceof LayerlabError) return sharpenLocation(error);
    throw error;
  }
  throw new Error('nothing failed');
}

function underlined({ location }: LayerlabError): string {
  const lines = location?.source.split('\n').slice((location.startLine ?? 1) - 1, location.endLine) ?? [];
  const last = lines.length - 1;
  return lines
    .map((line, at) => line.slice(at === 0 ? location?.startColumn : 0, at === last ? location?.endColumn : undefined))
    .join('\n');
}

describe('messages of Docker 28.5, and the place they are about', () => {
  it.each(golden.map((one) => [JSON.stringify(one.dockerfile), one] as const))('%s', async (_, one) => {
    const error = await failure(one.dockerfile);
    const { startLine, startColumn } = error.location ?? {};
    expect([error.message, startLine, startColumn]).toEqual([one.message, one.line, one.column]);
    expect(underlined(error)).toBe(one.underlined);
  });

  it('a line above 65,535 bytes', async () => {
    const error = await failure(`FROM bb\nRUN ${'x'.repeat(65_532)}\nRUN y\n`);
    expect(error.message).toBe('dockerfile line greater than max allowed size of 65535');
    expect(error.location?.startLine).toBe(2);
  });

  it.each(['%', '#', '/', '^'])('a colon in front of %s, which has none', async (operator) => {
    const error = await failure(`FROM bb\nENV a=b\nENV c=x$\{a:${operator}x/}\n`);
    expect(error.message).toContain(`unsupported modifier (:${operator}) in substitution`);
    expect(underlined(error)).toBe(`x$\{a:${operator}x/}`);
  });

  it('of the classic builder', async () => {
    const error = await failure('FROM bb\nCOPY --link \\\n --chmod=644 a b\n', 'classic');
    expect(error.message).toContain('the --chmod option requires BuildKit.');
    expect([error.location?.startLine, underlined(error)]).toEqual([3, '--chmod=644']);
  });

  it('in one of several flags, words and lines', async () => {
    const error = await failure('FROM bb\nCOPY --exclude=a --exclude=b[ \\\n  --link a /b/\n');
    expect(error.message).toBe('invalid excludepatterns: [a b[]: syntax error in pattern');
    expect(underlined(error)).toBe('--exclude=b[');
  });
});
