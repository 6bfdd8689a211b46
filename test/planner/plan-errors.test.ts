import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { LayerlabError } from '../../src/errors/layerlab-error.ts';
import { plan } from './fixtures.ts';

interface Golden {
  readonly name: string;
  readonly dockerfile: string;
  /** The last line of the failed build, null where it went through. */
  readonly buildkit: string | null;
  readonly classic: string | null;
}

const golden = JSON.parse(
  readFileSync(new URL('./fixtures/errors.json', import.meta.url), 'utf8'),
) as readonly Golden[];

/** Where layerlab answers on purpose otherwise than the daemon, and with which code (undefined: it plans it). */
const own: Readonly<Record<string, Readonly<Partial<Record<'buildkit' | 'classic', string | undefined>>>>> = {
  // Labs features, which the daemon's own frontend does not know.
  // Features that are not built.
  plat2: { buildkit: 'LL_NOT_FOUND' },
  // Frontends are never fetched, lint rules are not the planner's.
  syntax: { buildkit: undefined },
  checkbad: { buildkit: undefined },
  checkerr: { buildkit: undefined },
  // The daemon looks these up in a registry, or panics.
  imgmiss: { buildkit: 'LL_NOT_FOUND', classic: 'LL_NOT_FOUND' },
  argonly: { classic: 'LL_PARSE' },
  empty: { classic: 'LL_PARSE' },
  // Known only when the step runs.
  copyselfname: { classic: undefined },
  copyfut: { classic: undefined },
  circ: { classic: undefined },
  copygit: { classic: undefined },
  copymulti: { classic: undefined },
  run0: { classic: undefined },
  addunk: {},
};

function attempt(golden: Golden, builder: 'buildkit' | 'classic'): LayerlabError | undefined {
  try {
    plan(golden.dockerfile, { builder });
    return undefined;
  } catch (error) {
    if (error instanceof LayerlabError) return error;
    throw error;
  }
}

describe.each(['buildkit', 'classic'] as const)('errors of Docker 28.5 with %s', (builder) => {
  it.each(golden.map((one) => [one.name, one] as const))('%s', (name, one) => {
    const error = attempt(one, builder);
    const differs = own[name];
    if (differs !== undefined && builder in differs) expect(error?.code).toBe(differs[builder]);
    else expect(error?.message ?? null).toBe(one[builder]);
    if (error !== undefined) {
      expect(error.location?.source).toBe(one.dockerfile);
      expect(error.location?.startLine).toBeGreaterThanOrEqual(1);
    }
  });
});
