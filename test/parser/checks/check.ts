import { checkDockerfile } from '../../../src/parser/checks/check-dockerfile.ts';
import type { CheckBase, CheckInput } from '../../../src/parser/checks/check-input.ts';
import { parseDockerfile } from '../../../src/parser/parse-dockerfile.ts';
import { platformArgs } from '../../../src/planner/platforms.ts';

const platform = { os: 'linux', architecture: 'amd64' };

/** An image that is at hand, with nothing in its config. */
export const plainBase: CheckBase = {
  platform,
  env: new Map([['FROM_BASE', '1']]),
  hasShell: false,
  triggers: [],
};

/** Checks a text for linux/amd64; every image is at hand. */
export function check(text: string, input: Partial<CheckInput> = {}) {
  return checkDockerfile(parseDockerfile(text), {
    buildArgs: new Map(),
    predefined: platformArgs(platform, 'default'),
    platform,
    target: undefined,
    ignores: undefined,
    base: () => plainBase,
    ...input,
  });
}

/** What was found, as `line Rule: message`. */
export function found(text: string, input: Partial<CheckInput> = {}): readonly string[] {
  return check(text, input).findings.map(({ rule, message, range }) => `${range.startLine} ${rule}: ${message}`);
}
