import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Lab } from './lab.ts';

// Needs root: it builds as another user too.
describe('layers of Docker 20.10 below', () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
  });
  afterEach(() => lab.remove());

  it('are read the same from the disk and from their headers, which have the kind of a file in the mode', () => {
    const plain = join(lab.home, 'plain');
    mkdirSync(plain);
    chownSync(plain, 65534, 65534);
    lab.write('d/a', 'a\n');
    lab.write('b', 'b\n');
    const build = (dockerfile: string, compat: string): readonly string[] => {
      lab.write('Dockerfile', dockerfile);
      const args = ['--compat', compat, '--timestamp', '1000000000', '-t', 'below'];
      const by = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
      return [lab.build(args), lab.build(args, { by, dataRoot: plain })];
    };
    for (const [dockerfile, compat] of [
      ['FROM scratch\nCOPY d /d\n', '20.10'],
      ['FROM below\nCOPY b /d/b\nCOPY --from=below /d /e\n', '28'],
    ] as const) {
      const [asRoot, asOther] = build(dockerfile, compat);
      expect(asOther).toBe(asRoot);
    }
  });
});
