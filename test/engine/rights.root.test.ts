import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { layers } from '../../src/engine/layers.ts';
import { Lab } from '../build/lab.ts';
import { removeTempFolders } from '../temp-root.ts';
import { IMAGE, layeredRoot } from './layered-root.ts';

afterEach(removeTempFolders);

const by = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];

describe('a user who is not root', () => {
  it('is told that a data-root is closed, not that it is damaged', async () => {
    const lab = new Lab();
    const dataRoot = await layeredRoot();
    for (const args of [['images'], ['explain', IMAGE], ['ls', IMAGE], ['tree'], ['ps']]) {
      const { status, stderr } = lab.run(args, { by, dataRoot });
      expect([args, status, stderr]).toEqual([args, 6, expect.stringContaining('LL_NO_RIGHT')]);
    }
    lab.remove();
  });

  it('sees what may be seen: owners of files whose contents are closed', async () => {
    const lab = new Lab();
    const dataRoot = await layeredRoot();
    const [base] = layers({ dataRoot, image: IMAGE });
    execFileSync('chmod', ['-R', 'a+rX', dataRoot]);
    chmodSync(dirname(dataRoot), 0o755);
    chmodSync(join(dataRoot, 'overlay2', base?.cacheId ?? '', 'diff/su'), 0o600);
    expect(lab.ok(['ls', '-l', `${IMAGE}:/su`], { by, dataRoot })).toBe('-rwsr-xr-x 0 0 7 2020-09-13 12:26:40 su');
    expect(lab.ok(['cat', `${IMAGE}:/etc/a`], { by, dataRoot })).toBe('a again');
    const closed = lab.run(['cat', `${IMAGE}:/su`], { by, dataRoot });
    expect([closed.status, closed.stderr]).toEqual([6, expect.stringContaining('LL_NO_RIGHT')]);
    expect(lab.run(['explain', IMAGE], { by, dataRoot }).status).toBe(0);
    lab.remove();
  });
});
