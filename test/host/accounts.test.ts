import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hostAccounts, ROOT_ACCOUNT } from '../../src/host/accounts.ts';

describe('hostAccounts', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'layerlab-accounts-'));
    writeFileSync(
      join(folder, 'passwd'),
      'root:x:0:0::/:\nwww-data:x:33:33::/:\nalias:x:33:1::/:\nbad:x:x:\n:x:7:7:\n',
    );
    writeFileSync(join(folder, 'group'), 'root:x:0:\nd\u00efsk:x:6:a,b\n');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('gives the first name of a number, and none for a number that is nobody', () => {
    const accounts = hostAccounts(join(folder, 'passwd'), join(folder, 'group'));
    expect([0, 33, 7, 4242].map(accounts.user)).toEqual(['root', 'www-data', '', '']);
    expect([0, 6, 33].map(accounts.group)).toEqual(['root', 'd\u00c3\u00afsk', '']);
  });

  it('knows root where there are no files', () => {
    const accounts = hostAccounts(join(folder, 'none'), join(folder, 'none'));
    expect([accounts.user(0), accounts.group(0), accounts.user(1)]).toEqual(['root', 'root', '']);
    expect([ROOT_ACCOUNT.user(0), ROOT_ACCOUNT.user(33), ROOT_ACCOUNT.group(0)]).toEqual(['root', '', 'root']);
  });
});
